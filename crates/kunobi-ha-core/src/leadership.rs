//! What readers are to see of the election.

use alloc::boxed::Box;
use core::fmt;

use crate::{input::Refusal, lease::Term, request::Verb, time::Instant};

/// What readers are to see.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "a driver must be able to show every one of them")]
pub enum Leadership {
    /// Contending; this is who holds the lease, as far as we know.
    Following {
        /// `None`: nobody, or not known yet.
        holder: Option<Box<str>>,
    },
    /// Leading.
    Leading {
        /// Which term.
        term: Term,
        /// Nobody may believe in it at or after this instant.
        valid_until: Instant,
    },
    /// Not leading any more, and not contending.
    Ended {
        /// Which term.
        term: Term,
        /// Why.
        reason: StepDownReason,
    },
    /// The release that followed a step-down has ended; also that of a candidate whose write was
    /// under way, and who never led.
    Released(Release),
    /// The candidacy ended without a term.
    Failed(Failure),
    /// The candidacy was given up by the user, and has won nothing that could be released.
    Withdrawn,
}

/// Why a term ended.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum StepDownReason {
    /// The user stepped down or dropped the guard.
    Cancelled,
    /// The monotonic clock stepped back, so that no deadline can be trusted.
    ClockWentBack,
    /// The Lease shows another holder, or another term, or no holder.
    ///
    /// Somebody else may be at work already: stop at once.
    HolderChanged,
    /// The Lease was deleted, and somebody else created it again before this leader could.
    RecreationLost,
    /// No renewal succeeded within `renew_deadline`.
    ///
    /// Nobody else leads before `lease_duration` has passed since the last renewal was sent.
    RenewDeadlineExceeded,
    /// The API server went back to an older state, as after a restore of etcd from a backup.
    Rewound,
}

/// What became of the Lease when its leader stepped down.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Release {
    /// Nothing had to be released: the term was over before.
    NotHeld,
    /// The Lease was in other hands, or deleted, when the release came.
    NotOurs,
    /// The Lease is free: the next replica can take it at once.
    Released,
    /// The release could not be confirmed in time.
    StillHeld {
        /// Others take the Lease over after this instant of our clock, or earlier if the release
        /// was applied after all.
        until: Instant,
    },
}

/// Why a candidacy ended without a term.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Failure {
    /// There was no progress for `observe_timeout`: no write succeeded, and no read showed that there
    /// is nothing to write.
    ObserveTimeout,
    /// The very first answer to this verb was a refusal that will not go away by itself.
    Refused {
        /// What was asked.
        verb: Verb,
        /// Why it was refused.
        refusal: Refusal,
    },
}

impl fmt::Display for StepDownReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Cancelled => "leadership was given up",
            Self::ClockWentBack => "the clock went back",
            Self::HolderChanged => "the lease has another holder",
            Self::RecreationLost => "the lease was deleted and created by somebody else",
            Self::RenewDeadlineExceeded => "no renewal succeeded within the renew deadline",
            Self::Rewound => "the API server went back to an older state",
        })
    }
}
