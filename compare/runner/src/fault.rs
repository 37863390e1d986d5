//! What goes wrong, and for how long it is watched.

use std::{collections::VecDeque, time::Duration};

/// One row of the tables.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Fault {
    /// SIGKILL of the leader, which does not come back.
    Crash,
    /// SIGTERM of the leader, which does not come back.
    Release,
    /// The leader's requests no longer arrive, and it hears nothing.
    CutOff,
    /// The leader's requests are carried out, and it hears nothing.
    LostReplies,
    /// SIGSTOP of the leader, and SIGCONT when the lease has run out.
    Pause,
    /// The wall clock of the second replica is ahead.
    Skew,
    /// Each request takes 2 to 3 s.
    Slow,
    /// Half of all requests are answered with 409 or 500, and not carried out.
    Errors,
    /// The Lease is deleted.
    Deletion,
    /// The second replica has the same identity.
    SameIdentity,
}

/// What happens to the requests of one client.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum Disturbance {
    /// Nothing.
    #[default]
    None,
    /// They do not arrive, and the client hears nothing.
    RequestsLost,
    /// They are carried out, and the client hears nothing.
    AnswersLost,
    /// They are late.
    Slow {
        /// Until they are carried out.
        before: Duration,
        /// From then on, until they are answered.
        after: Duration,
    },
    /// The next ones are refused with these statuses, and not carried out; none stands for one that is.
    Refusals(VecDeque<Option<u16>>),
}

/// What happens to one request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Turn {
    Passes,
    NeverArrives,
    NeverAnswered,
    Late { before: Duration, after: Duration },
    Refused(u16),
}

impl Disturbance {
    /// The turn of the next request.
    pub(crate) fn turn(&mut self) -> Turn {
        match self {
            Self::None => Turn::Passes,
            Self::RequestsLost => Turn::NeverArrives,
            Self::AnswersLost => Turn::NeverAnswered,
            Self::Slow { before, after } => Turn::Late { before: *before, after: *after },
            Self::Refusals(turns) => {
                turns.pop_front().flatten().map_or(Turn::Passes, Turn::Refused)
            }
        }
    }

    /// Whether the client hears nothing.
    pub(crate) const fn is_silence(&self) -> bool {
        match self {
            Self::RequestsLost | Self::AnswersLost => true,
            Self::None | Self::Slow { .. } | Self::Refusals(_) => false,
        }
    }
}

impl Fault {
    /// All, in the order of the tables.
    pub const ALL: [Self; 10] = [
        Self::Crash,
        Self::Release,
        Self::CutOff,
        Self::LostReplies,
        Self::Pause,
        Self::Skew,
        Self::Slow,
        Self::Errors,
        Self::Deletion,
        Self::SameIdentity,
    ];
    /// Those of a short run.
    pub const SHORT: [Self; 3] = [Self::Crash, Self::Release, Self::CutOff];

    /// The first cell of its rows, and its name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Crash => "crash",
            Self::Release => "release",
            Self::CutOff => "cut off",
            Self::LostReplies => "lost replies",
            Self::Pause => "pause",
            Self::Skew => "skewed clock",
            Self::Slow => "slow API",
            Self::Errors => "half errors",
            Self::Deletion => "deletion",
            Self::SameIdentity => "same identity",
        }
    }

    /// How long it is watched, from its beginning.
    #[must_use]
    pub const fn window(self) -> Duration {
        Duration::from_secs(match self {
            Self::Release | Self::SameIdentity => 30,
            Self::Crash | Self::Skew | Self::Deletion => 45,
            Self::CutOff | Self::LostReplies => LASTS.as_secs() + 15,
            Self::Pause => PAUSE.as_secs() + 15,
            Self::Slow | Self::Errors => 60,
        })
    }

    /// Whether the second replica starts only when the fault begins, since it is the fault.
    #[must_use]
    pub const fn is_the_second_replica(self) -> bool {
        matches!(self, Self::Skew | Self::SameIdentity)
    }
}

/// How requests of a client are slow: 2 to 3 s each, half of it before they are carried out.
#[must_use]
pub fn slow(random: &mut fastrand::Rng) -> Disturbance {
    let half = Duration::from_millis(random.u64(1000..=1500));
    Disturbance::Slow { before: half, after: half }
}

/// Half of the next requests fail, half of these with a conflict.
#[must_use]
pub fn errors(random: &mut fastrand::Rng) -> Disturbance {
    let one = |random: &mut fastrand::Rng| match random.u8(0..4) {
        0 => Some(409),
        1 => Some(500),
        _ => None,
    };
    Disturbance::Refusals((0..SCRIPT).map(|_| one(random)).collect())
}

/// How long the leader is cut off, or hears nothing.
pub const LASTS: Duration = Duration::from_secs(40);

/// How long the leader is stopped: longer than any library here needs to take over.
pub const PAUSE: Duration = Duration::from_secs(35);

/// How far the wall clock of the second replica is ahead: more than a lease.
pub const SKEW: Duration = Duration::from_secs(20);

/// More than any library here asks in a window.
const SCRIPT: usize = 20_000;
