//! What it takes to run the crates of this workspace on a real control plane without containers.
//!
//! [`plane`] starts a real control plane, [`candidate`] runs candidates of client-go and of ours,
//! [`proxy`] stands between a candidate and the API server, and [`history`] checks an election
//! afterwards. The package `process-kubelet` runs pods as local processes. This crate is not
//! published, and no published crate depends on it.

pub mod candidate;
pub mod clock;
pub mod history;
pub mod plane;
pub mod proxy;
