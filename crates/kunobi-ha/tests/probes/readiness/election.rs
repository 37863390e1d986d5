//! When an election is healthy: this replica leads, or could lead.

use std::time::Duration;

use kunobi_ha::{
    leader::{ElectionTrouble, LeaderElection, LeaderState},
    readiness::{Health, LeaderGate},
};
use kunobi_ha_test::{Faults, Role, TestServer};
use tokio::time::{Instant, sleep};

use super::{TRUST, reason, status, until};
use crate::{
    elections::{LEASE, election},
    log::Log,
};

#[tokio::test(start_paused = true)]
async fn there_is_a_grace_after_the_start_and_another_after_each_candidacy_begins() {
    let server = TestServer::new();
    server.set_faults("a", Faults { refuse: true, ..Faults::default() });
    let candidate = election(&server, "a").build();
    let health = health(&candidate.state());
    let built = Instant::now();
    until(&health, "/readyz", 503).await;
    assert_about(built.elapsed(), TRUST);
    let _contending = tokio::spawn(async move { drop(candidate.acquire().await) });
    let began = Instant::now();
    until(&health, "/readyz", 200).await;
    until(&health, "/readyz", 503).await;
    assert_about(began.elapsed(), TRUST);
    let why = reason(&health, "/readyz/leader-election");
    assert!(why.starts_with("no leader was seen for 19."), "{why}");
    assert!(why.contains("refused"), "with what the last request said: {why}");
}

#[tokio::test(start_paused = true)]
async fn a_standby_is_ready_as_long_as_the_leader_lives() {
    let server = TestServer::new();
    let _leader = election(&server, "a").build().acquire().await.unwrap();
    let standby = election(&server, "b").build();
    let health = health(&standby.state());
    let _contending = tokio::spawn(async move { drop(standby.acquire().await) });
    for _ in 0..240 {
        sleep(Duration::from_millis(500)).await;
        assert_eq!((status(&health, "/readyz"), status(&health, "/leaderz")), (200, 503));
        assert_eq!(status(&health, "/livez"), 200);
    }
}

#[tokio::test(start_paused = true)]
async fn a_standby_that_is_cut_off_stops_being_ready_after_its_patience() {
    let server = TestServer::new();
    let _leader = election(&server, "a").build().acquire().await.unwrap();
    let standby = election(&server, "b").build();
    let health = health(&standby.state());
    let _contending = tokio::spawn(async move { drop(standby.acquire().await) });
    sleep(Duration::from_secs(60)).await;
    server.set_faults("b", Faults { cut_requests: true, ..Faults::default() });
    let took = until(&health, "/readyz", 503).await;
    // At the cut, the last renewal that it has read is up to a poll and a renewal old.
    assert!(took + HEARD > TRUST && took <= TRUST + TICK, "{took:?}");
    assert!(reason(&health, "/readyz/leader-election").starts_with("no leader was seen for 19"));
    server.heal("b");
    let took = until(&health, "/readyz", 200).await;
    assert!(took < Duration::from_secs(30), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn a_leader_that_vanished_is_trusted_for_the_patience_and_no_longer() {
    let server = TestServer::new();
    let gone = election(&server, "a").build().acquire().await.unwrap();
    // With a lease that is longer than this trust, no replica takes over in between.
    server.edit(LEASE, |lease| lease["spec"]["leaseDurationSeconds"] = 60.into());
    drop(gone);
    let standby = election(&server, "b").build();
    let state = standby.state();
    let health = health(&state);
    let began = Instant::now();
    let contending = tokio::spawn(async move { standby.acquire().await });
    until(&health, "/readyz", 503).await;
    assert_about(began.elapsed(), TRUST);
    let Err(ElectionTrouble::NoLeader(silence)) = state.healthy() else { panic!("it is healthy") };
    assert!(silence > TRUST, "{silence:?}");
    let guard = contending.await.unwrap().unwrap();
    assert_eq!((status(&health, "/readyz"), status(&health, "/leaderz")), (200, 200));
    assert_about(began.elapsed(), Duration::from_secs(60));
    // It stays ready as long as it leads.
    sleep(Duration::from_secs(120)).await;
    assert_eq!(status(&health, "/readyz"), 200);
    drop(guard);
    assert_eq!(status(&health, "/leaderz"), 503);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_ends_the_grace_at_once_and_its_reason_is_logged() {
    let log = Log::capture();
    let server = TestServer::new();
    let none = Role { verbs: vec![], resource_names: vec![] };
    server.set_faults("a", Faults { role: Some(none), ..Faults::default() });
    let candidate = election(&server, "a").build();
    let state = candidate.state();
    let health = health(&state);
    assert_eq!(status(&health, "/readyz"), 200);
    candidate.acquire().await.unwrap_err();
    assert_eq!(state.healthy(), Err(ElectionTrouble::Refused));
    assert_eq!(status(&health, "/readyz"), 503);
    let lines = log.lines("endpoint=\"readyz\" check=leader-election");
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(
        lines[1].contains("the API server refuses access to the lease: get was answered with 403")
    );
    assert!(lines[1].contains("cannot get resource"), "{lines:?}");
    server.heal("a");
    let _guard = candidate.acquire().await.unwrap();
    assert_eq!(status(&health, "/readyz"), 200);
}

#[tokio::test(start_paused = true)]
async fn a_standby_whose_access_is_revoked_stays_ready_for_its_patience() {
    let server = TestServer::new();
    let _leader = election(&server, "a").build().acquire().await.unwrap();
    let standby: LeaderElection = election(&server, "b").build();
    let state = standby.state();
    let _contending = tokio::spawn(async move { drop(standby.acquire().await) });
    sleep(Duration::from_secs(30)).await;
    let none = Role { verbs: vec![], resource_names: vec![] };
    server.set_faults("b", Faults { role: Some(none), ..Faults::default() });
    let health = health(&state);
    let took = until(&health, "/readyz", 503).await;
    assert!(took + HEARD > TRUST && took <= TRUST + TICK, "{took:?}");
    assert_eq!(state.healthy(), Err(ElectionTrouble::Refused));
}

fn health(state: &LeaderState) -> Health {
    let health = Health::builder().expose_reasons(true);
    health.leader(state, LeaderGate::ElectionHealthy).build().unwrap()
}

#[track_caller]
fn assert_about(took: Duration, expected: Duration) {
    assert!(took >= expected && took <= expected + TICK * 3, "{took:?}, not {expected:?}");
}

/// The greatest age of the last renewal that a standby has seen: a poll and a renewal.
const HEARD: Duration = Duration::from_secs(4);
const TICK: Duration = Duration::from_millis(100);
