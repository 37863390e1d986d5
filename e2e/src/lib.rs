//! What it takes to run the crates of this workspace on a real control plane without containers.
//!
//! The package `control-plane` starts one. [`candidate`] runs candidates of client-go and of ours,
//! [`proxy`] stands between a candidate and the API server, and [`history`] checks an election
//! afterwards. [`plugin`] runs `kubectl ha`. [`suites`] compares how programs of others fare on our server and on a real one. The
//! package `process-kubelet` runs pods as local processes. This crate is not published, and no
//! published crate depends on it.

use std::sync::{Mutex, MutexGuard, PoisonError};

pub mod candidate;
pub mod clock;
pub mod history;
pub mod objects;
pub mod plugin;
pub mod proxy;
pub mod suites;

/// Locks a mutex, also if a test panicked while it held the lock: that must not hide the failures of
/// others.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
