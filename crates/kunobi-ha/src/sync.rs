//! The locks, atomics and channels of this crate, each under one name.
//!
//! A module that says `crate::sync` instead of `std::sync` or `tokio::sync` can be compiled with those
//! of a model checker: `tests/loom` does so.

#[cfg(feature = "shutdown")]
pub(crate) use std::sync::Condvar;
pub(crate) use std::sync::{
    Mutex, MutexGuard,
    atomic::{AtomicU64, Ordering},
};

pub(crate) use tokio::sync::watch;

/// Locks a mutex, also if a thread panicked while it held the lock.
///
/// So a lock of this crate may protect only what is whole at any instant at which its holder can
/// panic.
pub(crate) fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
