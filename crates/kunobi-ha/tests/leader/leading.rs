//! One replica, from candidacy to release, over a real `kube::Client`.

use std::{
    pin::pin,
    sync::{Arc, OnceLock},
    task::{Context, Wake, Waker},
    time::Duration,
};

use crate::elections::{LEASE, client, election};
use kunobi_ha::{
    Error,
    leader::{LeaderElection, LeaderGuard, LeaderState, Release, StepDownReason},
};
use kunobi_ha_test::{Fault, Faults, TestServer};
use serde_json::json;

/// Asks as soon as it is woken, as a thread of its own could.
struct Asks {
    election: Arc<LeaderElection>,
    heard: OnceLock<Duration>,
}

#[tokio::test(start_paused = true)]
async fn the_documented_program_leads_and_releases() {
    let server = TestServer::builder().with_namespaces(["my-ns"]).build();
    let leader = LeaderElection::builder(client(&server, "a"), "my-ns", "my-operator")
        .lease_duration(Duration::from_secs(15))
        .renew_deadline(Duration::from_secs(10))
        .retry_period(Duration::from_secs(2))
        .build();
    let state = leader.state();
    let mut guard = leader.acquire().await.unwrap();
    assert!(state.is_leader());
    tokio::select! {
        reason = guard.lost() => panic!("{reason:?}"),
        () = async {} => {}
    }
    guard.step_down().await;
    assert!(!state.is_leader());
    let lease = server.get("/apis/coordination.k8s.io/v1/namespaces/my-ns/leases/my-operator");
    assert_eq!(lease.unwrap()["spec"]["holderIdentity"], json!(""));
}

// rule 3: the timer ends the term at send + D, and readers see it first
#[tokio::test(start_paused = true)]
async fn belief_ends_before_lost_resolves_although_a_renewal_hangs() {
    let server = TestServer::new();
    let leader = election(&server, "a").build();
    let state = leader.state();
    let mut guard = leader.acquire().await.unwrap();
    let began = tokio::time::Instant::now();
    server.set_faults("a", Faults { cut_requests: true, ..Faults::default() });
    assert_eq!(guard.lost().await, StepDownReason::RenewDeadlineExceeded);
    assert!(!state.is_leader() && !guard.is_leader());
    let lasted = began.elapsed();
    assert!(lasted <= Duration::from_millis(10_002), "{lasted:?}");
    assert!(lasted >= Duration::from_millis(9_990), "{lasted:?}");
}

