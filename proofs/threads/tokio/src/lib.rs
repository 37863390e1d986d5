//! What kunobi-ha uses of tokio and tokio-util, on the scheduler of shuttle and a clock of its own.
//!
//! The channels, the locks and the macros are the real ones, which depend on no runtime. Before each
//! operation of theirs, shuttle may run another task. Tasks are those of shuttle. Time is a number, which
//! goes on when [`time::pass`] says so.

pub mod runtime;
pub mod sync;
pub mod time;

/// Tasks, and what is left of them.
pub mod task {
    pub use shuttle::future::{AbortHandle, JoinError, JoinHandle, spawn, yield_now};

    /// Runs it as a task like any other: nothing blocks in this stand-in.
    pub fn spawn_blocking<T: Send + 'static>(
        work: impl FnOnce() -> T + Send + 'static,
    ) -> JoinHandle<T> {
        spawn(async move { work() })
    }

    pub mod coop {
        /// This stand-in has no budgets of polls.
        pub fn unconstrained<F>(future: F) -> F {
            future
        }
    }
}

pub use real::{join, pin, select, signal};
pub use shuttle::future::spawn;

/// Lets another task run, if the scheduler wants it.
pub(crate) fn point() {
    use shuttle::sync::atomic::{AtomicBool, Ordering};

    // Tasks that are dropped at the end of a run have no scheduler any more.
    if shuttle::current::get_current_task().is_some() && !std::thread::panicking() {
        AtomicBool::new(false).load(Ordering::SeqCst);
    }
}
