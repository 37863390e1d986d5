//! What everybody in the process may know about the election, at any time, on any thread.
//!
//! Everything here may be read and written by any thread. Whether this replica leads is in
//! `belief.rs`, which says what its lock protects. The watchdog and the counters are atomics that
//! order nothing. The text of the last error has a lock of its own.

use std::{fmt, sync::Arc, time::Duration};

use kunobi_ha_core::{Term, TimingConfig};
use tokio::sync::watch;

use super::{
    belief::Belief,
    clock::Clock,
    stats::{ElectionStats, Stats},
    watchdog::{ElectionTrouble, Watchdog},
};
use crate::sync::{Mutex, lock};

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
    election: Arc<ElectionState>,
    changes: watch::Receiver<()>,
}

/// What all candidacies of one election have in common.
pub(super) struct ElectionState {
    pub(super) clock: Clock,
    pub(super) belief: Belief<Term>,
    pub(super) watchdog: Watchdog,
    pub(super) stats: Stats,
    /// How the last request failed. The lock protects nothing else.
    last_error: Mutex<Option<String>>,
    /// Leadership or the holder may have changed.
    pub(super) changed: watch::Sender<()>,
}

impl LeaderState {
    pub(super) fn new(election: Arc<ElectionState>) -> Self {
        let changes = election.changed.subscribe();
        Self { election, changes }
    }

    /// Tells whether this replica leads now. Takes no lock and allocates nothing: two atomic loads
    /// and a read of the clock.
    #[must_use]
    pub fn is_leader(&self) -> bool {
        self.time_left().is_some()
    }

    /// Returns the time until leadership ends unless it is renewed; `None` if this replica does
    /// not lead.
    #[must_use]
    pub fn time_left(&self) -> Option<Duration> {
        self.election.time_left()
    }

    /// Returns who holds the Lease as far as this replica knows; `None` if it is free, or if that is
    /// not known yet.
    #[must_use]
    pub fn leader_identity(&self) -> Option<String> {
        self.election.belief.holder()
    }

    /// Returns the term in which this replica leads; `None` if it does not lead.
    #[must_use]
    pub fn term(&self) -> Option<Term> {
        if self.is_leader() { self.election.belief.term() } else { None }
    }

    /// Returns how the last request failed; `None` if one has succeeded since. The next candidacy
    /// begins with it.
    #[must_use]
    pub fn last_error(&self) -> Option<String> {
        lock(&self.election.last_error).clone()
    }

    /// Returns how long leader-only work may still run. No other replica leads within this time.
    ///
    /// After [`RenewDeadlineExceeded`] it is what is left of `lease_duration` since the last renewal
    /// was sent. After any other loss it is zero, because another replica may lead already.
    ///
    /// It is measured by the clock of this machine. If the clocks of machines may be wrong in rate,
    /// [`Bounds::time_to_stop`](super::Bounds::time_to_stop) says how much less is left; belief never
    /// overlaps within [`Bounds::clock_rate_ppm`](super::Bounds::clock_rate_ppm).
    ///
    /// [`RenewDeadlineExceeded`]: kunobi_ha_core::StepDownReason::RenewDeadlineExceeded
    #[must_use]
    pub fn time_to_stop(&self) -> Duration {
        self.election.watchdog.time_to_stop(self.election.clock.now())
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
        self.election.watchdog.healthy(self.election.clock.now())
    }

    /// Tells whether the election is taken care of: its task lives, and ran when it had to. That
    /// is what a liveness probe should say.
    ///
    /// # Errors
    ///
    /// [`ElectionTrouble`] says what happened to the task.
    pub fn alive(&self) -> Result<(), ElectionTrouble> {
        self.election.watchdog.alive(self.election.clock.now(), self.election.belief.candidacy())
    }

    /// Returns what was counted so far.
    #[must_use]
    pub fn stats(&self) -> ElectionStats {
        self.election.stats.snapshot(self.is_leader())
    }

    /// Waits until leadership or the holder changes, compared with the last call on this handle.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a change that was not reported is reported by the next call.
    pub async fn changed(&mut self) {
        // This can't fail, because the sender lives in `election`.
        let _ = self.changes.changed().await;
    }
}

impl ElectionState {
    pub(super) fn new(clock: Clock, stats: Stats, timing: &TimingConfig) -> Self {
        Self {
            clock,
            belief: Belief::new(),
            watchdog: Watchdog::new(timing, clock.now()),
            stats,
            last_error: Mutex::default(),
            changed: watch::Sender::new(()),
        }
    }

    #[inline]
    fn time_left(&self) -> Option<Duration> {
        self.belief.time_left(|| self.clock.now())
    }

    pub(super) fn note_error(&self, error: Option<String>) {
        *lock(&self.last_error) = error;
    }
}

impl fmt::Debug for ElectionState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without what is locked: the writer that this prints to may be slow, or take the lock.
        let left = self.time_left();
        f.debug_struct("ElectionState").field("time_left", &left).finish_non_exhaustive()
    }
}
