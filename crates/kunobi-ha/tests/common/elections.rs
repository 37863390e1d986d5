//! Elections against the test server, under tokio's paused clock.

use kunobi_ha::leader::{Clock, LeaderElection, LeaderElectionBuilder};
use kunobi_ha_test::TestServer;

pub(crate) const LEASE: &str = "/apis/coordination.k8s.io/v1/namespaces/default/leases/l";

/// An election with the default timing, whose replica has this name.
pub(crate) fn election(server: &TestServer, name: &str) -> LeaderElectionBuilder {
    LeaderElection::builder(kube::Client::new(server.service(name), "default"), "default", "l")
        .identity(name)
        .clock(Clock::tokio())
}
