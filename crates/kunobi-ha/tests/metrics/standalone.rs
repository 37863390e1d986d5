//! An election without a cluster. It has the real clock and no other.

use std::time::Duration;

use kunobi_ha::leader::{LeaderElection, Release, Term};
use tokio::time::{sleep, timeout};

#[tokio::test]
async fn the_only_candidate_leads_renews_and_hands_over_to_itself() {
    let candidate = LeaderElection::standalone();
    let state = candidate.state();
    assert!(!state.is_leader());
    let mut terms: Vec<Term> = Vec::new();
    for _ in 0..2 {
        let acquiring = timeout(Duration::from_secs(10), candidate.acquire());
        let mut guard = acquiring.await.expect("at once, or 2 R after a release").unwrap();
        assert!(state.is_leader() && guard.is_leader());
        assert_eq!(state.healthy(), Ok(()));
        if terms.is_empty() {
            // Long enough for one renewal.
            let lost = timeout(Duration::from_millis(2_500), guard.lost()).await;
            assert!(lost.is_err(), "it is never lost");
            let renewals = state.stats().renewals;
            assert!(renewals.contains(&("success", 1)), "{renewals:?}");
        }
        terms.push(guard.term());
        assert_eq!(guard.step_down().await, Release::Released);
        assert!(!state.is_leader());
    }
    assert!(terms[1] > terms[0] && terms[1].fence() > terms[0].fence());
    assert_eq!(terms[1].transitions(), terms[0].transitions() + 1);
}

#[tokio::test]
async fn two_standalone_elections_are_independent() {
    let (one, other) = (LeaderElection::standalone(), LeaderElection::standalone());
    let (first, second) = (one.acquire().await.unwrap(), other.acquire().await.unwrap());
    sleep(Duration::from_millis(10)).await;
    assert!(first.is_leader() && second.is_leader());
}
