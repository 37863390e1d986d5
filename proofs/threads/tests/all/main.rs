//! What must hold in every order of the tasks, in orders that are drawn.

mod election;
mod shutdown;

use std::{
    env,
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use shuttle::{
    Config, MaxSteps, Runner,
    scheduler::{PctScheduler, RandomScheduler, Scheduler},
};
use tokio::time;

/// Runs a test in orders that are drawn: uniformly, and by PCT, which finds what takes few preemptions.
/// `SHUTTLE_RANDOM_SEED` repeats a run.
fn in_many_orders<F: Future<Output = ()> + Send + 'static>(
    runs: usize,
    test: impl Fn() -> F + Clone + Send + Sync + 'static,
) {
    draw(runs, move || {
        let passing = shuttle::future::spawn(time::pass());
        shuttle::future::block_on(test());
        time::end();
        passing.abort();
    });
}

/// As [`in_many_orders`], but no timer ever fires: what waits for one has missed something.
fn in_no_time<F: Future<Output = ()> + Send + 'static>(
    runs: usize,
    test: impl Fn() -> F + Clone + Send + Sync + 'static,
) {
    draw(runs, move || shuttle::future::block_on(test()));
}

/// `SHUTTLE_RUNS` draws so many orders instead.
fn draw(runs: usize, test: impl Fn() + Clone + Send + Sync + 'static) {
    let seed = of_env("SHUTTLE_RANDOM_SEED").unwrap_or_else(|| fastrand::u64(..));
    let runs = of_env("SHUTTLE_RUNS").unwrap_or(runs);
    println!("SHUTTLE_RANDOM_SEED={seed}");
    let mut ended = run(RandomScheduler::new_from_seed(seed, runs), test.clone());
    ended += run(PctScheduler::new_from_seed(seed, 3, runs / 2), test);
    let all = runs + runs / 2;
    println!("{ended} of {all} orders ended within {MOST_STEPS} steps");
    assert!(ended * 10 >= all * 9, "too many do not end");
}

/// Returns how many runs have ended: shuttle says nothing of those that it cuts.
fn run(scheduler: impl Scheduler + 'static, test: impl Fn() + Send + Sync + 'static) -> usize {
    let mut config = Config::new();
    config.stack_size = 0x4_0000;
    config.max_steps = MaxSteps::ContinueAfter(MOST_STEPS);
    let ended = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&ended);
    Runner::new(scheduler, config).run(move || {
        time::begin();
        fastrand::seed(1);
        test();
        count.fetch_add(1, Ordering::Relaxed);
    });
    ended.load(Ordering::Relaxed)
}

fn of_env<T: FromStr>(name: &str) -> Option<T> {
    env::var(name).ok()?.parse().ok()
}

const MOST_STEPS: usize = 20_000;
