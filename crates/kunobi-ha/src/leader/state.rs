//! What everybody in the process may know about the election, at any time, on any thread.

use std::{
    fmt,
    num::NonZeroU64,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use kunobi_ha_core::{Instant, Leadership, Term, TimingConfig};
use tokio::sync::watch;

use super::{
    clock::Clock,
    stats::{ElectionStats, Stats},
    watchdog::{ElectionTrouble, Watchdog},
};
use crate::sync::{Mutex, MutexGuard, lock};

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

pub(super) struct Shared {
    clock: Clock,
    /// When the current belief was published, and when it ends, in nanoseconds of the clock. An
    /// end of zero: no belief.
    issued: AtomicU64,
    until: AtomicU64,
    pub(super) watchdog: Watchdog,
    pub(super) stats: Stats,
    /// The candidacy that `until` is about: no earlier one has a say any more.
    candidacy: AtomicU64,
    status: Mutex<Status>,
    changed: watch::Sender<()>,
}

/// Counts the candidacies of an election, from one on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct CandidacyNumber(NonZeroU64);

/// What is read less often, and all that a writer must see.
#[derive(Debug, Default)]
struct Status {
    holder: Option<Box<str>>,
    term: Option<Term>,
    last_error: Option<String>,
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

    /// Returns how the last request failed; `None` if one has succeeded since. The next candidacy
    /// begins with it.
    #[must_use]
    pub fn last_error(&self) -> Option<String> {
        self.shared.status().last_error.clone()
    }

    /// Returns how long leader-only work may still run. Nobody else leads within this time.
    ///
    /// After [`RenewDeadlineExceeded`] it is what is left of `lease_duration` since the last renewal
    /// was sent. After any other loss it is zero, because another replica may lead already.
    ///
    /// [`RenewDeadlineExceeded`]: kunobi_ha_core::StepDownReason::RenewDeadlineExceeded
    #[must_use]
    pub fn time_to_stop(&self) -> Duration {
        self.shared.watchdog.time_to_stop(self.shared.clock.now())
    }

    /// Tells whether this replica could lead if it had to: it leads, or it has seen signs of life
    /// of a leader within `lease_duration` + 2 `retry_period`, or it has contended for less than
    /// that and was not refused. That is what a standby's readiness should say.
    ///
    /// After a candidacy has failed this is an error, until a leader is seen or this replica leads:
    /// the next candidacies have no such time.
    ///
    /// # Errors
    ///
    /// [`ElectionTrouble`] says what is missing.
    pub fn healthy(&self) -> Result<(), ElectionTrouble> {
        if self.is_leader() {
            return Ok(());
        }
        self.shared.watchdog.healthy(self.shared.clock.now())
    }

    /// Tells whether the election is taken care of: its task lives, and ran when it had to. That
    /// is what a liveness probe should say.
    ///
    /// # Errors
    ///
    /// [`ElectionTrouble`] says what happened to the task.
    pub fn alive(&self) -> Result<(), ElectionTrouble> {
        self.shared.watchdog.alive(self.shared.clock.now(), self.shared.candidacy())
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
    pub(super) fn new(clock: Clock, stats: Stats, timing: &TimingConfig) -> Self {
        Self {
            clock,
            issued: AtomicU64::new(0),
            until: AtomicU64::new(0),
            watchdog: Watchdog::new(timing, clock.now()),
            stats,
            candidacy: AtomicU64::new(0),
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

    /// As [`time_left`](Self::time_left), for the term of one candidacy.
    pub(super) fn time_left_of(&self, candidacy: CandidacyNumber) -> Option<Duration> {
        let left = self.time_left()?;
        // After the belief: what was published by a later candidacy is not taken for its own.
        (self.candidacy() == Some(candidacy)).then_some(left)
    }

    /// Makes a publication of the machine visible.
    pub(super) fn publish(
        &self,
        candidacy: CandidacyNumber,
        leadership: &Leadership,
        identity: &str,
    ) {
        let Some(status) = self.status_of(candidacy) else { return };
        self.watchdog.published(leadership);
        let changed = match leadership {
            Leadership::Leading { term, valid_until } => {
                self.believe(status, *term, *valid_until, identity)
            }
            Leadership::Following { holder } => {
                self.disbelieve(status, holder.clone());
                true
            }
            Leadership::Ended { .. }
            | Leadership::Failed(_)
            | Leadership::Released(_)
            | Leadership::Withdrawn => {
                let holder = if status.term.is_some() { None } else { status.holder.clone() };
                self.disbelieve(status, holder);
                true
            }
        };
        // No lock is held from here on: a recorder of metrics may ask this state.
        match leadership {
            Leadership::Leading { .. } if changed => self.stats.became_leader(),
            Leadership::Ended { reason, .. } => self.stats.stopped_leading(*reason),
            Leadership::Failed(failure) => self.stats.failed(*failure),
            Leadership::Leading { .. }
            | Leadership::Following { .. }
            | Leadership::Released(_)
            | Leadership::Withdrawn => {}
        }
        if changed {
            self.changed.send_replace(());
        }
    }

    /// Tells whether this is news.
    fn believe(
        &self,
        mut status: MutexGuard<'_, Status>,
        term: Term,
        valid_until: Instant,
        identity: &str,
    ) -> bool {
        if status.revoked {
            return false;
        }
        let changed = status.term != Some(term);
        status.term = Some(term);
        status.holder = Some(identity.into());
        self.issued.store(self.clock.now().as_nanos(), Ordering::Release);
        self.until.store(valid_until.as_nanos(), Ordering::Release);
        self.watchdog.believed_until(valid_until);
        changed
    }

    fn disbelieve(&self, mut status: MutexGuard<'_, Status>, holder: Option<Box<str>>) {
        self.until.store(0, Ordering::Release);
        status.term = None;
        status.holder = holder;
    }

    /// Ends all belief of this candidacy, before anybody else knows.
    pub(super) fn revoke(&self, candidacy: CandidacyNumber) {
        let Some(mut status) = self.status_of(candidacy) else { return };
        status.revoked = true;
        let holder = if status.term.is_some() { None } else { status.holder.clone() };
        self.disbelieve(status, holder);
        self.changed.send_replace(());
    }

    /// Begins a candidacy: what it wins may be published, and nothing else.
    pub(super) fn admit(&self) -> CandidacyNumber {
        let mut status = self.status();
        let next = self.candidacy().map_or(NonZeroU64::MIN, |last| last.0.saturating_add(1));
        self.until.store(0, Ordering::Release);
        self.candidacy.store(next.get(), Ordering::Release);
        status.term = None;
        status.revoked = false;
        self.watchdog.contends(self.clock.now());
        CandidacyNumber(next)
    }

    /// Returns the candidacy that began last.
    fn candidacy(&self) -> Option<CandidacyNumber> {
        NonZeroU64::new(self.candidacy.load(Ordering::Acquire)).map(CandidacyNumber)
    }

    pub(super) fn note_error(&self, error: Option<String>) {
        self.status().last_error = error;
    }

    /// Locks what only the current candidacy may change; nothing, for an earlier one.
    fn status_of(&self, candidacy: CandidacyNumber) -> Option<MutexGuard<'_, Status>> {
        let status = self.status();
        (self.candidacy() == Some(candidacy)).then_some(status)
    }

    fn status(&self) -> MutexGuard<'_, Status> {
        // Nothing that runs under this lock can panic half-way.
        lock(&self.status)
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without what is locked: the one who writes may be slow, or ask for it.
        let left = self.time_left();
        f.debug_struct("Shared").field("time_left", &left).finish_non_exhaustive()
    }
}

impl CandidacyNumber {
    pub(super) const fn get(self) -> u64 {
        self.0.get()
    }
}
