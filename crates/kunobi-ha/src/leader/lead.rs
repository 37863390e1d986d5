//! What work is handed that runs in one term.

use std::{
    fmt,
    time::{Duration, Instant},
};

use kunobi_ha_core::{StepDownReason, Term};
use tokio::sync::watch;

use super::{candidacy::Candidacy, guard::LeaderGuard};

/// What the work of [`LeaderElection::run`](super::LeaderElection::run) is handed: one term. Clones
/// are handles of the same term.
#[derive(Clone)]
pub struct Lead {
    term: Term,
    candidacy: Candidacy,
    stop: watch::Receiver<bool>,
}

/// This replica does not lead any more in the term that was asked for.
#[derive(Clone, Copy, Eq, PartialEq, thiserror::Error)]
#[error("term {term} is over")]
#[non_exhaustive]
pub struct NotLeading {
    /// The term that is over.
    pub term: Term,
}

/// Tells the work of one term that it has to stop.
#[derive(Debug)]
pub(super) struct Stopper(watch::Sender<bool>);

/// The text of [`Display`](fmt::Display): a `main` that returns it prints its `Debug`.
impl fmt::Debug for NotLeading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for Lead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lead").field("term", &self.term).finish_non_exhaustive()
    }
}

impl Lead {
    pub(super) fn of(guard: &LeaderGuard) -> (Self, Stopper) {
        let (stopper, stop) = watch::channel(false);
        let lead = Self { term: guard.term(), candidacy: guard.candidacy().clone(), stop };
        (lead, Stopper(stopper))
    }

    /// Returns the fencing token of this term: ordered, and larger in each later term. Send it with
    /// writes that must not be made by a former leader, and let their target refuse smaller ones.
    #[must_use]
    pub const fn term(&self) -> Term {
        self.term
    }

    /// Waits until work has to stop, for any reason: the program wants it, or leadership is lost.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe; once it has resolved, it resolves at once.
    pub fn stopped(&self) -> impl Future<Output = ()> + Send + Sync + 'static + use<> {
        let mut stop = self.stop.clone();
        async move {
            // Without a sender, nobody runs this work any more.
            _ = stop.wait_for(|stop| *stop).await;
        }
    }

    /// Waits until this term is over, and says why.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe; once it has resolved, it resolves at once.
    pub fn lost(&self) -> impl Future<Output = StepDownReason> + Send + Sync + 'static + use<> {
        let mut end = self.candidacy.end();
        async move { end.wait().await }
    }

    /// Waits until somebody wishes that another replica leads, and returns the identity of that one:
    /// see [`LeaderGuard::wished`](super::LeaderGuard::wished).
    ///
    /// Work that returns hands over: whoever is wished for in this term is named as the successor
    /// when [`run`](super::LeaderElection::run) releases the Lease. Work that does not care goes on.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe; once it has resolved, each later call resolves at once. It never resolves if there
    /// is no such wish in this term.
    pub fn wished(&self) -> impl Future<Output = String> + Send + Sync + 'static + use<> {
        self.candidacy.wished()
    }

    /// Tells whether this term still runs, by the clock: the last check before a write that only a
    /// leader may make. It is still true while work stops because the program wants it.
    ///
    /// # Errors
    ///
    /// [`NotLeading`] once it is over.
    pub fn ensure(&self) -> Result<(), NotLeading> {
        if self.candidacy.is_leader() { Ok(()) } else { Err(NotLeading { term: self.term }) }
    }

    /// Returns until when this term lasts unless it is renewed: the best deadline for a request
    /// that only a leader may send. Now, if it is over.
    #[must_use]
    pub fn valid_until(&self) -> Instant {
        Instant::now() + self.candidacy.time_left().unwrap_or(Duration::ZERO)
    }
}

impl Stopper {
    pub(super) fn stop(&self) {
        self.0.send_replace(true);
    }
}
