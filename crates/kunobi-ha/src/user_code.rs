//! Values and futures of the program that uses this crate, kept off the supervisor's thread.
//!
//! That thread keeps signals, budgets, probes and the runner. Futures, closures, errors and panic
//! payloads of the user come with code (`Drop`, `Display`) that may panic, block, or start tasks on
//! whatever runtime it finds. Three rules keep that code off the thread:
//!
//! 1. What is held there of the user's is held in a [`UserOwned`].
//! 2. It runs by [`spawn`], on the user's runtime.
//! 3. What comes back is [`Ours`]: it runs nothing of the user's when it is dropped or displayed.

mod caught;
mod owned;
mod spawned;

use std::cell::Cell;

#[cfg(feature = "readiness")]
pub(crate) use self::spawned::Spawned;
pub(crate) use self::{
    caught::{catch, text},
    owned::UserOwned,
    spawned::{Ran, spawn},
};
#[cfg(feature = "shutdown")]
pub(crate) use self::{owned::all_dropped, spawned::spawn_owned};

/// A type that runs nothing of the user's when it is dropped or displayed.
pub(crate) trait Ours: Send + 'static {}

/// A type that is the user's only because of what it holds: its methods run nothing of the user's,
/// but its `Drop` may.
#[cfg(feature = "operator")]
pub(crate) trait Peek: Send + 'static {}

thread_local! {
    static ON_SUPERVISOR: Cell<bool> = const { Cell::new(false) };
}

/// Marks this thread as the supervisor's.
#[cfg(feature = "shutdown")]
pub(crate) fn keep_off_this_thread() {
    ON_SUPERVISOR.set(true);
}

/// Tells whether this thread is the supervisor's.
pub(crate) fn on_supervisor() -> bool {
    // A thread that is ending has lost the value; the supervisor's thread never ends.
    ON_SUPERVISOR.try_with(Cell::get).unwrap_or(false)
}

impl Ours for () {}
impl Ours for bool {}
impl Ours for String {}
impl<T: Ours> Ours for Option<T> {}
impl<T: Ours, E: Ours> Ours for Result<T, E> {}

/// Runs this on a thread that counts as the supervisor's.
#[cfg(test)]
fn supervised(work: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().name("supervisor".into());
    let running = thread.spawn(|| {
        keep_off_this_thread();
        work();
    });
    running.unwrap().join().unwrap();
}
