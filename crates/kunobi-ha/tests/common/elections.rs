//! Elections against the test server, under tokio's paused clock.

use kunobi_ha::leader::{Clock, LeaderElection, LeaderElectionBuilder};
use kunobi_ha_test::TestServer;

pub(crate) const LEASE: &str = "/apis/coordination.k8s.io/v1/namespaces/default/leases/l";

/// A client without sockets.
pub(crate) fn client(server: &TestServer, name: &str) -> kube::Client {
    kube::Client::new(server.service(name), "default")
}

/// Describes a candidate for a Lease, whose requests come from the client of this name.
pub(crate) fn clocked(server: &TestServer, name: &str, lease: &str) -> LeaderElectionBuilder {
    LeaderElection::builder(client(server, name), "default", lease).clock(Clock::tokio())
}

/// An election with the default timing, whose replica has this name.
pub(crate) fn election(server: &TestServer, name: &str) -> LeaderElectionBuilder {
    clocked(server, name, "l").identity(name)
}
