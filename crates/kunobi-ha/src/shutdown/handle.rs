//! What the parts of a program have of its shutdown.

use std::{panic::Location, sync::Arc, time::Duration};

use tokio::runtime::Handle as Runtime;
use tokio_util::sync::CancellationToken;

#[cfg(feature = "operator")]
use super::{budgets::Budgets, lease::HeldLease, tasks::Ending};
use super::{
    coordinator::Coordinator,
    drain::{DrainGuard, Draining},
    hooks::{Hook, LastHook, on},
    phase::{Phase, Reason},
    tasks::{Scope, WorkGroup, name_of},
};
use crate::error::BoxError;
#[cfg(feature = "operator")]
use crate::termination_log::TerminationLog;

/// What the parts of a program have of its shutdown; made by
/// [`Shutdown::handle`](super::Shutdown::handle). Clones are handles of the same shutdown, and may
/// be used on any thread.
#[derive(Clone, Debug)]
pub struct Handle {
    pub(super) coordinator: Arc<Coordinator>,
}

impl Handle {
    /// Begins the shutdown. The first reason counts; a shutdown that has begun can't be taken back.
    ///
    /// A later [`Reason::TaskFailed`] is added to [`Report::failures`](super::Report::failures), and a
    /// later [`Reason::LeadershipLost`] to [`Report::lost`](super::Report::lost).
    pub fn trigger(&self, reason: Reason) {
        self.coordinator.trigger(reason);
    }

    /// Cuts what is left of the budgets, so that all work has ended or was aborted after 3 s.
    ///
    /// A second SIGTERM does the same (see
    /// [`ShutdownBuilder::signals`](super::ShutdownBuilder::signals)): this is for programs that own
    /// their signals. Before a shutdown has begun, this does nothing.
    pub fn hurry(&self) {
        self.coordinator.hurry();
    }

    /// Returns how far the shutdown is.
    #[must_use]
    pub fn phase(&self) -> Phase {
        self.coordinator.phase()
    }

    /// Returns what is left of the grace period, zero if it is over; `None` before a shutdown has
    /// begun.
    #[must_use]
    pub fn remaining(&self) -> Option<Duration> {
        let (_, since) = self.coordinator.begun_at()?;
        Some(self.coordinator.budgets.grace_period.saturating_sub(since.elapsed()))
    }

    /// Waits until a shutdown begins: from then on readiness has to fail.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe. A call after the shutdown has begun resolves at once.
    pub fn requested(&self) -> Draining {
        Draining::new(self.coordinator.requested.clone())
    }

    /// Waits until work has to stop: from then on the program begins nothing new.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe. A call after the drain has begun resolves at once.
    pub fn draining(&self) -> Draining {
        Draining::new(self.coordinator.draining.clone())
    }

    /// Returns a token that is cancelled when [`draining`](Self::draining) resolves. If the program
    /// cancels the token, that concerns the token alone.
    #[must_use]
    pub fn cancel_token(&self) -> CancellationToken {
        self.coordinator.draining.child_token()
    }

    /// Keeps the drain waiting until the guard is dropped. If the drain is over already, nothing waits
    /// for the guard, and a warning says so.
    ///
    /// This guard, and what [`track`](Self::track) and [`spawn`](Self::spawn) of this handle count, do
    /// not keep an [`Operator`](crate::operator) from releasing a Lease, because they belong to no
    /// term. What must end before the release belongs to a
    /// [`LeaderContext`](crate::operator::LeaderContext), or to work that was added with
    /// [`always_before_release`](crate::operator::Operator::always_before_release).
    pub fn hold(&self, name: impl Into<Arc<str>>) -> DrainGuard {
        DrainGuard::new(self.coordinator.tasks.enter(Scope::Always, &name.into()))
    }

