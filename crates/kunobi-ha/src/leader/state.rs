//! What everybody in the process may know about the election, at any time, on any thread.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use kunobi_ha_core::{Leadership, Term, TimingConfig};
use tokio::sync::watch;

use super::{
    clock::Clock,
    stats::{ElectionStats, Stats},
    vitals::{ElectionTrouble, Vitals},
};

/// Tells whether this replica leads. Clones are handles of the same state.
///
/// - It is `true` when [`acquire`](super::LeaderElection::acquire) returns a guard.
/// - It is `false` before [`lost`](super::LeaderGuard::lost) resolves, as soon as
///   [`step_down`](super::LeaderGuard::step_down) is called, and as soon as the guard is dropped.
/// - It is `false` once the renew deadline has passed, by the clock, at every call: also when the
///   runtime is blocked, or the process was stopped or the machine suspended meanwhile.
///
/// Most programs should not gate readiness on it: a Deployment whose standbys are not ready does
/// not roll out.
#[derive(Clone, Debug)]
pub struct LeaderState {
    shared: Arc<Shared>,
    changes: watch::Receiver<()>,
}

#[derive(Debug)]
pub(super) struct Shared {
    clock: Clock,
    /// When the current belief was published, and when it ends, in nanoseconds of the clock. An
    /// end of zero: no belief.
    issued: AtomicU64,
    until: AtomicU64,
    pub(super) vitals: Vitals,
    pub(super) stats: Stats,
    status: Mutex<Status>,
    changed: watch::Sender<()>,
}

/// Counts the candidacies of an election.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Candidacy(u64);

/// What is read less often, and all that a writer must see.
#[derive(Debug, Default)]
struct Status {
    holder: Option<Box<str>>,
    term: Option<Term>,
    last_error: Option<String>,
    /// The candidacy whose term may be published; a guard of an older one has no say any more.
    candidacy: Candidacy,
    /// The user has given it up: nothing may revive it.
    revoked: bool,
}

impl LeaderState {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        let changes = shared.changed.subscribe();
        Self { shared, changes }
    }

    /// Tells whether this replica leads now. Takes no lock and allocates nothing: two atomic loads
    /// and a read of the clock.
    #[must_use]
    pub fn is_leader(&self) -> bool {
        self.shared.is_leader()
    }

    /// Returns the time until leadership ends unless it is renewed; `None` if this replica does
    /// not lead.
    #[must_use]
    pub fn time_left(&self) -> Option<Duration> {
        self.shared.time_left()
    }

    /// Returns who holds the Lease as far as this replica knows; `None` if nobody does, or if it is
    /// not known yet.
    #[must_use]
    pub fn leader_identity(&self) -> Option<String> {
        self.shared.status().holder.as_deref().map(ToOwned::to_owned)
    }

    /// Returns the term in which this replica leads; `None` if it does not lead.
    #[must_use]
    pub fn term(&self) -> Option<Term> {
        if self.is_leader() { self.shared.status().term } else { None }
    }

    /// Returns what went wrong with the last request that went wrong, if any did since the last
    /// success.
    #[must_use]
    pub fn last_error(&self) -> Option<String> {
        self.shared.status().last_error.clone()
    }

    /// Returns how long leader-only work may still run: nobody else leads within this time.
    ///
    /// Zero after any loss but [`RenewDeadlineExceeded`], for then somebody else may lead already.
    /// After that one it is what is left of `lease_duration` since the last renewal was sent.
    ///
    /// [`RenewDeadlineExceeded`]: kunobi_ha_core::StepDownReason::RenewDeadlineExceeded
    #[must_use]
    pub fn time_to_stop(&self) -> Duration {
        self.shared.vitals.time_to_stop(self.shared.clock.now())
    }

    /// Tells whether this replica could lead if it had to: it leads, or it has seen signs of life
    /// of a leader within `lease_duration` + 2 `retry_period`, or it has contended for less than
    /// that and was not refused. That is what a standby's readiness should say.
    ///
    /// # Errors
    ///
    /// [`ElectionTrouble`] says what is missing.
    pub fn healthy(&self) -> Result<(), ElectionTrouble> {
        if self.is_leader() {
            return Ok(());
        }
        self.shared.vitals.healthy(self.shared.clock.now())
    }

    /// Tells whether the election is taken care of: its task lives, and ran when it had to. That
    /// is what a liveness probe should say.
    ///
    /// # Errors
    ///
    /// [`ElectionTrouble`] says what happened to the task.
    pub fn alive(&self) -> Result<(), ElectionTrouble> {
        self.shared.vitals.alive(self.shared.clock.now())
    }

    /// Returns what was counted so far.
    #[must_use]
    pub fn stats(&self) -> ElectionStats {
        self.shared.stats.snapshot(self.is_leader())
    }

    /// Waits until leadership or the holder changes, compared with the last call on this handle.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a change that was not reported is reported by the next call.
    pub async fn changed(&mut self) {
        // The sender lives in `shared`, so that this can't fail.
        let _ = self.changes.changed().await;
    }
}

