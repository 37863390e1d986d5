//! The numbers themselves, for programs with another exporter.

use std::time::Duration;

use kunobi_ha::leader::{LeaderState, Release};
use kunobi_ha_test::{Faults, TestServer};
use serde_json::json;
use tokio::time::sleep;

use crate::elections::{LEASE, election};

#[tokio::test(start_paused = true)]
async fn a_snapshot_covers_the_whole_life_of_an_election() {
    let server = TestServer::new();
    let candidate = election(&server, "a").build();
    let state = candidate.state();
    let at_first = state.stats();
    assert_eq!((at_first.name.as_str(), at_first.leading), ("l", false));
    assert!(at_first.last_renewal.is_none() && at_first.renew_seconds.count == 0);
    let successes = |stats: &kunobi_ha::leader::ElectionStats| {
        stats.renewals.iter().find(|(outcome, _)| *outcome == "success").unwrap().1
    };
    for term in 1..=3 {
        let guard = candidate.acquire().await.unwrap();
        sleep(Duration::from_secs(21)).await;
        assert!(state.stats().leading);
        guard.step_down().await;
        let counted = state.stats();
        assert_eq!(successes(&counted), term * 10);
        assert_eq!(counted.renew_seconds.count, term * 10);
        let lost = counted.losses.iter().find(|(reason, _)| *reason == "cancelled").unwrap().1;
        assert_eq!(lost, term);
    }
}

#[tokio::test(start_paused = true)]
async fn the_writes_that_win_a_term_do_not_count_as_renewals() {
    let server = TestServer::new();
    let candidate = election(&server, "a").build();
    let _guard = candidate.acquire().await.unwrap();
    let stats = candidate.state().stats();
    assert!(stats.renewals.iter().all(|(_, count)| *count == 0), "{:?}", stats.renewals);
    assert_eq!(stats.slow_paths, 0);
}

#[tokio::test(start_paused = true)]
async fn another_holder_that_renews_under_our_name_is_counted() {
    let server = TestServer::new();
    let candidate = election(&server, "a").build();
    let state = candidate.state();
    let mut guard = candidate.acquire().await.unwrap();
    server.edit(LEASE, |lease| {
        lease["spec"]["acquireTime"] = json!("2020-01-01T00:00:00.000001Z");
    });
    guard.lost().await;
    assert_eq!(state.stats().identity_collisions, 0, "it may be a record of an earlier life");
    let _following = tokio::spawn(async move { drop(candidate.acquire().await) });
    for second in 1..=5 {
        sleep(Duration::from_secs(3)).await;
        let renewed = format!("2020-01-01T00:00:0{second}.000000Z");
        server.edit(LEASE, |lease| lease["spec"]["renewTime"] = json!(renewed));
    }
    assert_eq!(state.stats().identity_collisions, 1, "it is alive, which is told once");
}

#[tokio::test(start_paused = true)]
async fn each_term_is_counted_by_what_let_it_begin() {
    let server = TestServer::new();
    let (a, b) = (election(&server, "a").build(), election(&server, "b").build());
    let guard = a.acquire().await.unwrap();
    guard.step_down().await;
    let guard = b.acquire().await.unwrap();
    drop(guard);
    let _guard = a.acquire().await.unwrap();
    let causes = |state: &LeaderState| {
        let causes = state.stats().takeovers.into_iter().filter(|(_, count)| *count > 0);
        causes.collect::<Vec<_>>()
    };
    assert_eq!(causes(&a.state()), [("created", 1), ("expired", 1)]);
    assert_eq!(causes(&b.state()), [("released", 1)]);
}

#[tokio::test(start_paused = true)]
async fn each_release_is_counted_by_what_became_of_it() {
    let server = TestServer::new();
    let candidate = election(&server, "a").build();
    let releases = || {
        let counts = candidate.state().stats().releases.into_iter();
        counts.filter(|(_, count)| *count > 0).collect::<Vec<_>>()
    };
    let guard = candidate.acquire().await.unwrap();
    guard.step_down().await;
    assert_eq!(releases(), [("released", 1)]);
    let guard = candidate.acquire().await.unwrap();
    server.edit(LEASE, |lease| lease["spec"]["holderIdentity"] = json!("x"));
    assert_eq!(guard.step_down().await, Release::NotOurs);
    assert_eq!(releases(), [("released", 1), ("not_ours", 1)]);
    server.edit(LEASE, |lease| lease["spec"]["holderIdentity"] = json!(""));
    let guard = candidate.acquire().await.unwrap();
    server.set_faults("a", Faults { cut_requests: true, ..Faults::default() });
    assert!(matches!(guard.step_down().await, Release::StillHeld { .. }));
    assert_eq!(releases(), [("released", 1), ("still_held", 1), ("not_ours", 1)]);
}

#[tokio::test(start_paused = true)]
async fn a_term_that_was_lost_counts_no_release() {
    let server = TestServer::new();
    let candidate = election(&server, "a").build();
    let mut guard = candidate.acquire().await.unwrap();
    server.set_faults("a", Faults { cut_requests: true, ..Faults::default() });
    guard.lost().await;
    assert_eq!(guard.step_down().await, Release::NotHeld);
    let releases = candidate.state().stats().releases;
    assert!(releases.iter().all(|(_, count)| *count == 0), "{releases:?}");
}
