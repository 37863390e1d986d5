//! The commands, each whole: against a server in process, with the output captured. A file for each command.

#![expect(clippy::unwrap_used, reason = "a test may panic, and so may what it is built of")]

mod doctor;
mod get;
mod list;
mod support;
mod watching;
