//! The checks behind the probes, mostly under tokio's paused clock.

mod beats;
mod election;
mod gates;
mod polling;
mod slow;
mod watchdog;
mod week;

use std::time::Duration;

use kunobi_ha::readiness::Health;
use tokio::time::{Instant, sleep};

/// How long readiness trusts a leader that is not seen to renew: L + 2 R.
pub(crate) const TRUST: Duration = Duration::from_secs(19);

pub(crate) fn status(health: &Health, path: &str) -> u16 {
    health.probe(path).unwrap().status
}

/// Returns the reason of a failure. The health must expose reasons.
pub(crate) fn reason(health: &Health, path: &str) -> String {
    let body = health.probe(path).unwrap().body;
    body.strip_prefix("internal server error: ").unwrap_or(&body).trim_end().to_owned()
}

/// Probes every 50 ms until a path is answered with this status; returns how long that took.
pub(crate) async fn until(health: &Health, path: &str, wanted: u16) -> Duration {
    let began = Instant::now();
    while status(health, path) != wanted {
        assert!(began.elapsed() < Duration::from_secs(600), "{path} never became {wanted}");
        sleep(Duration::from_millis(50)).await;
    }
    began.elapsed()
}