    /// Wraps a future so that the drain waits for it.
    ///
    /// Its name, in the log and in the report, is that of the async function or method that made the
    /// future. Other futures (a `Timeout`, a boxed one) are named by the file and line of this call;
    /// [`track_as`](Self::track_as) gives them a name.
    ///
    /// It counts from this call on, not from the first poll. If it is dropped before its end, nothing
    /// of [`on_release`](Self::on_release) is done. If the drain is over already, the future still
    /// runs, because only its caller can stop it; nothing waits for it then, and a warning says so.
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

    /// Runs a task on the current runtime, for which the drain waits.
    ///
    /// Its error or its panic begins the shutdown and is one of
    /// [`Report::failures`](super::Report::failures); so is its end with the runtime. If it still runs
    /// when the drain budget is spent, it is aborted. If the drain is over already, it is not run, and
    /// an error is logged.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    pub fn spawn<F>(&self, name: impl Into<Arc<str>>, work: F)
    where
        F: Future<Output = Result<(), BoxError>> + Send + 'static,
    {
        self.work(Scope::Always).spawn(&Runtime::current(), name, work);
    }

    /// Adds a hook that releases something for which others wait. It runs on the current runtime after
    /// all work has ended, and only if all of it ended by itself. The last hook that was added runs
    /// first. The Lease of an [`Operator`](crate::operator) is released before, when leader work has
    /// ended.
    ///
    /// If the hook panics, or does not end within the release budget, that is one of
    /// [`Report::failures`](super::Report::failures). If the release has begun already, the hook is
    /// not run, and an error is logged.
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

    /// Adds a hook that runs last, whatever happened before: it may flush logs, for example. It runs on
    /// the current runtime. The last hook that was added runs first.
    ///
    /// If the hook panics, or does not end within the stop budget, that is one of
    /// [`Report::failures`](super::Report::failures). If the last hooks have begun already, the hook is
    /// not run, and an error is logged. A process that a signal ends at once runs no hooks.
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

    /// Returns the group of the work of a scope.
    pub(crate) fn work(&self, scope: Scope) -> WorkGroup {
        WorkGroup::new(self.clone(), scope)
    }
}

/// What the operator may ask of a shutdown.
#[cfg(feature = "operator")]
impl Handle {
    /// Tells whether a shutdown has begun.
    pub(crate) fn is_requested(&self) -> bool {
        self.coordinator.requested.is_cancelled()
    }

    /// Returns how long each phase may take.
    pub(crate) fn budgets(&self) -> Budgets {
        self.coordinator.budgets
    }

    /// Returns the runtime for tasks that run nothing of the user's: that of the supervisor's thread,
    /// or `user` if the shutdown has no thread.
    pub(crate) fn supervisor(&self, user: &Runtime) -> Runtime {
        self.coordinator.supervisor().unwrap_or(user).clone()
    }

    /// Notes how a task ended, which begins the shutdown unless the task ended well or was aborted by
    /// the shutdown.
    pub(crate) fn note_ending(&self, name: &str, ending: Ending) {
        self.coordinator.note_ending(name, ending);
    }

    /// Adds a Lease. The shutdown asks for its release as soon as all its terms, and all work of
    /// [`Scope::BeforeRelease`], have ended.
    pub(crate) fn add_lease(&self, name: impl Into<Arc<str>>) -> HeldLease {
        self.coordinator.add_lease(|id| HeldLease::new(self.clone(), id, name.into()))
    }

    /// As [`on_stop`](Self::on_stop), for a hook of ours, which runs on the supervisor's runtime.
    pub(crate) fn on_stop_supervised(
        &self,
        name: &str,
        work: impl Future<Output = ()> + Send + 'static,
    ) {
        let run = LastHook::Ours(Box::pin(work));
        self.coordinator.add_stop(Hook { name: name.into(), run });
    }

    /// Says in this termination message too why the process fails.
    pub(crate) fn add_message(&self, log: Arc<TerminationLog>) {
        self.coordinator.add_message(log);
    }

    /// Ends the process without the rest of the phases, with the exit code to which it has come so
    /// far. Does nothing if no shutdown has begun, or if this one does not own the process.
    pub(crate) fn end_process_at_once(&self) {
        self.coordinator.end_process_at_once();
    }
}
