//! The deployment artefacts: checks that `scripts/deploy.sh` renders what the library needs.
#![expect(clippy::unwrap_used, reason = "a test that can not go on has failed")]

mod agreement;
mod constants;
mod disruption;
mod faster;
mod monitoring;
#[cfg(target_os = "linux")]
mod program;
mod rbac;
mod refusals;
mod rendering;
mod rollout;
mod workload;
