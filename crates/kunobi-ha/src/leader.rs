//! Leader election over a `coordination.k8s.io/v1` Lease, compatible with client-go.
//!
//! [`LeaderElection`] is one candidate. [`LeaderElection::run`] leads while some work runs, and releases
//! the Lease once it has ended. A program that wants to own that order calls
//! [`LeaderElection::acquire_unless`], which waits until this replica leads and returns a
//! [`LeaderGuard`]. Everything else in the process asks a [`LeaderState`].
//!
//! All decisions are made by the state machine of the crate `kunobi-ha-core`; this module gives it
//! a clock, a timer and a [`LeaseStore`]: a `kube::Config` or a `kube::Client`.
//!
//! # On the wire
//!
//! GET and PUT of that one Lease, and nothing else: a renewal is one PUT, and the Lease is created
//! by PUT as well, so that one Role rule limited by `resourceNames` is enough. (A server that does
//! not create on PUT is asked with a POST then.) With [`watch`](LeaderElectionBuilder::watch) there
//! is one watch, limited to that name. With [`death_certificates`](LeaderElectionBuilder::death_certificates)
//! a follower has one watch more, limited to the Pod of the leader.

mod acquired;
mod atomic_instant;
mod belief;
mod builder;
mod candidacy;
mod certificates;
mod clock;
mod driver;
mod election;
mod environment;
mod explain;
mod guard;
mod identity;
mod lead;
mod loss_budgets;
mod names;
mod namespace;
mod run;
mod slot;
mod state;
mod stats;
mod successors;
mod task_guard;
mod transport;
mod watchdog;
mod words;

#[cfg(feature = "operator")]
pub(crate) use self::candidacy::Candidacy;
#[doc(inline)]
pub use kunobi_ha_core::{Bound, Bounds, Release, StepDownReason, Term, Timing, TimingConfig};

#[cfg(feature = "test-util")]
#[cfg_attr(docsrs, doc(cfg(feature = "test-util")))]
pub use self::clock::{Clock, TestClock};
#[doc(hidden)]
#[cfg(feature = "test-util")]
pub use self::driver::hostile;
#[cfg(feature = "operator")]
pub(crate) use self::loss_budgets::LossBudgets;
pub use self::{
    acquired::Acquired,
    builder::LeaderElectionBuilder,
    certificates::DeathCertificates,
    election::LeaderElection,
    guard::LeaderGuard,
    identity::Identity,
    lead::{Lead, NotLeading},
    namespace::pod_namespace,
    run::RunEnd,
    state::LeaderState,
    stats::{ElectionStats, Histogram},
    successors::Successors,
    transport::LeaseStore,
    watchdog::ElectionTrouble,
};
