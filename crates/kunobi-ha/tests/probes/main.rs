//! What a kubelet sees of a process, over real HTTP, and what is behind it.
#![allow(clippy::unwrap_used)] // A test that can not go on has failed.

mod addresses;
mod clients;
mod connections;
mod descriptors;
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
