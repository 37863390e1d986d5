//! When the holder of a Lease sends what: shared by renewing and releasing.

use core::time::Duration;

use super::{
    attempts::{Attempts, Kind, Try},
    kernel::Kernel,
};
use crate::time::Instant;

/// What a holder waits for, and how often it has failed.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub(super) struct Pursuit {
    /// When the next write is due, unless an answer comes first.
    pub(super) write: Option<Instant>,
    /// When a read is due; no write before its answer.
    look: Option<Instant>,
    errors: u32,
    conflicts: u32,
}

/// What to do next.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Want {
    Look,
    Write,
    Wait(Instant),
}

/// The outstanding attempts of one sort.
#[derive(Clone, Copy, Debug)]
pub(super) enum Open {
    None,
    One { sent: Instant, join_at: Instant },
    Two { replace_at: Instant },
}

impl Pursuit {
    pub(super) fn starting_at(write: Instant) -> Self {
        Self { write: Some(write), ..Self::default() }
    }

    /// A write or its proof came back well.
    pub(super) fn succeeded(&mut self, next: Instant) {
        *self = Self::starting_at(next);
    }

    /// A read said that the write can go out.
    pub(super) fn cleared(&mut self, now: Instant) {
        self.look = None;
        self.errors = 0;
        self.write.get_or_insert(now);
    }

    /// A read said that what is under way may still land.
    pub(super) fn looked(&mut self) {
        self.look = None;
        self.errors = 0;
    }

    pub(super) fn awaits_look(&self) -> bool {
        self.look.is_some()
    }

    /// Something hints that the Lease is not what we think: it is looked at, unless a look is due
    /// anyway.
    pub(super) fn suspect(&mut self, now: Instant) {
        self.look.get_or_insert(now);
    }

    /// A write met another version. A server that answers so is there, and each conflict is looked
    /// at before the next write: the waits do not grow, as there is a deadline.
    pub(super) fn conflicted(&mut self, now: Instant, deadline: Instant, kernel: &mut Kernel) {
        self.write = None;
        if self.look.is_some() {
            return;
        }
        self.conflicts = self.conflicts.saturating_add(1);
        let retry = kernel.config().retry_period;
        let wait = match self.conflicts {
            1 => Duration::ZERO,
            _ => kernel.jitter(retry / 4),
        };
        self.look = Some(now.after(wait.min(longest_wait(deadline.since(now), retry))));
    }

    pub(super) fn failed(
        &mut self,
        read: bool,
        now: Instant,
        deadline: Instant,
        retry_after: Option<Duration>,
        kernel: &mut Kernel,
    ) {
        self.errors = self.errors.saturating_add(1);
        let wait = error_wait(self.errors, deadline.since(now), retry_after, kernel);
        let due = if read { &mut self.look } else { &mut self.write };
        *due = Some(now.after(wait));
    }

    /// A write went out: its answer, or its timeout, decides what comes next.
    pub(super) fn sent(&mut self) {
        self.write = None;
    }

    /// Returns what to do; `own` tells which writes count as attempts at this one.
    pub(super) fn next(
        &self,
        now: Instant,
        deadline: Instant,
        attempts: &Attempts,
        own: impl Fn(Kind) -> bool,
    ) -> Want {
        let (at, want) = if let Some(at) = self.look {
            (join(attempts.open_looks()).due_or_retried(at), Want::Look)
        } else {
            let writes = join(attempts.open_writes().filter(|t| own(t.kind)));
            // A write that is due although one is open is the retry of another that has failed.
            let at = match (writes, self.write) {
                (Open::None | Open::One { .. }, Some(at)) => at,
                (Open::None | Open::One { .. }, None) | (Open::Two { .. }, _) => writes.due(now),
            };
            (at, Want::Write)
        };
        if now >= at { want } else { Want::Wait(at.min(deadline)) }
    }
}

impl Want {
    /// Returns when to come back, given that this is what comes next.
    pub(super) fn wake_at(self, now: Instant) -> Instant {
        match self {
            Self::Look | Self::Write => now,
            Self::Wait(until) => until,
        }
    }
}

impl Open {
    /// When the first is due at `at`, when is the next one?
    pub(super) const fn due(self, at: Instant) -> Instant {
        match self {
            Self::None => at,
            Self::One { join_at, .. } => join_at,
            Self::Two { replace_at } => replace_at,
        }
    }

    /// The same, where a later `at` is the retry of another that has failed.
    fn due_or_retried(self, at: Instant) -> Instant {
        match self {
            Self::One { sent, .. } if at > sent => at,
            Self::None | Self::One { .. } | Self::Two { .. } => self.due(at),
        }
    }
}

/// Counts attempts of one sort.
pub(super) fn join<'a>(mut attempts: impl Iterator<Item = &'a Try>) -> Open {
    match (attempts.next(), attempts.next()) {
        (None, _) => Open::None,
        (Some(first), None) => Open::One { sent: first.sent, join_at: first.join_at },
        (Some(first), Some(second)) => {
            let kept = first.kept_until.min(second.kept_until);
            Open::Two { replace_at: kept.max(first.followed_from).max(second.followed_from) }
        }
    }
}

/// Returns how long a holder waits after the `nth` failure in a row: not at all after the first,
/// then longer, but so that what is `left` has room for more attempts.
fn error_wait(
    nth: u32,
    left: Duration,
    retry_after: Option<Duration>,
    kernel: &mut Kernel,
) -> Duration {
    let retry = kernel.config().retry_period;
    let own = match nth {
        0..=4 => growing_wait(nth, kernel),
        _ => kernel.jitter(retry),
    };
    own.max(retry_after.unwrap_or(Duration::ZERO)).min(longest_wait(left, retry))
}

fn longest_wait(left: Duration, retry: Duration) -> Duration {
    (left / 3).max(retry / 8)
}

/// Returns how long to wait after the `nth` failure in a row: not at all after the first, then from
/// an eighth of the retry period up to two of them.
pub(super) fn growing_wait(nth: u32, kernel: &mut Kernel) -> Duration {
    let retry = kernel.config().retry_period;
    match nth {
        0 | 1 => Duration::ZERO,
        2 => kernel.jitter(retry / 8),
        3 => kernel.jitter(retry / 4),
        4 => kernel.jitter(retry / 2),
        5 => kernel.jitter(retry),
        _ => kernel.jitter(retry.saturating_mul(2)),
    }
}
