//! What happened, as values.

use std::time::Duration;

use jiff::SignedDuration;

use super::cadence::BURST;
use crate::lease::Lease;

/// What happened to a Lease.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum What {
    /// How it was when the watch began.
    Found {
        lease: Option<Box<Lease>>,
        /// How old its last renewal is by the server's clock.
        age: Option<SignedDuration>,
    },
    /// A renewal arrived.
    Renewed {
        holder: String,
        after: Duration,
        /// The renewal before it was seen, too.
        exact: bool,
        /// It was said to be late.
        late: bool,
    },
    /// A renewal did not come when it usually does, or not within two thirds of the duration.
    Slow {
        holder: String,
        silent: Duration,
        usual: Option<Duration>,
        left: Option<Duration>,
    },
    /// The duration has run out: others may take over from now on.
    Missed {
        holder: String,
        silent: Duration,
        duration: Duration,
    },
    /// The leader released, and the one that was wished for took the Lease.
    HandedOver {
        holder: String,
        from: String,
        gap: Gap,
    },
    /// A new term began in another way.
    TakenOver {
        holder: String,
        from: Option<String>,
        gap: Option<Gap>,
        /// It was wished for, and took over without a release, as after a crash.
        wished: bool,
    },
    /// Nobody holds it any more.
    Released {
        holder: String,
        successor: Option<String>,
    },
    Created {
        holder: Option<String>,
        gap: Option<Gap>,
    },
    Deleted {
        holder: Option<String>,
    },
    /// Somebody asks for another leader.
    Wished {
        name: String,
    },
    /// Nobody is asked for any more.
    Withdrawn {
        name: String,
    },
    /// The duration is another one.
    Changed {
        from: Option<Duration>,
        to: Option<Duration>,
    },
}

/// The time between two leaders.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Gap {
    /// From the last renewal of the former leader, if it did not release.
    pub(crate) silent: Option<Duration>,
    /// From the release, or from when the duration had run out.
    pub(crate) vacant: Duration,
    /// What was left of the duration.
    pub(crate) early: Option<Duration>,
    /// All of it was seen.
    pub(crate) exact: bool,
}

impl What {
    /// Returns the name that `-o json` gives it.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Found { .. } => "found",
            Self::Renewed { .. } => "renewed",
            Self::Slow { .. } => "slow",
            Self::Missed { .. } => "missed",
            Self::HandedOver { .. } => "handed-over",
            Self::TakenOver { .. } => "taken-over",
            Self::Released { .. } => "released",
            Self::Created { .. } => "created",
            Self::Deleted { .. } => "deleted",
            Self::Wished { .. } => "wished",
            Self::Withdrawn { .. } => "withdrawn",
            Self::Changed { .. } => "changed",
        }
    }

    /// Whether it is a renewal of its own, and not the second write of one, as some libraries make.
    pub(crate) fn is_another_renewal(&self) -> bool {
        matches!(self, Self::Renewed { after, .. } if *after >= BURST)
    }

    /// Whether it is only a sign of life.
    pub(crate) const fn is_renewal(&self) -> bool {
        matches!(self, Self::Renewed { .. })
    }
}
