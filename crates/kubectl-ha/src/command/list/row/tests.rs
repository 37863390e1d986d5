//! How the slack is rounded.

use std::time::Duration;

use serde_json::json;
use tokio::time::Instant;

use super::Row;
use crate::{holder::HolderPod, lease::Lease, observe::Observed, time::ServerTime};

#[test]
fn slack_is_rounded_and_a_bound_is_rounded_up() {
    let begin = Instant::now();
    let at = |ms: u64| begin + Duration::from_millis(ms);
    let time = ServerTime::new("2026-11-27T10:00:00Z".parse().unwrap(), begin);
    let lease = |renewed: &str| {
        Lease::read(&json!({
            "metadata": { "name": "orders" },
            "spec": { "holderIdentity": "a", "leaseDurationSeconds": 15, "renewTime": renewed },
        }))
    };
    let slack = |observed: &Observed, ms: u64| {
        let row = Row::new(observed.clone(), time, at(ms), HolderPod::None);
        row.slack().parts().1.to_owned()
    };
    let mut observed = Observed::new(lease("2026-11-27T10:00:00Z"), begin);
    assert_eq!([0, 1, 999, 1_000].map(|ms| slack(&observed, ms)), ["≤15s", "≤15s", "≤15s", "≤14s"]);
    observed.update(lease("2026-11-27T10:00:01Z"), begin);
    assert_eq!([0, 1, 499, 501].map(|ms| slack(&observed, ms)), ["15s", "15s", "15s", "14s"]);
    assert_eq!(slack(&observed, 15_000), "run out");
}
