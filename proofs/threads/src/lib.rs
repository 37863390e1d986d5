//! The shipping library, compiled with the locks, atomics and tasks of shuttle.
//!
//! The modules are those of kunobi-ha, unchanged: the links of this folder lead there. `crate::sync` is a
//! different module here, as in the loom tests of the library, and `tokio` and `tokio_util` are a crate of
//! this folder. Sockets, signals and the supervisor's thread have no part in it.
//!
//! The unit tests of the library run where it is whole.
#![cfg(not(test))]
#![allow(
    dead_code,
    unfulfilled_lint_expectations,
    unused_imports,
    unused_macros,
    reason = "a part of the library is here, and it is checked where it is whole"
)]

extern crate tokio as tokio_util;

mod env_var;
pub mod error;
mod journal;
/// The election, as `leader.rs` of the library has it, and a Lease whose answers may be late.
#[path = "../../../crates/kunobi-ha/src/leader"]
pub mod leader {
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
    #[path = "../../../../proofs/threads/src/late.rs"]
    mod late;
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
    pub use kunobi_ha_core::{Bound, Bounds, Release, StepDownReason, Term, Timing, TimingConfig};

    #[cfg(feature = "test-util")]
    pub use self::clock::Clock;
    pub use self::late::LateLease;
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
}
pub mod shutdown;
mod sync;
mod termination_log;
mod user_code;

pub use error::{BoxError, Error, InvalidConfig, Result};
pub use leader::LeaderState;
