//! kubectl-ha on a real API server.
#![expect(clippy::unwrap_used, reason = "a test that can not go on has failed")]

mod doctor;
mod list;
