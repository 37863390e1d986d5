//! Work of one scope, which is waited for and aborted together.

use std::sync::Arc;

use tokio::runtime::Handle as Runtime;

use super::{Ending, Runtimes, scope::Scope};
#[cfg(feature = "operator")]
use super::{scope::Part, tally::Tally};
use crate::{error::BoxError, shutdown::handle::Handle};

/// Work of one scope, which is waited for and aborted together; made by [`Handle::work`]. Clones
/// are the same group.
#[derive(Clone, Debug)]
pub(crate) struct WorkGroup {
    handle: Handle,
    scope: Scope,
}

impl WorkGroup {
    pub(crate) const fn new(handle: Handle, scope: Scope) -> Self {
        Self { handle, scope }
    }

    /// Wraps a future so that it counts until it has ended or is dropped. Dropped before its end, it
    /// counts as unfinished. If the scope is over, the future still runs, and a warning says that
    /// nothing waits for it.
    pub(crate) fn track<N, F>(
        &self,
        name: N,
        work: F,
    ) -> impl Future<Output = F::Output> + use<N, F>
    where
        N: Into<Arc<str>>,
        F: Future,
    {
        self.handle.coordinator.tasks.track(self.scope, &name.into(), work)
    }

    /// Runs a task on `runtime`. Its error or its panic begins the shutdown; so does its end with the
    /// runtime. If the scope is over, it is not run, and an error is logged.
    pub(crate) fn spawn<F>(&self, runtime: &Runtime, name: impl Into<Arc<str>>, work: F)
    where
        F: Future<Output = Result<(), BoxError>> + Send + 'static,
    {
        let (handle, name) = (self.handle.clone(), name.into());
        let of = Arc::clone(&name);
        self.spawn_with(runtime, name, work, move |ending| {
            handle.coordinator.note_ending(&of, ending);
        });
    }

    /// As [`spawn`](Self::spawn), but only `report` is told how the task ended, on the supervisor's
    /// runtime and before the group is idle.
    pub(crate) fn spawn_with<F>(
        &self,
        runtime: &Runtime,
        name: impl Into<Arc<str>>,
        work: F,
        report: impl FnOnce(Ending) + Send + 'static,
    ) where
        F: Future<Output = Result<(), BoxError>> + Send + 'static,
    {
        let coordinator = &self.handle.coordinator;
        let supervisor = coordinator.supervisor().unwrap_or(runtime);
        let on = Runtimes { work: runtime, supervisor };
        coordinator.tasks.spawn(on, self.scope, &name.into(), work, report);
    }
}

#[cfg(feature = "operator")]
impl WorkGroup {
    /// Returns the names of what runs, counted.
    pub(crate) fn running(&self) -> Tally {
        self.handle.coordinator.tasks.running(self.part())
    }

    /// Returns the names of what has not ended, or not by itself.
    pub(crate) fn unfinished(&self) -> Tally {
        self.handle.coordinator.tasks.unfinished(self.part())
    }

    /// Waits until nothing runs. From then on nothing begins, if this is the group of a term.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe.
    pub(crate) async fn idle(&self) {
        self.handle.coordinator.tasks.idle(self.part()).await;
    }

    /// Aborts all tasks, and lets nothing begin in a term. A task may run on until it is next polled;
    /// tracked futures run on until their owner drops them.
    pub(crate) fn abort(&self) {
        self.handle.coordinator.tasks.abort(self.part());
    }

    /// Ends the group of a term that was lost: what did not end by itself in it holds back no later
    /// release.
    pub(crate) fn forget(&self) {
        self.handle.coordinator.tasks.forget(self.scope);
    }

    const fn part(&self) -> Part {
        Part::Of(self.scope)
    }
}
