//! The runner in this process, under tokio's paused clock.
#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod always;
mod backoff;
mod beginnings;
mod beside;
#[path = "../common/deployment.rs"]
mod deployment;
#[path = "../common/elections.rs"]
mod elections;
mod late;
#[path = "../common/log.rs"]
mod log;
mod loss;
mod outages;
mod panics;
mod probation;
mod release;
mod rollout;
mod setup;
mod several;
mod standby;
mod terms;
mod wishes;
