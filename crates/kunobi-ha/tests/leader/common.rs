//! What the tests of the election share.

use kunobi_ha::leader::{Clock, LeaderElection, LeaderElectionBuilder};
use kunobi_ha_test::TestServer;

pub(crate) const LEASE: &str = "/apis/coordination.k8s.io/v1/namespaces/default/leases/l";

/// A client without sockets, under tokio's paused clock.
pub(crate) fn client(server: &TestServer, name: &str) -> kube::Client {
    kube::Client::new(server.service(name), "default")
}

/// An election with the default timing.
pub(crate) fn election(server: &TestServer, name: &str) -> LeaderElectionBuilder {
    LeaderElection::builder(client(server, name), "default", "l")
        .identity(name)
        .clock(Clock::tokio())
}
