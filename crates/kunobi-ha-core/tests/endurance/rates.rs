//! The matrix: at most two requests a retry period in the long run, told within three, and ended
//! by `observe_timeout`.

use std::time::Duration;

use kunobi_ha_core::{Failure, TimingConfig};

use crate::endurance::{
    trouble::{Constant, SCOPES, STAGES, Scope, Stage, WATCHED, Watched, constants},
    world::{LATENCY, Seen, World, nanos},
};

/// One cell of the matrix.
#[derive(Clone, Copy, Debug)]
struct Cell {
    stage: Stage,
    constant: Constant,
    scope: Scope,
    watched: Watched,
}

fn timings() -> [TimingConfig; 2] {
    let long = TimingConfig::default()
        .lease_duration(Duration::from_secs(1800))
        .renew_deadline(Duration::from_secs(1200))
        .retry_period(Duration::from_secs(400));
    [TimingConfig::default(), long].map(|timing| {
        let retry = timing.retry_period;
        timing.observe_timeout(retry * 60).release_timeout(retry * 2)
    })
}

fn cells() -> impl Iterator<Item = Cell> {
    let cells = constants().into_iter().flat_map(|constant| {
        SCOPES.into_iter().flat_map(move |scope| {
            STAGES.into_iter().flat_map(move |stage| {
                WATCHED.map(move |watched| Cell { stage, constant, scope, watched })
            })
        })
    });
    cells.collect::<Vec<_>>().into_iter()
}

fn run(cell: Cell, timing: &TimingConfig) -> Seen {
    let mut world = World::at(cell.stage, timing.clone(), cell.watched);
    world.begin(cell.stage, cell.constant, cell.scope);
    let retry = nanos(timing.retry_period);
    world.run(world.seen.began + 200 * retry);
    world.seen
}

fn check(what: &str, fault: impl Fn(Cell, &TimingConfig, &Seen) -> Option<String>) {
    let mut faults = Vec::new();
    for timing in timings() {
        for cell in cells() {
            if let Some(fault) = fault(cell, &timing, &run(cell, &timing)) {
                faults.push(format!("{cell:?}, R {:?}: {fault}", timing.retry_period));
            }
        }
    }
    assert!(faults.is_empty(), "{what}: {} cells\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn nobody_is_asked_more_than_twice_a_retry_period_in_the_long_run() {
    check("too many requests", |_, timing, seen| {
        let retry = nanos(timing.retry_period);
        // A holder has a deadline, and rule 11; both deadlines are over by then.
        let from = seen.began + 10 * retry;
        let until = seen.failed.map_or(seen.began + 200 * retry, |(at, _)| at);
        let periods = until.saturating_sub(from) / retry;
        let sent = seen.sent.iter().filter(|at| **at >= from).count();
        let most = 2 * usize::try_from(periods).unwrap() + 4;
        (sent > most).then(|| format!("{sent} requests in {periods} periods"))
    });
}

#[test]
fn no_trouble_makes_a_busy_loop() {
    check("too many steps", |_, timing, seen| {
        let retry = nanos(timing.retry_period);
        let until = seen.failed.map_or(seen.began + 200 * retry, |(at, _)| at);
        let periods = (until - seen.began) / retry + 1;
        (seen.steps > 12 * periods + 60)
            .then(|| format!("{} steps in {periods} periods", seen.steps))
    });
}

#[test]
fn what_leads_nowhere_is_told_within_three_retry_periods() {
    check("silence", |_, timing, seen| {
        let by = *seen.fruitless.first()? + 3 * nanos(timing.retry_period);
        let lasting = seen.fruitless.iter().filter(|at| **at <= by).count() > 1;
        let told = seen.told.iter().any(|at| *at <= by);
        (lasting && !told && !seen.leads).then(|| format!("told at {:?}, not by {by}", seen.told))
    });
}

#[test]
fn what_leads_nowhere_ends_with_observe_timeout_and_not_before() {
    check("no end", |cell, timing, seen| {
        // Reads that fail do no harm to an elector that can write.
        if cell.scope == Scope::Reads && seen.leads {
            return None;
        }
        let Some((at, failure)) = seen.failed else {
            return Some(format!("goes on after {:?}", 200 * timing.retry_period));
        };
        let first = *seen.fruitless.first()?;
        // It counts from the send of the read that found something to write.
        let early = at + 3 * LATENCY < first + nanos(timing.observe_timeout);
        (failure == Failure::ObserveTimeout && early)
            .then(|| format!("ended at {at}, from {first}"))
    });
}
