//! Leases, answers and streams that nobody should serve, and a replica that meets them.
//!
//! Each row of the tables in `rows` is a Lease as it is served. Every test runs all of them.
#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod answers;
mod candidate;
mod exact;
mod leader;
#[path = "../common/log.rs"]
mod log;
mod register;
mod rows;
mod streams;
