//! When the holder of a Lease sends what: shared by renewing and releasing.

use core::time::Duration;

use super::{
    attempts::Attempts,
    in_flight::InFlight,
    outstanding::{Outstanding, Want},
    turn::Turn,
};
use crate::time::Instant;

/// What a holder waits for, and how often it has failed.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub(super) struct Schedule {
    /// When the next write is due, unless an answer comes first.
    write: Option<Instant>,
    /// When a read is due; no write before its answer.
    read: Option<Instant>,
    errors: u32,
    conflicts: u32,
}

impl Schedule {
    pub(super) fn starting_at(write: Instant) -> Self {
        Self { write: Some(write), ..Self::default() }
    }

    /// A write succeeded, by its answer or by proof.
    pub(super) fn succeeded(&mut self, next: Instant) {
        *self = Self::starting_at(next);
    }

    /// The write is due now: a read allows it.
    pub(super) fn write_now(&mut self, now: Instant) {
        self.read_done();
        self.write.get_or_insert(now);
    }

    /// A read was answered; what is outstanding may still be applied.
    pub(super) const fn read_done(&mut self) {
        self.read = None;
        self.errors = 0;
    }

    pub(super) const fn awaits_read(&self) -> bool {
        self.read.is_some()
    }

    /// A read is due now, unless one is due already: something hints that the Lease has changed.
    pub(super) fn read_now(&mut self, now: Instant) {
        self.read.get_or_insert(now);
    }

    /// A write met another version.
    ///
    /// Rule 11: a read comes before the next write. The server answers, and there is a deadline, so
    /// the waits do not grow.
    pub(super) fn conflicted(&mut self, deadline: Instant, turn: &mut Turn<'_>) {
        self.write = None;
        if self.read.is_some() {
            return;
        }
        self.conflicts = self.conflicts.saturating_add(1);
        let (now, retry) = (turn.now(), turn.config().retry_period);
        let wait = match self.conflicts {
            1 => Duration::ZERO,
            _ => turn.memory.jitter.draw(retry / 4),
        };
        self.read = Some(now.after(wait.min(longest_wait(deadline.since(now), retry))));
    }

    /// This attempt has failed: it is due again, later with each failure.
    ///
    /// Rule 12: a read that failed is followed by a read, never by a write.
    pub(super) fn failed(
        &mut self,
        attempt: &InFlight,
        deadline: Instant,
        retry_after: Option<Duration>,
        turn: &mut Turn<'_>,
    ) {
        self.errors = self.errors.saturating_add(1);
        let left = deadline.since(turn.now());
        let wait = error_wait(self.errors, left, retry_after, turn);
        let due = if attempt.reads() { &mut self.read } else { &mut self.write };
        *due = Some(turn.now().after(wait));
    }

    /// A write went out: its answer, or its timeout, decides what comes next.
    pub(super) const fn sent(&mut self) {
        self.write = None;
    }

    /// Returns what to do; `own` tells which writes count as attempts at this one.
    pub(super) fn next(
        &self,
        now: Instant,
        deadline: Instant,
        attempts: &Attempts,
        own: impl Fn(&InFlight) -> bool,
    ) -> Want {
        let (at, want) = if let Some(at) = self.read {
            (attempts.reads().due_or_retried(at), Want::Read)
        } else {
            let writes = Outstanding::of(attempts.unproved_writes().filter(|t| own(t)));
            // If a write is due while one is outstanding, another one has failed, and this is its
            // retry.
            let retry = self.write.filter(|_| !matches!(writes, Outstanding::Two { .. }));
            (retry.unwrap_or_else(|| writes.due(now)), Want::Write)
        };
        if now >= at { want } else { Want::Wait(at.min(deadline)) }
    }
}

/// Returns how long a holder waits after the `nth` failure in a row.
///
/// Rule 11: not at all after the first, then longer, but so that what is `left` has room for more
/// attempts.
fn error_wait(
    nth: u32,
    left: Duration,
    retry_after: Option<Duration>,
    turn: &mut Turn<'_>,
) -> Duration {
    let retry = turn.config().retry_period;
    let own = match nth {
        0..=4 => growing_wait(nth, turn),
        _ => turn.memory.jitter.draw(retry),
    };
    own.max(retry_after.unwrap_or(Duration::ZERO)).min(longest_wait(left, retry))
}

/// Rule 11: at most a third of what is left, but not below an eighth of the retry period.
fn longest_wait(left: Duration, retry: Duration) -> Duration {
    (left / 3).max(retry / 8)
}

/// Returns how long to wait after the `nth` failure in a row: not at all after the first, then from
/// an eighth of the retry period up to two of them.
pub(super) fn growing_wait(nth: u32, turn: &mut Turn<'_>) -> Duration {
    let retry = turn.config().retry_period;
    let longest = match nth {
        0 | 1 => return Duration::ZERO,
        2 => retry / 8,
        3 => retry / 4,
        4 => retry / 2,
        5 => retry,
        _ => retry.saturating_mul(2),
    };
    turn.memory.jitter.draw(longest)
}

#[cfg(feature = "model")]
impl Schedule {
    /// What is past is past, unless it tells which came first, a due time or the send of a read.
    pub(super) fn canonical(
        &mut self,
        attempts: &Attempts,
        horizon: Duration,
        frame: &crate::model::Frame,
    ) {
        self.write = self.write.map(|at| frame.due(at));
        let sent = attempts.unproved_reads().map(|t| frame.within(horizon, t.sent)).min();
        let floor = sent.unwrap_or(frame.shown_as).min(frame.shown_as);
        self.read = self.read.map(|at| frame.moved(at).max(floor));
        self.errors = self.errors.min(4);
        self.conflicts = self.conflicts.min(1);
    }
}
