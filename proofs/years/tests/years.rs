//! A short form of the simulation, and bugs that its checker has to find.

use std::time::Duration;

use proof_years::{Options, Plan, Planted, Promise, corpus, simulate};

/// Of seeds that do not depend on tokio's random numbers; `scripts/proof-years.sh --times` checks any.
#[test]
fn equal_seeds_give_equal_runs() {
    for seed in [3, 5] {
        let plan = Plan::draw(seed, A_CYCLE);
        let [first, second] = [0, 1].map(|_| simulate(&plan, Options::default()));
        assert_eq!(first.hash, second.hash, "seed {seed}");
        assert_eq!(first.events, second.events, "seed {seed}");
        let other = simulate(&Plan::draw(seed + 100, A_CYCLE), Options::default());
        assert_ne!(first.hash, other.hash, "seed {seed}");
    }
}

#[test]
fn some_hours_break_no_promise() {
    let mut terms = 0;
    for seed in 1_000..1_008 {
        let outcome = simulate(&Plan::draw(seed, A_CYCLE), Options::default());
        assert!(outcome.broken.is_none(), "seed {seed}: {:?}", outcome.broken);
        terms += outcome.terms;
    }
    assert!(terms > 100, "{terms}");
}

#[test]
fn what_failed_once_fails_no_more() {
    for entry in corpus() {
        let outcome = simulate(&entry.plan(), Options::default());
        assert!(outcome.broken.is_none(), "{entry:?}: {:?}", outcome.broken);
    }
}

#[test]
fn planted_bugs_are_found() {
    for (bug, promise) in [
        (Planted::BlindServer, Promise::Overlap),
        (Planted::BlindServer, Promise::Chain),
        (Planted::EarlyLoss, Promise::Lost),
        (Planted::EarlyRelease, Promise::Release),
        (Planted::EndlessWork, Promise::Work),
        (Planted::ExtendedBelief, Promise::Backing),
        (Planted::KeptRequests, Promise::Requests),
        (Planted::LongBelief, Promise::Overlap),
        (Planted::SameFence, Promise::Fence),
        (Planted::SilentReport, Promise::Report),
        (Planted::Unhealed, Promise::Liveness),
    ] {
        let mut seeds = 1..=100;
        let found = seeds.find_map(|seed| {
            let plan = Plan::draw(seed, A_CYCLE);
            Some((seed, simulate(&plan, Options::plant(bug, promise)).broken?))
        });
        let (seed, broken) = found.unwrap_or_else(|| panic!("{bug:?} was not found"));
        println!("{bug:?}: seed {seed}: {broken}");
        assert_eq!(broken.promise, promise);
    }
}

/// Runs end with a cycle of storm and healing.
const A_CYCLE: Duration = Duration::from_secs(20 * 60);
