//! Simulated years of the production driver.
//!
//! The shipping driver (`LeaderElection`, `LeaderGuard`, and in a part of the runs the whole
//! `Operator`) runs with a real `kube::Client` over `kunobi_ha_test::TestServer`, on tokio's paused
//! clock: several replicas, a clock for each, and faults that follow from a seed. A checker watches
//! all replicas at each event, and the server's history.
//!
//! Each run draws its replicas, timings, network and the faults that it knows from its seed. It goes
//! through cycles: a storm of faults, then the healing, after which a leader must be there within the
//! bounds of `Timing::bounds()`.

mod checker;
mod corpus;
mod coverage;
mod fault;
mod fleet;
mod guarded;
mod incarnation;
mod link;
mod machine;
mod outcome;
mod phase;
mod plan;
mod promise;
mod random;
mod run;
mod runner;
mod shrink;
mod trace;
mod wire;
mod world;

pub use self::{
    corpus::{Entry, corpus},
    coverage::Coverage,
    outcome::Outcome,
    plan::{Plan, Profile},
    promise::{Broken, Planted, Promise},
    run::{Options, REPEATABLE, simulate},
    shrink::shrink,
};
