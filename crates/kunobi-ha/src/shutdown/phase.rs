//! How far a shutdown is, and why it began.

use std::{fmt, sync::Arc};

use crate::journal::{error, info, warn};

/// How far a shutdown is.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[expect(clippy::exhaustive_enums, reason = "programs compare phases and wait for them")]
pub enum Phase {
    /// No shutdown has begun.
    #[default]
    Running,
    /// Readiness fails; everything still serves.
    Unready,
    /// The program begins nothing new; work in flight ends.
    Draining,
    /// The drain budget is spent: what still runs is aborted, and waited for.
    Aborting,
    /// All work is over: what others wait for is released, unless that was done before. Skipped if
    /// there is nothing to release.
    Releasing,
    /// The last hooks run; then the process ends.
    Stopped,
}

/// Why a shutdown began. The first reason counts.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Reason {
    /// Leadership was lost, and the policy is to exit: exit code 4.
    LeadershipLost(Arc<str>),
    /// The program asked for it, or its leader work is done.
    Requested(Arc<str>),
    /// The signal with this number arrived.
    Signal(i32),
    /// A task failed, or nothing could be started: exit code 1. The text names it; lines after the
    /// first say what to do, and are printed by `main`, not written to the log.
    TaskFailed(Arc<str>),
}

impl Phase {
    /// Returns its place in the order, from 0 to 5, for a gauge.
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
    /// Writes it to the log, as loud as its exit code is bad; `begins` says that it began the shutdown.
    /// Only the first line is written: the others say what to do, and `main` prints them.
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
