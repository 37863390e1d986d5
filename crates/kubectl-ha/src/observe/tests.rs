//! Slack is counted from renewals that were seen.

use serde_json::json;

use super::*;

#[test]
fn before_a_renewal_is_seen_the_slack_is_only_bounded() {
    let now = Instant::now();
    let mut observed = Observed::new(lease("a", 1), now);
    assert_eq!(observed.slack(now), Slack::AtMost(seconds(15)));
    assert_eq!(observed.slack(later(now, 5)), Slack::AtMost(seconds(10)));

    observed.update(lease("a", 1), later(now, 6));
    assert_eq!(observed.slack(later(now, 6)), Slack::AtMost(seconds(9)), "it was no renewal");
    observed.update(lease("a", 2), later(now, 7));
    assert_eq!(observed.slack(later(now, 9)), Slack::Left(seconds(13)));
}

#[test]
fn what_was_not_renewed_for_its_duration_has_run_out() {
    let now = Instant::now();
    let observed = Observed::new(lease("a", 1), now);
    assert_eq!(observed.slack(later(now, 18)), Slack::Left(seconds(-3)));
}

#[test]
fn without_holder_or_duration_there_is_no_slack() {
    let now = Instant::now();
    assert_eq!(Observed::new(lease("", 1), now).slack(now), Slack::None);
    let endless = Lease { duration: None, ..lease("a", 1) };
    assert_eq!(Observed::new(endless, now).slack(now), Slack::None);
}

fn lease(holder: &str, second: u32) -> Lease {
    Lease::read(&json!({
        "metadata": { "name": "a" },
        "spec": { "holderIdentity": holder, "leaseDurationSeconds": 15, "renewTime": format!("2026-11-27T10:00:{second:02}Z") },
    }))
}

fn later(now: Instant, by: u64) -> Instant {
    now + Duration::from_secs(by)
}

fn seconds(seconds: i64) -> SignedDuration {
    SignedDuration::from_secs(seconds)
}
