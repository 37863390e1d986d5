//! The runner in this process, under tokio's paused clock.
#![allow(clippy::unwrap_used)] // A test that can not go on has failed.

mod always;
mod backoff;
mod beginnings;
mod beside;
mod late;
#[path = "../common/log.rs"]
mod log;
mod loss;
mod outages;
mod release;
mod setup;
mod several;
mod standby;
mod terms;