impl Shared {
    pub(super) fn new(clock: Clock, lease: &str, timing: &TimingConfig) -> Self {
        Self {
            clock,
            issued: AtomicU64::new(0),
            until: AtomicU64::new(0),
            vitals: Vitals::new(timing, clock.now()),
            stats: Stats::new(lease),
            status: Mutex::default(),
            changed: watch::Sender::new(()),
        }
    }

    pub(super) fn is_leader(&self) -> bool {
        self.time_left().is_some()
    }

    pub(super) fn time_left(&self) -> Option<Duration> {
        let until = self.until.load(Ordering::Acquire);
        if until == 0 {
            return None;
        }
        // Before the clock is read: a publication in between must not look like one to come.
        let issued = self.issued.load(Ordering::Acquire);
        let now = self.clock.now().as_nanos();
        // A clock that went back behind the publication has no say.
        (issued <= now && now < until).then(|| Duration::from_nanos(until - now))
    }

    /// Makes a publication of the machine visible.
    pub(super) fn publish(&self, leadership: &Leadership, identity: &str) {
        let mut status = self.status();
        match leadership {
            Leadership::Leading { term, valid_until } => {
                if status.revoked {
                    return;
                }
                let changed = status.term != Some(*term);
                status.term = Some(*term);
                status.holder = Some(identity.into());
                self.issued.store(self.clock.now().as_nanos(), Ordering::Release);
                self.until.store(valid_until.as_nanos(), Ordering::Release);
                self.vitals.believed_until(*valid_until);
                if !changed {
                    return;
                }
                self.stats.became_leader();
            }
            Leadership::Following { holder } => {
                self.until.store(0, Ordering::Release);
                status.term = None;
                status.holder.clone_from(holder);
            }
            Leadership::Ended { .. }
            | Leadership::Failed(_)
            | Leadership::Released(_)
            | Leadership::Withdrawn => {
                self.until.store(0, Ordering::Release);
                if let Leadership::Ended { reason, .. } = leadership {
                    self.stats.stopped_leading(*reason);
                    self.vitals.ended(*reason);
                }
                if status.term.take().is_some() {
                    status.holder = None;
                }
            }
        }
        drop(status);
        self.changed.send_replace(());
    }

    /// Ends all belief of this candidacy, before anybody else knows.
    pub(super) fn revoke(&self, candidacy: Candidacy) {
        let mut status = self.status();
        if status.candidacy != candidacy {
            return;
        }
        status.revoked = true;
        self.until.store(0, Ordering::Release);
        if status.term.take().is_some() {
            status.holder = None;
        }
        drop(status);
        self.changed.send_replace(());
    }

    /// Begins a candidacy: what it wins may be published.
    pub(super) fn admit(&self) -> Candidacy {
        let mut status = self.status();
        status.candidacy.0 += 1;
        status.revoked = false;
        self.vitals.contends(self.clock.now());
        status.candidacy
    }

    pub(super) fn note_error(&self, error: Option<String>) {
        self.status().last_error = error;
    }

    fn status(&self) -> MutexGuard<'_, Status> {
        // Nothing that runs under this lock can panic half-way.
        self.status.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