#[tokio::test(start_paused = true)]
async fn a_second_replica_takes_over_after_a_release_within_a_retry_period() {
    let server = TestServer::new();
    let (a, b) = (election(&server, "a").build(), election(&server, "b").build());
    let first = a.acquire().await.unwrap();
    let second = tokio::spawn(async move { b.acquire().await });
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(first.term().transitions(), 0);
    let fence = first.term().fence();
    assert_eq!(first.step_down().await, Release::Released);
    let released = tokio::time::Instant::now();
    let second = second.await.unwrap().unwrap();
    assert!(released.elapsed() <= Duration::from_secs(2));
    assert!(second.term().fence() > fence);
    assert_eq!(second.term().transitions(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_dropped_guard_ends_leadership_at_once_and_releases_nothing() {
    let server = TestServer::new();
    let leader = election(&server, "a").build();
    let state = leader.state();
    let guard = leader.acquire().await.unwrap();
    drop(guard);
    assert!(!state.is_leader());
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(server.get(LEASE).unwrap()["spec"]["holderIdentity"], json!("a"));
    // It waits out its own old record like that of any other holder.
    let dropped = tokio::time::Instant::now();
    let _guard = leader.acquire().await.unwrap();
    assert!(dropped.elapsed() >= Duration::from_secs(13), "{:?}", dropped.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_second_acquire_is_refused_while_the_first_waits_or_leads() {
    let server = TestServer::new();
    let leader = election(&server, "a").build();
    let guard = leader.acquire().await.unwrap();
    assert!(matches!(leader.acquire().await, Err(Error::AlreadyLeading)));
    drop(guard);
    let waiting = leader.acquire();
    tokio::pin!(waiting);
    assert!(futures_poll(waiting.as_mut()).await.is_none());
    assert!(matches!(leader.acquire().await, Err(Error::AlreadyLeading)));
}

#[tokio::test(start_paused = true)]
async fn a_dropped_acquire_leaves_nothing_that_believes_and_can_be_repeated() {
    let server = TestServer::new();
    let leader = election(&server, "a").build();
    server.script("a", [Fault::Pass, Fault::Delay { before_ms: 100, after_ms: 1_000 }]);
    let tried = tokio::time::timeout(Duration::from_millis(500), leader.acquire()).await;
    assert!(tried.is_err(), "the create was not answered yet");
    assert!(!leader.state().is_leader());
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert!(!leader.state().is_leader());
    assert!(leader.acquire().await.unwrap().is_leader());
}

#[tokio::test(start_paused = true)]
async fn the_guard_outlives_the_election_it_came_from() {
    let server = TestServer::new();
    let guard = election(&server, "a").build().acquire().await.unwrap();
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert!(guard.is_leader());
    assert!(guard.valid_until() > std::time::Instant::now());
}

// rule 14: another holder ends the term at once
// rule 16: a lost term is not released
#[tokio::test(start_paused = true)]
async fn another_holder_ends_the_term_at_the_next_renewal() {
    let server = TestServer::new();
    let leader = election(&server, "a").build();
    let mut guard = leader.acquire().await.unwrap();
    server.edit(LEASE, |lease| lease["spec"]["holderIdentity"] = "x".into());
    let edited = tokio::time::Instant::now();
    assert_eq!(guard.lost().await, StepDownReason::HolderChanged);
    assert!(edited.elapsed() <= Duration::from_secs(2));
    assert_eq!(guard.step_down().await, Release::NotHeld);
    assert_eq!(server.get(LEASE).unwrap()["spec"]["holderIdentity"], json!("x"));
}

#[tokio::test(start_paused = true)]
async fn a_guard_still_says_why_its_term_ended_while_a_later_one_runs() {
    let server = TestServer::new();
    let leader = election(&server, "a").build();
    let mut first = leader.acquire().await.unwrap();
    server.edit(LEASE, |lease| lease["spec"]["holderIdentity"] = "x".into());
    while first.is_leader() {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    // It was not polled yet, and keeps no candidacy out.
    let second = leader.acquire().await.unwrap();
    assert_eq!(first.lost().await, StepDownReason::HolderChanged);
    assert_eq!(first.lost().await, StepDownReason::HolderChanged);
    assert!(second.is_leader() && !first.is_leader());
}

#[tokio::test(start_paused = true)]
async fn a_task_that_hears_of_a_loss_finds_how_long_to_wait_for_the_next_candidacy() {
    let server = TestServer::new();
    let leader = Arc::new(election(&server, "a").build());
    let mut guard = leader.acquire().await.unwrap();
    let asks = Arc::new(Asks { election: Arc::clone(&leader), heard: OnceLock::new() });
    let waker = Waker::from(Arc::clone(&asks));
    let mut lost = pin!(guard.lost());
    assert!(lost.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    server.edit(LEASE, |lease| lease["spec"]["holderIdentity"] = "x".into());
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(lost.await, StepDownReason::HolderChanged);
    assert_eq!(asks.heard.get(), Some(&Duration::from_secs(1)));
    assert_eq!(leader.flap_backoff(), Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn a_deleted_lease_is_created_again_and_leadership_goes_on() {
    let server = TestServer::new();
    let leader = election(&server, "a").build();
    let mut guard = leader.acquire().await.unwrap();
    let term = guard.term();
    assert!(server.delete(LEASE));
    let lost = tokio::time::timeout(Duration::from_secs(30), guard.lost()).await;
    assert!(lost.is_err() && guard.is_leader());
    assert_eq!(guard.term(), term);
    assert_eq!(server.get(LEASE).unwrap()["spec"]["holderIdentity"], json!("a"));
}

#[tokio::test(start_paused = true)]
async fn a_release_that_hangs_ends_with_its_budget_and_says_so() {
    let server = TestServer::new();
    let leader = election(&server, "a").build();
    let guard = leader.acquire().await.unwrap();
    server.set_faults("a", Faults { cut_requests: true, ..Faults::default() });
    let asked = tokio::time::Instant::now();
    let release = guard.step_down();
    assert!(!leader.state().is_leader(), "it ends with the call, not with the first poll");
    assert!(matches!(release.await, Release::StillHeld { .. }));
    assert!(asked.elapsed() <= Duration::from_millis(3_010), "{:?}", asked.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_follower_names_the_leader_and_tells_of_changes() {
    let server = TestServer::new();
    let (a, b) = (election(&server, "a").build(), election(&server, "b").build());
    let guard = a.acquire().await.unwrap();
    let mut state = b.state();
    let _following = tokio::spawn(async move { b.acquire().await.map(|_| ()) });
    while state.leader_identity().as_deref() != Some("a") {
        state.changed().await;
    }
    assert!(!state.is_leader() && state.term().is_none() && state.time_left().is_none());
    assert_eq!(a.state().term(), Some(guard.term()));
}

#[test]
fn public_types_can_go_anywhere() {
    fn anywhere<T: Send + Sync + std::fmt::Debug + 'static>() {}
    anywhere::<LeaderElection>();
    anywhere::<LeaderGuard>();
    anywhere::<LeaderState>();
    anywhere::<Error>();
}

impl Wake for Asks {
    fn wake(self: Arc<Self>) {
        self.heard.get_or_init(|| self.election.flap_backoff());
    }
}

async fn futures_poll<F: Future + Unpin>(mut future: F) -> Option<F::Output> {
    tokio::select! {
        biased;
        output = &mut future => Some(output),
        () = tokio::task::yield_now() => None,
    }
}
