//! Where a shutdown is, and why it began.

use std::{fmt, sync::Arc};

use crate::journal::{error, info, warn};

/// How far a shutdown is.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[allow(clippy::exhaustive_enums)] // Each is a promise to those who wait for it.
pub enum Phase {
    /// Nobody asked.
    #[default]
    Running,
    /// Readiness fails; everything still serves.
    Unready,
    /// Nothing new is begun; what is under way ends.
    Draining,
    /// The drain budget is spent; what still runs is aborted and joined.
    Aborting,
    /// All work is over; what others wait for is released, unless it was before.
    Releasing,
    /// Only what comes last is left.
    Stopped,
}

/// Why a shutdown began: the first reason counts.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Reason {
    /// Leadership was lost, and the policy is to exit.
    LeadershipLost(Arc<str>),
    /// Somebody in the program asked for it, or its work is done.
    Requested(Arc<str>),
    /// This signal arrived.
    Signal(i32),
    /// This task failed, or nothing could be started.
    TaskFailed(Arc<str>),
}

impl Phase {
    /// Returns its place in the order, for a gauge.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Running => 0,
            Self::Unready => 1,
            Self::Draining => 2,
            Self::Aborting => 3,
            Self::Releasing => 4,
            Self::Stopped => 5,
        }
    }
}

impl Reason {
    /// Writes it to the log, once, as loud as its exit code is bad. What is to be done about it
    /// stands in the lines after the first one, and `main` prints them.
    pub(super) fn tell(self, begins: bool) {
        let text = self.to_string();
        let headline = text.lines().next().unwrap_or_default();
        match self {
            Self::TaskFailed(_) if begins => error!("shutting down: {headline}"),
            Self::TaskFailed(_) => error!("{headline}"),
            Self::LeadershipLost(_) if begins => warn!("shutting down: {headline}"),
            Self::Requested(_) | Self::Signal(_) if begins => info!("shutting down: {headline}"),
            Self::LeadershipLost(_) | Self::Requested(_) | Self::Signal(_) => {}
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LeadershipLost(why) => write!(f, "leadership was lost: {why}"),
            Self::Signal(SIGINT) => f.write_str("SIGINT"),
            Self::Signal(SIGTERM) => f.write_str("SIGTERM"),
            Self::Signal(number) => write!(f, "signal {number}"),
            Self::Requested(why) | Self::TaskFailed(why) => f.write_str(why),
        }
    }
}

pub(super) const SIGINT: i32 = 2;
pub(super) const SIGTERM: i32 = 15;
