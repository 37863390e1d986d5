//! What work is given.

use std::{
    collections::BTreeMap,
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
    leader::{Candidacy, LeaderState, NotLeading, Term},
    shutdown::{Draining, Ending, Handle, WorkGroup, name_of},
};

/// What work that runs on every replica is given. Clones belong to the same work.
#[derive(Clone, Debug)]
pub struct Context {
    pub(super) handle: Handle,
    pub(super) state: LeaderState,
    pub(super) named: Arc<BTreeMap<Arc<str>, LeaderState>>,
    pub(super) work: WorkGroup,
}

/// What leader work is given: one for each term. Clones belong to the same term.
///
/// ```
/// use kunobi_ha::{
///     BoxError,
///     leader::LeaderElection,
///     operator::{LeaderContext, NotLeading, Operator},
///     shutdown::Shutdown,
/// };
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), BoxError> {
/// let report = Operator::new(LeaderElection::standalone())
///     .shutdown(Shutdown::builder().manual()?)
///     .lead("import", import)
///     .run()
///     .await;
/// // After both pieces of work had ended.
/// assert_eq!(report.released.len(), 1);
/// # Ok(())
/// # }
///
/// async fn import(lead: LeaderContext) -> Result<(), BoxError> {
///     let stop = lead.cancel_token();
///     lead.spawn("janitor", async move {
///         stop.cancelled().await; // When the program ends, or the term is lost.
///         Ok(())
///     });
///     for number in 0..3 {
///         lead.track(write(number, lead.clone())).await?;
///     }
///     Ok(())
/// }
///
/// async fn write(number: u32, lead: LeaderContext) -> Result<(), NotLeading> {
///     lead.ensure()?; // The last check before a write that only a leader may make.
///     println!("write {number} with the token {}", lead.term().fence());
///     Ok(())
/// }
/// ```
#[derive(Clone, Debug)]
pub struct LeaderContext {
    pub(super) shared: Arc<Shared>,
    pub(super) candidate: Arc<Candidate>,
    pub(super) term: Term,
    /// Tells about this term alone.
    pub(super) candidacy: Candidacy,
    pub(super) work: WorkGroup,
    /// Cancelled when work has to stop, for any reason.
    pub(super) stop: CancellationToken,
    /// Cancelled when the term was lost.
    pub(super) lost: CancellationToken,
    /// Cancelled before this replica gives the term up.
    pub(super) given_up: CancellationToken,
}

impl Context {
    /// Waits until work has to stop, because the program ends. A loss of leadership does not
    /// concern work of every replica.
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

    /// Returns a handle that tells whether this replica leads. With several elections, it is that
    /// of [`Operator::new`](super::Operator::new), or else that of the first that was added.
    #[must_use]
    pub const fn leader_state(&self) -> &LeaderState {
        &self.state
    }

    /// Returns a handle that tells whether this replica leads the election of this name; `None` if
    /// no election was [added](super::Operator::election) under it.
    #[must_use]
    pub fn leader_state_of(&self, election: &str) -> Option<&LeaderState> {
        self.named.get(election)
    }

    /// Returns the handle of the shutdown. What is tracked and spawned with it keeps no Lease.
    #[must_use]
    pub const fn shutdown(&self) -> &Handle {
        &self.handle
    }

    /// Wraps a future so that the drain waits for it. If this is the context of
    /// [`always_before_release`](super::Operator::always_before_release), the release of each Lease
    /// waits for it too. It is named after the async function or method that made it, or else by
    /// the file and line of this call. For the rest see [`Handle::track`].
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

    /// Runs a task that the drain waits for. If this is the context of
    /// [`always_before_release`](super::Operator::always_before_release), the release of each Lease
    /// waits for it too. For the rest see [`Handle::spawn`].
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    pub fn spawn<F>(&self, name: impl Into<Arc<str>>, work: F)
    where
        F: Future<Output = Result<(), BoxError>> + Send + 'static,
    {
        self.work.spawn(&Runtime::current(), name.into(), work);
    }
}

impl LeaderContext {
    /// Returns the term, whose [`fence`](Term::fence) is a fencing token: a number that is larger
    /// in each later term of the same Lease. Send it with writes that a former leader must not
    /// make, and let their target refuse smaller ones.
    #[must_use]
    pub const fn term(&self) -> Term {
        self.term
    }

    /// Waits until work has to stop: because the program ends, because the term was lost, or because
    /// another replica is [wished for](super::OnWish). Give it to
    /// kube-runtime's `Controller::graceful_shutdown_on`, which lets running reconciliations end.
    ///
    /// A `Controller` of kube 5 that is stopped before it has its first list (it has no right to
    /// it, or the signal comes right after a takeover) waits for that list for ever, and the drain
    /// waits for the controller. The example `operator` shows how to drop it then.
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

    /// Returns the end of this term unless it is renewed before: the best deadline for a request
    /// that only a leader may send. If the term is over, it returns the current time.
    #[must_use]
    pub fn valid_until(&self) -> Instant {
        Instant::now() + self.candidacy.time_left().unwrap_or(Duration::ZERO)
    }

    /// Checks by the clock that this term still runs: call it right before a write that only a
    /// leader may make. While work drains, the term still runs.
    ///
    /// A process that is paused after this check can write late: see [`term`](Self::term).
    ///
    /// # Errors
    ///
    /// [`NotLeading`] if the term is over. This replica must not write any more as its leader.
    pub fn ensure(&self) -> Result<(), NotLeading> {
        if self.candidacy.is_leader() { Ok(()) } else { Err(NotLeading { term: self.term }) }
    }

    /// Wraps a future so that the release of the Lease waits for it. It is named after the async
    /// function or method that made it. A future that none of these made (a `Timeout`, a boxed one)
    /// is named by the file and line of this call; [`track_as`](Self::track_as) names it otherwise.
    ///
    /// If the term is over when this is called, the future still runs, because only its caller can
    /// stop it. Then nothing waits for it, and a warning says so. [`ensure`](Self::ensure) tells
    /// beforehand.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped before its end, the Lease is not released, because some write may
    /// be half done.
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

    /// Runs a task that the release of the Lease waits for. It is aborted as other work of the term
    /// is, and its error or panic ends the program. If the term is over when this is called, the
    /// task is not run, and an error is logged.
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
            // After a loss, work may fail or be aborted as it stops: that is not a failure of the
            // program.
            Ending::Aborted | Ending::Failed(_) if self.is_lost() => {}
            Ending::Aborted if self.stop.is_cancelled() => {}
            ending => self.shared.shutdown.note_ending(name, ending),
        }
    }

    /// Tells whether the term was lost. By the clock, work may find that out from `ensure` before
    /// the election has said so.
    pub(super) fn is_lost(&self) -> bool {
        self.lost.is_cancelled() || (self.ensure().is_err() && !self.given_up.is_cancelled())
    }
}
