//! What must hold in every order of the tasks, in thousands of orders that are drawn.

mod election;
mod shutdown;

use std::env;

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

fn draw(runs: usize, test: impl Fn() + Clone + Send + Sync + 'static) {
    let seed = env::var("SHUTTLE_RANDOM_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or_else(|| fastrand::u64(..));
    println!("SHUTTLE_RANDOM_SEED={seed}");
    run(RandomScheduler::new_from_seed(seed, runs), test.clone());
    run(PctScheduler::new_from_seed(seed, 3, runs / 2), test);
}

fn run(scheduler: impl Scheduler + 'static, test: impl Fn() + Send + Sync + 'static) {
    let mut config = Config::new();
    config.stack_size = 0x4_0000;
    config.max_steps = MaxSteps::ContinueAfter(20_000);
    Runner::new(scheduler, config).run(move || {
        time::begin();
        fastrand::seed(1);
        test();
    });
}
