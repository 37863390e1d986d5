//! What work is handed.

use std::{
    collections::BTreeMap,
    fmt,
    panic::Location,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::runtime::Handle as Runtime;
use tokio_util::sync::CancellationToken;

use super::{candidate::Candidate, shared::Shared};
use crate::{
    error::BoxError,
    journal::error,
    leader::{Candidacy, LeaderState, Term},
    shutdown::{Draining, Ending, Handle, WorkGroup, name_of},
};

/// What work that runs on every replica is handed. Clones are handles of the same.
#[derive(Clone, Debug)]
pub struct Context {
    pub(super) handle: Handle,
    pub(super) state: LeaderState,
    pub(super) named: Arc<BTreeMap<Arc<str>, LeaderState>>,
    pub(super) work: WorkGroup,
}

/// What leader-only work is handed, one for each term. Clones are handles of the same term.
#[derive(Clone, Debug)]
pub struct LeaderContext {
    pub(super) shared: Arc<Shared>,
    pub(super) candidate: Arc<Candidate>,
    pub(super) term: Term,
    /// Answers for this term alone.
    pub(super) candidacy: Candidacy,
    pub(super) work: WorkGroup,
    /// Cancelled when work has to stop, for any reason.
    pub(super) stop: CancellationToken,
    /// Cancelled when leadership was lost.
    pub(super) lost: CancellationToken,
    /// Cancelled before this term is given up.
    pub(super) given_up: CancellationToken,
}

/// This replica does not lead any more in the term that was asked for.
#[derive(Clone, Copy, Eq, PartialEq, thiserror::Error)]
#[error("term {term} is over")]
#[non_exhaustive]
pub struct NotLeading {
    /// The term that is over.
    pub term: Term,
}

/// The text of [`Display`](fmt::Display): a `main` that returns it prints its `Debug`.
impl fmt::Debug for NotLeading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Context {
    /// Waits until work has to stop.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe; once it has resolved, it resolves at once.
    pub fn draining(&self) -> Draining {
        self.handle.draining()
    }

    /// Returns a token that is cancelled when [`draining`](Self::draining) resolves.
    #[must_use]
    pub fn cancel_token(&self) -> CancellationToken {
        self.handle.cancel_token()
    }

    /// Returns a handle that tells whether this replica leads. With several elections, it is that of
    /// [`Operator::new`](super::Operator::new), or else that of the first that was added.
    #[must_use]
    pub const fn leader_state(&self) -> &LeaderState {
        &self.state
    }

    /// Returns a handle that tells whether this replica leads the election of this name; `None` if no
    /// election was [added](super::Operator::election) under it.
    #[must_use]
    pub fn leader_state_of(&self, election: &str) -> Option<&LeaderState> {
        self.named.get(election)
    }

    /// Returns the handle of the shutdown. What it tracks and spawns never keeps the Lease.
    #[must_use]
    pub const fn shutdown(&self) -> &Handle {
        &self.handle
    }

    /// Wraps a future so that the drain waits for it. The release of the Lease waits for it too, if
    /// it waits for the work that was handed this context. Its name is that of the async function
    /// or method that made it, or else the file and line of this call. For the rest see
    /// [`Handle::track`].
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
        self.work.track(name, work)
    }

    /// Runs a task that the drain waits for. The release of the Lease waits for it too, if it waits
    /// for the work that was handed this context. For the rest see [`Handle::spawn`].
    pub fn spawn<F>(&self, name: impl Into<Arc<str>>, work: F)
    where
        F: Future<Output = Result<(), BoxError>> + Send + 'static,
    {
        self.work.spawn(&Runtime::current(), name.into(), work);
    }
}

impl LeaderContext {
    /// Returns the fencing token of this term: ordered, and larger in each later term. Send it with
    /// writes that must not be made by a former leader, and let their target refuse smaller ones.
    #[must_use]
    pub const fn term(&self) -> Term {
        self.term
    }

    /// Waits until work has to stop: for kube-runtime's `Controller::graceful_shutdown_on`, which
    /// lets running reconciliations end.
    ///
    /// A `Controller` of kube 5 that is stopped before it has its first list (it has no right to it, or
    /// the signal comes right after a takeover) waits for that list for ever, and then the drain for
    /// it. The example `operator` shows how to drop it then.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe; once it has resolved, it resolves at once.
    pub fn stopped(&self) -> Draining {
        Draining::new(self.stop.clone())
    }

    /// Returns a token that is cancelled when [`stopped`](Self::stopped) resolves.
    #[must_use]
    pub fn cancel_token(&self) -> CancellationToken {
        self.stop.child_token()
    }

    /// Returns until when this term lasts unless it is renewed: the best deadline for a request
    /// that only a leader may send. Now, if it is over.
    #[must_use]
    pub fn valid_until(&self) -> Instant {
        Instant::now() + self.candidacy.time_left().unwrap_or(Duration::ZERO)
    }

    /// Tells whether this term still runs, by the clock: the last check before a write that only a
    /// leader may make. It is still true while work drains.
    ///
    /// # Errors
    ///
    /// [`NotLeading`] once it is over.
    pub fn ensure(&self) -> Result<(), NotLeading> {
        if self.candidacy.is_leader() { Ok(()) } else { Err(NotLeading { term: self.term }) }
    }

    /// Wraps a future so that the release of the Lease waits for it, under the name of the async
    /// function or method that made it. A future that none made (a `Timeout`, a boxed one) is named
    /// by the file and line of this call; [`track_as`](Self::track_as) gives it a name. If it is
    /// dropped before its end, the Lease is not released.
    ///
    /// Once the term is over the future still runs, because only its caller can stop it. Nothing waits
    /// for it then, and a warning says so. [`ensure`](Self::ensure) tells beforehand.
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
        self.work.track(self.candidate.name.of_work(name.into()), work)
    }

    /// Runs a task that the release of the Lease waits for. Its error or panic ends the program.
    /// Once the term is over it is not run, and an error is logged.
    pub fn spawn<F>(&self, name: impl Into<Arc<str>>, work: F)
    where
        F: Future<Output = Result<(), BoxError>> + Send + 'static,
    {
        let context = self.clone();
        let name = self.candidate.name.of_work(name.into());
        if self.lost.is_cancelled() || self.ensure().is_err() {
            error!("{name} is not run, for term {} is over", self.term);
            return;
        }
        self.start(name.clone(), work, move |ending| context.ended(&name, ending));
    }

    pub(super) fn start<F>(
        &self,
        name: Arc<str>,
        work: F,
        report: impl FnOnce(Ending) + Send + 'static,
    ) where
        F: Future<Output = Result<(), BoxError>> + Send + 'static,
    {
        self.work.spawn_with(&self.shared.user, name, work, report);
    }

    /// Takes how a task of this term ended.
    pub(super) fn ended(&self, name: &str, ending: Ending) {
        match ending {
            // It was told to stop, and nobody relies on how it took that.
            Ending::Aborted | Ending::Failed(_) if self.is_lost() => {}
            Ending::Aborted if self.stop.is_cancelled() => {}
            ending => self.shared.shutdown.note_ending(name, ending),
        }
    }

    /// Tells whether leadership was lost. Work may hear of it by the clock, from `ensure`, before
    /// the election tells anybody.
    pub(super) fn is_lost(&self) -> bool {
        self.lost.is_cancelled() || (self.ensure().is_err() && !self.given_up.is_cancelled())
    }
}
