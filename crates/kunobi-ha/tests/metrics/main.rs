//! What is counted and told, and elections without a cluster.
#![allow(clippy::unwrap_used)] // A test that can not go on has failed.
#![allow(clippy::float_cmp)] // What is counted is whole.

mod collector;
mod events;
mod exposition;
mod facade;
#[path = "../common/log.rs"]
mod log;
mod reentrant;
mod standalone;
mod stats;

use kunobi_ha::leader::{Clock, LeaderElection, LeaderElectionBuilder};
use kunobi_ha_test::TestServer;

pub(crate) const LEASE: &str = "/apis/coordination.k8s.io/v1/namespaces/default/leases/l";

/// An election with the default timing, under tokio's paused clock.
pub(crate) fn election(server: &TestServer, name: &str) -> LeaderElectionBuilder {
    LeaderElection::builder(kube::Client::new(server.service(name), "default"), "default", "l")
        .identity(name)
        .clock(Clock::tokio())
}
