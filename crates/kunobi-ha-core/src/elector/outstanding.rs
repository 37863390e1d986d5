//! How many requests of one sort wait for an answer, since when, and when the next may join or
//! replace them.

use super::in_flight::InFlight;
use crate::{request::Verb, time::Instant};

#[derive(Clone, Copy, Debug)]
pub(super) enum Outstanding {
    None,
    One { sent: Instant, hedge_at: Instant },
    Two { replace_at: Instant },
}

/// The first attempt that was sent since the last answer came.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) struct Silence {
    pub(super) since: Instant,
    pub(super) verb: Verb,
}

/// What to do next.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Want {
    Read,
    Write,
    Wait(Instant),
}

impl Outstanding {
    /// Rule 10: one of two is replaced when its time is up, and not before.
    pub(super) fn of<'a>(mut attempts: impl Iterator<Item = &'a InFlight>) -> Self {
        match (attempts.next(), attempts.next()) {
            (None, _) => Self::None,
            (Some(first), None) => Self::One { sent: first.sent, hedge_at: first.hedge_at },
            (Some(first), Some(second)) => {
                let kept = first.kept_until.min(second.kept_until);
                let replace_at = kept.max(first.followed_from).max(second.followed_from);
                Self::Two { replace_at }
            }
        }
    }

    /// Returns when the next attempt is due, if one is due at `at` while none is outstanding.
    pub(super) const fn due(self, at: Instant) -> Instant {
        match self {
            Self::None => at,
            Self::One { hedge_at, .. } => hedge_at,
            Self::Two { replace_at } => replace_at,
        }
    }

    /// The same, but a due time after the send of the outstanding attempt is that of a retry.
    pub(super) fn due_or_retried(self, at: Instant) -> Instant {
        match self {
            Self::One { sent, .. } if at > sent => at,
            Self::None | Self::One { .. } | Self::Two { .. } => self.due(at),
        }
    }
}

impl Want {
    /// Returns when to come back, given that this is what comes next.
    pub(super) const fn wake_at(self, now: Instant) -> Instant {
        match self {
            Self::Read | Self::Write => now,
            Self::Wait(until) => until,
        }
    }
}

/// Rule 10: at most so many attempts are outstanding.
pub(super) const MOST_OUTSTANDING: usize = 2;
