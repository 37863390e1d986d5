//! What the parts of a program hold of its shutdown.

use std::{
    fmt,
    panic::Location,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use tokio::runtime::Handle as Runtime;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

use super::{
    coordinator::Coordinator,
    hooks::{Hook, LastHook, on},
    phase::{Phase, Reason},
    tasks::{Running, Scope, WorkGroup, name_of},
};
#[cfg(feature = "operator")]
use super::{lease::HeldLease, tasks::Ending};
use crate::error::BoxError;

/// What the parts of a program hold of its shutdown. Clones are handles of the same shutdown.
#[derive(Clone, Debug)]
pub struct Handle {
    pub(super) coordinator: Arc<Coordinator>,
}

/// Keeps the drain waiting until it is dropped.
#[must_use = "the drain waits only as long as this lives"]
pub struct DrainGuard(Option<Running>);

/// Resolves when work has to stop: what kube-runtime's `Controller::graceful_shutdown_on` takes.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct Draining(Pin<Box<WaitForCancellationFutureOwned>>);

impl Handle {
    /// Begins the shutdown. The first reason counts, and it can't be taken back.
    pub fn trigger(&self, reason: Reason) {
        self.coordinator.trigger(reason);
    }

    /// Cuts what is left of the budgets, so that all work is gone after 3 s: what a second SIGTERM
    /// does (see [`ShutdownBuilder::signals`](super::ShutdownBuilder::signals)), for programs that
    /// own their signals. Does nothing before a shutdown has begun.
    pub fn hurry(&self) {
        self.coordinator.hurry();
    }

    /// Returns how far the shutdown is.
    #[must_use]
    pub fn phase(&self) -> Phase {
        self.coordinator.phase()
    }

    /// Returns what is left of the grace period; `None` while nobody asked for a shutdown.
    #[must_use]
    pub fn remaining(&self) -> Option<Duration> {
        let (_, since) = self.coordinator.begun_at()?;
        Some(self.coordinator.budgets.grace_period.saturating_sub(since.elapsed()))
    }

    /// Waits until a shutdown is asked for: from then on readiness has to fail.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe; once it has resolved, it resolves at once.
    pub fn requested(&self) -> Draining {
        Draining::new(self.coordinator.requested.clone())
    }

    /// Waits until work has to stop: nothing new is begun from then on.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe; once it has resolved, it resolves at once.
    pub fn draining(&self) -> Draining {
        Draining::new(self.coordinator.draining.clone())
    }

    /// Returns a token that is cancelled when [`draining`](Self::draining) resolves.
    #[must_use]
    pub fn cancel_token(&self) -> CancellationToken {
        self.coordinator.draining.child_token()
    }

    /// Keeps the drain waiting until the guard is dropped; once it is over, nothing waits for the
    /// guard, and a warning says so.
    ///
    /// Neither this, nor [`track`](Self::track) and [`spawn`](Self::spawn) of this handle, keep an
    /// [`Operator`](crate::operator) from releasing its Lease: they belong to no term. What must
    /// end first belongs to a [`LeaderContext`](crate::operator::LeaderContext), or to work that was
    /// added with [`always_before_release`](crate::operator::Operator::always_before_release).
    pub fn hold(&self, name: impl Into<Arc<str>>) -> DrainGuard {
        DrainGuard(self.coordinator.tasks.enter(Scope::Always, &name.into()))
    }

    /// Wraps a future so that the drain waits for it, under the name of the async function or method
    /// that made it. A future that none made (a `Timeout`, a boxed one) is named by the file and line
    /// of this call; [`track_as`](Self::track_as) gives it a name. If it is dropped before its end,
    /// nothing of [`on_release`](Self::on_release) is done.
    ///
    /// Once the drain is over the future still runs, because only its caller can stop it. Nothing
    /// waits for it then, and a warning says so.
    #[track_caller]
    pub fn track<F: Future>(&self, work: F) -> impl Future<Output = F::Output> + use<F> {
        let name = name_of(&work, Location::caller());
        self.track_as(name, work)
    }

    /// As [`track`](Self::track), under this name.
    pub fn track_as<N, F>(&self, name: N, work: F) -> impl Future<Output = F::Output> + use<N, F>
    where
        N: Into<Arc<str>>,
        F: Future,
    {
        self.work(Scope::Always).track(name, work)
    }

    /// Runs a task on the current runtime, which the drain waits for. Its error or panic begins the
    /// shutdown. Once the drain is over it is not run, and an error is logged.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    pub fn spawn<F>(&self, name: impl Into<Arc<str>>, work: F)
    where
        F: Future<Output = Result<(), BoxError>> + Send + 'static,
    {
        self.work(Scope::Always).spawn(&Runtime::current(), name.into(), work);
    }

    /// Adds a hook that gives up something that others wait for. It runs after all work has ended,
    /// and only if all of it ended by itself. The last one that was added runs first. The Lease of an
    /// [`Operator`](crate::operator) is released before, when leader work has ended.
    ///
    /// If it panics, or does not end within the release budget, that is one of
    /// [`Report::failures`](super::Report::failures).
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    pub fn on_release<F>(&self, name: impl Into<Arc<str>>, work: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let run = on(Runtime::current(), work);
        self.coordinator.add_release(Hook { name: name.into(), run });
    }

    /// Adds a hook that runs last, whatever happened before: it may flush logs, for example. The last
    /// one that was added runs first.
    ///
    /// If it panics, or does not end within the stop budget, that is one of
    /// [`Report::failures`](super::Report::failures).
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    pub fn on_stop<F>(&self, name: impl Into<Arc<str>>, work: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let run = LastHook::Users(on(Runtime::current(), work));
        self.coordinator.add_stop(Hook { name: name.into(), run });
    }
}

/// What the rest of this crate may ask of a shutdown.
impl Handle {
    /// Returns the group of the work of a scope.
    pub(crate) fn work(&self, scope: Scope) -> WorkGroup {
        WorkGroup::new(self.clone(), scope)
    }
}

#[cfg(feature = "operator")]
impl Handle {
    /// Tells whether [`requested`](Self::requested) has resolved.
    pub(crate) fn is_requested(&self) -> bool {
        self.coordinator.requested.is_cancelled()
    }

    /// Returns the runtime for tasks that run nothing of the user's. It is that of the supervisor's
    /// thread; a shutdown that owns no thread has `user` for that too.
    pub(crate) fn supervisor(&self, user: &Runtime) -> Runtime {
        self.coordinator.supervisor().unwrap_or(user).clone()
    }

    /// Begins the shutdown because a task ended, unless it ended well, or was aborted by the shutdown.
    pub(crate) fn note_ending(&self, name: &str, ending: Ending) {
        self.coordinator.note_ending(name, ending);
    }

    /// Adds a Lease, whose release the shutdown asks for as soon as all its terms, and all work of
    /// [`Scope::BeforeRelease`], have ended.
    pub(crate) fn add_lease(&self, name: impl Into<Arc<str>>) -> HeldLease {
        self.coordinator.add_lease(|id| HeldLease::new(self.clone(), id, name.into()))
    }

    /// Adds a hook of ours, which runs on the supervisor's runtime. For the rest see
    /// [`on_stop`](Self::on_stop).
    pub(crate) fn on_stop_supervised(
        &self,
        name: &str,
        work: impl Future<Output = ()> + Send + 'static,
    ) {
        let run = LastHook::Ours(Box::pin(work));
        self.coordinator.add_stop(Hook { name: name.into(), run });
    }

    /// Ends the process without the rest of the phases, with the exit code that it has come to. Does
    /// nothing if no shutdown has begun, or if this one does not own the process.
    pub(crate) fn end_process_at_once(&self) {
        self.coordinator.end_process_at_once();
    }
}

impl Draining {
    /// Waits for any token.
    pub(crate) fn new(token: CancellationToken) -> Self {
        Self(Box::pin(token.cancelled_owned()))
    }
}

impl Future for Draining {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        self.0.as_mut().poll(context)
    }
}

impl Drop for DrainGuard {
    fn drop(&mut self) {
        // Work that panicked did not end by itself.
        if let Some(running) = self.0.take().filter(|_| !std::thread::panicking()) {
            running.end();
        }
    }
}

impl fmt::Debug for DrainGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DrainGuard")
    }
}
