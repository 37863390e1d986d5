//! The engine behind the probes, mostly under tokio's paused clock.

mod beats;
mod election;
mod gates;
mod polling;
mod slow;
mod watchdog;

use std::time::Duration;

use kunobi_ha::{
    leader::{Clock, LeaderElection, LeaderElectionBuilder},
    readiness::Health,
};
use kunobi_ha_test::TestServer;
use tokio::time::{Instant, sleep};

pub(crate) const LEASE: &str = "/apis/coordination.k8s.io/v1/namespaces/default/leases/l";
/// How long readiness trusts a leader that says nothing: L + 2 R.
pub(crate) const PATIENCE: Duration = Duration::from_secs(19);

/// An election with the default timing, under tokio's clock.
pub(crate) fn election(server: &TestServer, name: &str) -> LeaderElectionBuilder {
    LeaderElection::builder(kube::Client::new(server.service(name), "default"), "default", "l")
        .identity(name)
        .clock(Clock::tokio())
}

pub(crate) fn status(health: &Health, path: &str) -> u16 {
    health.probe(path).unwrap().status
}

/// Returns why a check fails; the health must expose that.
pub(crate) fn reason(health: &Health, path: &str) -> String {
    let body = health.probe(path).unwrap().body;
    body.strip_prefix("internal server error: ").unwrap_or(&body).trim_end().to_owned()
}

/// Asks every 50 ms until a path is answered so, and returns how long that took.
pub(crate) async fn until(health: &Health, path: &str, wanted: u16) -> Duration {
    let began = Instant::now();
    while status(health, path) != wanted {
        assert!(began.elapsed() < Duration::from_secs(600), "{path} never became {wanted}");
        sleep(Duration::from_millis(50)).await;
    }
    began.elapsed()
}
