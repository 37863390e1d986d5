//! The commands, each whole: against a server in process, with the output captured. A file for each command.

#![expect(clippy::unwrap_used, reason = "a test may panic, and so may what it is built of")]

mod complete;
mod doctor;
mod election;
mod explain;
mod get;
mod help;
mod kubeconfig;
mod list;
mod page;
mod readme;
mod rights;
mod step_down;
mod support;
mod wait;
mod watch;
mod watching;
