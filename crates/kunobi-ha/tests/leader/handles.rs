//! Handles of a term that is over, while a later one runs.

use std::time::{Duration, Instant};

use kunobi_ha::{
    Error,
    leader::{ElectionTrouble, LeaderElection, LeaderGuard, Release, StepDownReason},
};
use kunobi_ha_test::TestServer;
use tokio::{
    runtime::{Builder, Runtime},
    time::timeout,
};

use crate::elections::client;

/// An election whose runtime went away in its first term.
struct Orphaned {
    election: LeaderElection,
    old: LeaderGuard,
    /// The runtime on which it takes part again.
    here: Runtime,
    /// The runtime of the client.
    _clients: Runtime,
}

#[test]
fn a_guard_of_an_earlier_term_says_nothing_of_a_later_one() {
    let Orphaned { election, mut old, here, _clients } = Orphaned::new();
    assert!(!old.is_leader());
    let new = here.block_on(election.acquire()).unwrap();
    assert!(new.is_leader() && election.state().is_leader());
    assert!(!old.is_leader());
    assert!(old.valid_until() <= Instant::now());
    assert_eq!(here.block_on(old.lost()), StepDownReason::Cancelled);
    assert!(!old.is_leader());
    assert!(new.is_leader(), "and it has no say in it");
}

#[test]
fn a_guard_of_an_earlier_term_takes_nothing_from_a_later_one_when_it_is_dropped() {
    let Orphaned { election, old, here, _clients } = Orphaned::new();
    let new = here.block_on(election.acquire()).unwrap();
    drop(old);
    assert!(new.is_leader());
    let third = here.block_on(async { timeout(PATIENCE, election.acquire()).await });
    assert!(matches!(third, Ok(Err(Error::AlreadyLeading))), "{third:?}");
    assert_eq!(here.block_on(new.step_down()), Release::Released);
}

#[test]
fn a_guard_of_an_earlier_term_steps_down_from_nothing() {
    let Orphaned { election, old, here, _clients } = Orphaned::new();
    let new = here.block_on(election.acquire()).unwrap();
    assert_eq!(here.block_on(old.step_down()), Release::NotHeld);
    assert!(new.is_leader());
    let third = here.block_on(async { timeout(PATIENCE, election.acquire()).await });
    assert!(matches!(third, Ok(Err(Error::AlreadyLeading))), "{third:?}");
}

#[test]
fn a_task_that_went_away_is_told_until_the_next_candidacy_begins() {
    let Orphaned { election, old: _old, here, _clients } = Orphaned::new();
    let state = election.state();
    assert_eq!(state.alive(), Err(ElectionTrouble::TaskGone));
    let new = here.block_on(election.acquire()).unwrap();
    assert_eq!(state.alive(), Ok(()));
    here.block_on(new.step_down());
    assert_eq!(state.alive(), Ok(()));
}

impl Orphaned {
    fn new() -> Self {
        let clients = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let server = TestServer::new();
        let client = clients.block_on(async { client(&server, "a") });
        let election = LeaderElection::builder(client, "default", "l")
            .identity("a")
            .lease_duration(Duration::from_secs(1))
            .renew_deadline(Duration::from_millis(800))
            .retry_period(Duration::from_millis(100))
            .build();
        let gone = Builder::new_current_thread().enable_all().build().unwrap();
        let old = gone.block_on(election.acquire()).unwrap();
        drop(gone);
        // The guards' tasks run beside the test.
        let here = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        Self { election, old, here, _clients: clients }
    }
}

/// Longer than a refusal takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);
