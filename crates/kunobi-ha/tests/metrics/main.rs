//! Metrics, Events, and elections without a cluster.
#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]
#![expect(clippy::float_cmp, reason = "counts are whole numbers")]

mod collector;
#[path = "../common/elections.rs"]
mod elections;
mod events;
mod exposition;
mod facade;
#[path = "../common/log.rs"]
mod log;
mod reentrant;
mod standalone;
mod stats;
