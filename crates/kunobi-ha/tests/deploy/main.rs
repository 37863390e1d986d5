//! The deployment artefacts: what `scripts/deploy.sh` renders is what the library needs.
#![allow(clippy::unwrap_used)] // A test that can not go on has failed.

mod agreement;
mod constants;
mod disruption;
#[cfg(target_os = "linux")]
mod program;
mod rbac;
mod rendering;
mod rollout;
mod workload;
