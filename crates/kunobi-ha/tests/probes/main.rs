//! What a kubelet sees of a process over real HTTP, and the checks behind it.
#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod addresses;
mod clients;
mod connections;
mod descriptors;
#[path = "../common/elections.rs"]
mod elections;
mod encoder;
mod flood;
#[path = "../common/limits.rs"]
mod limits;
#[path = "../common/log.rs"]
mod log;
mod methods;
mod metrics;
mod paths;
mod readiness;
mod router;
mod scrapes;
mod texts;
mod transitions;
mod wire;
