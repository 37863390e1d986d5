//! Whether the election is taken care of, as a probe may ask on any thread.

use std::{
    fmt,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::Duration,
};

use kunobi_ha_core::{Elector, Instant, Leadership, Outcome, StepDownReason, TimingConfig};

use super::{atomic_instant::AtomicInstant, belief::CandidacyNumber};

/// What is wrong with an election, as far as a probe is concerned.
#[derive(Clone, Copy, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ElectionTrouble {
    /// No leader has shown signs of life for so long that some replica should lead by now.
    #[error("no leader was seen for {0:?}")]
    NoLeader(Duration),
    /// The API server refuses what the election needs; an administrator must change that.
    #[error("the API server refuses access to the lease")]
    Refused,
    /// The task did not run when it had to: its runtime is blocked, or does not poll it.
    #[error("the election has not run for {0:?} after it should have")]
    Stalled(Duration),
    /// The task is gone, with its runtime or by a panic.
    #[error("the election's task is gone")]
    TaskGone,
}

/// What the driver leaves for readers on other threads. Its parts order nothing, and need not be of
/// the same instant.
#[derive(Debug)]
pub(super) struct Watchdog {
    lease: Duration,
    /// From the end of a belief until another replica may lead.
    margin: Duration,
    longest_silence: Duration,
    contends_since: AtomicInstant,
    leader_seen: AtomicInstant,
    wake_at: AtomicInstant,
    believed_until: AtomicInstant,
    /// Whole seconds.
    flap_backoff: AtomicU64,
    refused: AtomicBool,
    /// The last candidacy failed, and since then no leader was seen, and this replica did not lead.
    in_vain: AtomicBool,
    /// This replica has led, or followed a leader.
    took_part: AtomicBool,
    /// The candidacy whose task went away; zero for none.
    gone: AtomicU64,
}

/// The text of [`Display`](fmt::Display): a `main` that returns it prints its `Debug`.
impl fmt::Debug for ElectionTrouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Watchdog {
    pub(super) fn new(timing: &TimingConfig, now: Instant) -> Self {
        let TimingConfig { lease_duration, renew_deadline, retry_period, .. } = *timing;
        Self {
            lease: lease_duration,
            margin: lease_duration.saturating_sub(renew_deadline),
            longest_silence: lease_duration.saturating_add(retry_period.saturating_mul(2)),
            contends_since: AtomicInstant::new(Some(now)),
            leader_seen: AtomicInstant::new(None),
            wake_at: AtomicInstant::new(None),
            believed_until: AtomicInstant::new(None),
            flap_backoff: AtomicU64::new(0),
            refused: AtomicBool::new(false),
            in_vain: AtomicBool::new(false),
            took_part: AtomicBool::new(false),
            gone: AtomicU64::new(0),
        }
    }

    pub(super) fn contends(&self, now: Instant) {
        // A candidacy that follows a failed one has waited since that one began.
        if !self.in_vain.load(Ordering::Relaxed) {
            self.contends_since.store(Some(now));
        }
        // The driver of this candidacy has set no timer yet.
        self.wake_at.store(None);
    }

    /// Notes how long to wait before the next candidacy.
    pub(super) fn flapped(&self, elector: &Elector) {
        self.flap_backoff.store(elector.flap_backoff().as_secs(), Ordering::Relaxed);
    }

    /// Notes what a step left behind.
    pub(super) fn stepped(&self, elector: &Elector, wake_at: Option<Instant>) {
        let seen = elector.holder_seen_at();
        if seen > self.leader_seen.swap(seen) {
            self.in_vain.store(false, Ordering::Relaxed);
            self.took_part.store(true, Ordering::Relaxed);
        }
        self.wake_at.store(wake_at);
    }

    pub(super) fn flap_backoff(&self) -> Duration {
        Duration::from_secs(self.flap_backoff.load(Ordering::Relaxed))
    }

    pub(super) fn answered(&self, outcome: &Outcome) {
        match outcome {
            Outcome::Refused(_) => self.refused.store(true, Ordering::Relaxed),
            Outcome::Absent | Outcome::Conflict | Outcome::Found(_) | Outcome::Written { .. } => {
                self.refused.store(false, Ordering::Relaxed);
            }
            _ => {}
        }
    }

    pub(super) fn believed_until(&self, until: Instant) {
        self.believed_until.store(Some(until));
    }

    /// Notes a publication of the machine, before readers can see it.
    pub(super) fn published(&self, leadership: &Leadership) {
        match leadership {
            Leadership::Leading { .. } => {
                self.in_vain.store(false, Ordering::Relaxed);
                self.took_part.store(true, Ordering::Relaxed);
            }
            Leadership::Ended { reason, .. } => self.ended(*reason),
            Leadership::Failed(_) => self.in_vain.store(true, Ordering::Relaxed),
            Leadership::Following { .. } | Leadership::Released(_) | Leadership::Withdrawn => {}
        }
    }

    fn ended(&self, reason: StepDownReason) {
        if reason != StepDownReason::RenewDeadlineExceeded {
            self.believed_until.store(None);
        }
    }

    /// Tells whether this replica has ever led, or followed a leader.
    #[cfg(feature = "operator")]
    pub(super) fn took_part(&self) -> bool {
        self.took_part.load(Ordering::Relaxed)
    }

    /// Notes that the task of this candidacy is gone before its end.
    pub(super) fn gone(&self, candidacy: CandidacyNumber) {
        self.gone.fetch_max(candidacy.get(), Ordering::Relaxed);
    }

    pub(super) fn time_to_stop(&self, now: Instant) -> Duration {
        let until = self.believed_until.load();
        until.map_or(Duration::ZERO, |until| until.after(self.margin).since(now))
    }

    pub(super) fn healthy(&self, now: Instant) -> Result<(), ElectionTrouble> {
        let since = |at: &AtomicInstant| at.load().map(|at| now.since(at));
        let in_vain = self.in_vain.load(Ordering::Relaxed);
        let silence = since(&self.leader_seen);
        if !in_vain && silence.is_some_and(|silence| silence <= self.longest_silence) {
            return Ok(());
        }
        if self.refused.load(Ordering::Relaxed) {
            return Err(ElectionTrouble::Refused);
        }
        let waited = since(&self.contends_since).unwrap_or_default();
        if !in_vain && waited <= self.longest_silence {
            return Ok(());
        }
        Err(ElectionTrouble::NoLeader(silence.unwrap_or(waited)))
    }

    pub(super) fn alive(
        &self,
        now: Instant,
        candidacy: Option<CandidacyNumber>,
    ) -> Result<(), ElectionTrouble> {
        let current = candidacy.map(CandidacyNumber::get);
        if current == Some(self.gone.load(Ordering::Relaxed)) {
            return Err(ElectionTrouble::TaskGone);
        }
        let Some(wake_at) = self.wake_at.load() else { return Ok(()) };
        let late = now.since(wake_at);
        if late > self.lease { Err(ElectionTrouble::Stalled(late)) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_election_is_stalled_when_it_is_late_by_more_than_a_lease_duration() {
        let timing = TimingConfig::default();
        let watchdog = Watchdog::new(&timing, Instant::from_nanos(0));
        let due = Instant::from_nanos(1_000_000_000);
        watchdog.wake_at.store(Some(due));
        let late = due.after(timing.lease_duration);
        assert_eq!(watchdog.alive(late, None), Ok(()));
        let later = late.after(Duration::from_nanos(1));
        assert!(matches!(watchdog.alive(later, None), Err(ElectionTrouble::Stalled(_))));
    }
}
