//! Liveness: whether the election's task runs.

use std::{pin::pin, sync::mpsc, thread, time::Duration};

use kunobi_ha::{
    leader::{ElectionTrouble, LeaderElection, LeaderState, StepDownReason},
    readiness::{Health, LeaderGate},
};
use kunobi_ha_test::TestServer;
use tokio::{
    runtime::Builder,
    time::{Instant, sleep, timeout},
};

use super::{reason, status, until};
use crate::elections::election;

#[tokio::test(start_paused = true)]
async fn an_acquire_that_is_not_polled_is_dead_one_lease_duration_after_it_should_have_run() {
    let server = TestServer::new();
    let _leader = election(&server, "a").build().acquire().await.unwrap();
    let standby = election(&server, "b").build();
    let health = health(&standby.state());
    let mut contending = pin!(standby.acquire());
    poll_for(contending.as_mut(), Duration::from_secs(30)).await;
    let left = Instant::now();
    until(&health, "/livez", 503).await;
    // Its next read was due within a retry period.
    let took = left.elapsed();
    assert!(took > Duration::from_secs(15) && took <= Duration::from_millis(17_100), "{took:?}");
    let why = reason(&health, "/livez/leader-election");
    assert!(why.starts_with("the election has not run for 15."), "{why}");
    assert_eq!(standby.state().alive().is_err(), status(&health, "/livez") == 503);
    // When it is polled again, it is alive.
    poll_for(contending.as_mut(), Duration::from_secs(5)).await;
    assert_eq!(status(&health, "/livez"), 200);
}

#[tokio::test(start_paused = true)]
async fn an_election_that_does_not_take_part_is_alive() {
    let server = TestServer::new();
    let candidate = election(&server, "a").build();
    let state = candidate.state();
    sleep(HOUR).await;
    assert_eq!(state.alive(), Ok(()), "it has not begun");
    server.set_faults("a", kunobi_ha_test::Faults { refuse: true, ..Default::default() });
    timeout(Duration::from_secs(10), candidate.acquire()).await.unwrap_err();
    sleep(HOUR).await;
    assert_eq!(state.alive(), Ok(()), "it was given up");
    server.heal("a");
    let guard = candidate.acquire().await.unwrap();
    sleep(HOUR).await;
    assert_eq!(state.alive(), Ok(()), "it leads");
    guard.step_down().await;
    sleep(HOUR).await;
    assert_eq!(state.alive(), Ok(()), "it has stepped down");
    drop(candidate.acquire().await.unwrap());
    sleep(HOUR).await;
    assert_eq!(state.alive(), Ok(()), "its guard was dropped");
}

#[test]
fn a_term_whose_runtime_is_gone_is_dead_and_does_not_lead() {
    let runtime = || Builder::new_current_thread().enable_all().build().unwrap();
    for ran_for in [Duration::ZERO, Duration::from_millis(20)] {
        let candidate = LeaderElection::standalone();
        let state = candidate.state();
        let health = health(&state);
        let (first, second) = (runtime(), runtime());
        let mut guard = first.block_on(candidate.acquire()).unwrap();
        if !ran_for.is_zero() {
            first.block_on(async { sleep(ran_for).await });
        }
        assert!(guard.is_leader());
        drop(first);
        assert_eq!(state.alive(), Err(ElectionTrouble::TaskGone), "{ran_for:?}");
        assert!(!state.is_leader() && !guard.is_leader());
        assert_eq!((status(&health, "/livez"), status(&health, "/leaderz")), (503, 503));
        assert_eq!(reason(&health, "/livez/leader-election"), "the election's task is gone");
        let lost = second.block_on(async { timeout(Duration::from_secs(5), guard.lost()).await });
        assert_eq!(lost.unwrap(), StepDownReason::Cancelled);
    }
}

#[test]
fn a_runtime_that_is_blocked_is_noticed_from_outside() {
    let (tell, told) = mpsc::channel();
    let (unblock, blocked) = mpsc::channel::<()>();
    let runtime = thread::spawn(move || {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let client = kube::Client::new(TestServer::new().service("a"), "default");
            let candidate = LeaderElection::builder(client, "default", "l")
                .lease_duration(Duration::from_secs(1))
                .renew_deadline(Duration::from_millis(600))
                .retry_period(Duration::from_millis(100))
                .build();
            tell.send(candidate.state()).unwrap();
            let _guard = candidate.acquire().await.unwrap();
            // Block the runtime until the test has seen it.
            let _ = blocked.recv();
        });
    });
    let state = told.recv().unwrap();
    let health = health(&state);
    let deadline = std::time::Instant::now() + Duration::from_secs(20);
    while status(&health, "/livez") != 503 {
        assert!(std::time::Instant::now() < deadline);
        thread::sleep(Duration::from_millis(5));
    }
    assert!(matches!(state.alive(), Err(ElectionTrouble::Stalled(_))));
    assert!(!state.is_leader());
    drop(unblock);
    runtime.join().unwrap();
}

fn health(state: &LeaderState) -> Health {
    let health = Health::builder().expose_reasons(true);
    health.leader(state, LeaderGate::Ignore).build().unwrap()
}

async fn poll_for<F: Future + Unpin>(future: F, time: Duration)
where
    F::Output: std::fmt::Debug,
{
    timeout(time, future).await.expect_err("another replica leads");
}

const HOUR: Duration = Duration::from_secs(3_600);
