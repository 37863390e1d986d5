//! What may happen while a rollout is under way.

use std::time::Duration;

use super::{Route, Setting};
use crate::fault;

/// What happens to a leader, a follower of the other library, or a whole rollout.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Case {
    /// Two replicas of theirs are replaced by two of ours, one at a time, the leader first.
    Forward,
    /// The same in the other direction.
    Back,
    /// The same, but all old replicas end before the first new one starts.
    Recreate,
    /// SIGTERM to their leader; ours follows.
    TheirsReleases,
    /// SIGKILL to their leader.
    TheirsCrashes,
    /// SIGTERM to our leader; theirs follows.
    OursReleases,
    /// SIGKILL to our leader.
    OursCrashes,
    /// Their leader is cut off.
    TheirsCutOff,
    /// Their leader is stopped, and goes on.
    TheirsPaused,
    /// Each request of their leader takes 9 s, and is then carried out if the client still waits.
    TheirsSlow,
    /// Our leader is cut off.
    OursCutOff,
    /// Beside our leader, a replica of theirs starts whose wall clock is ahead, but by less than the lease.
    TheirsNearlyRight,
    /// The same, by more than the lease.
    TheirsAhead,
}

/// Which library.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Side {
    Theirs,
    Ours,
}

impl Case {
    /// In the order of the rows.
    pub const ALL: [Self; 13] = [
        Self::Forward,
        Self::Back,
        Self::Recreate,
        Self::TheirsReleases,
        Self::TheirsCrashes,
        Self::OursReleases,
        Self::OursCrashes,
        Self::OursCutOff,
        Self::TheirsCutOff,
        Self::TheirsPaused,
        Self::TheirsSlow,
        Self::TheirsNearlyRight,
        Self::TheirsAhead,
    ];

    /// The first cell of its rows, and its name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Forward => "rolling update to ours",
            Self::Back => "rolling update back",
            Self::Recreate => "Recreate to ours",
            Self::TheirsReleases => "their leader gets SIGTERM",
            Self::TheirsCrashes => "their leader is killed",
            Self::OursReleases => "our leader gets SIGTERM",
            Self::OursCrashes => "our leader is killed",
            Self::TheirsCutOff => "their leader is cut off for 40 s",
            Self::TheirsPaused => "their leader is paused for 35 s",
            Self::TheirsSlow => "requests of their leader take 9 s",
            Self::OursCutOff => "our leader is cut off for 40 s",
            Self::TheirsNearlyRight => "their standby's clock is 10 s ahead",
            Self::TheirsAhead => "their standby's clock is 20 s ahead",
        }
    }

    /// How long it is watched; a rollout takes what it takes, and this long after it.
    pub(super) const fn window(self) -> Duration {
        Duration::from_secs(match self {
            Self::Forward | Self::Back | Self::Recreate => 25,
            Self::TheirsReleases | Self::OursReleases => 40,
            Self::TheirsCrashes
            | Self::OursCrashes
            | Self::TheirsNearlyRight
            | Self::TheirsAhead => 45,
            Self::TheirsCutOff | Self::OursCutOff | Self::TheirsPaused => 55,
            Self::TheirsSlow => 60,
        })
    }

    /// Who leads when it begins.
    pub(super) const fn leader(self) -> Side {
        match self {
            Self::Forward
            | Self::Recreate
            | Self::TheirsReleases
            | Self::TheirsCrashes
            | Self::TheirsCutOff
            | Self::TheirsPaused
            | Self::TheirsSlow => Side::Theirs,
            Self::Back
            | Self::OursReleases
            | Self::OursCrashes
            | Self::OursCutOff
            | Self::TheirsNearlyRight
            | Self::TheirsAhead => Side::Ours,
        }
    }

    /// Who follows when it begins. In a rollout, both replicas have the same library.
    pub(super) const fn follower(self) -> Side {
        match self {
            Self::Forward | Self::Back | Self::Recreate => self.leader(),
            _ => self.leader().other(),
        }
    }

    /// How far the clock of a standby is ahead.
    pub(super) const fn skew(self) -> Option<Duration> {
        match self {
            Self::TheirsNearlyRight => Some(Duration::from_secs(10)),
            Self::TheirsAhead => Some(fault::SKEW),
            Self::Forward
            | Self::Back
            | Self::Recreate
            | Self::TheirsReleases
            | Self::TheirsCrashes
            | Self::OursReleases
            | Self::OursCrashes
            | Self::TheirsCutOff
            | Self::TheirsPaused
            | Self::TheirsSlow
            | Self::OursCutOff => None,
        }
    }

    /// Whether the page says that at no time two replicas believe to lead.
    #[must_use]
    pub fn is_promised(self, route: &Route) -> bool {
        let Route { theirs, setting, .. } = route;
        if matches!(setting, Setting::Discouraged(_)) {
            return false;
        }
        match self {
            Self::Recreate => true,
            Self::Forward
            | Self::Back
            | Self::TheirsReleases
            | Self::TheirsCrashes
            | Self::OursReleases
            | Self::OursCrashes
            | Self::OursCutOff => theirs.folder != "kube-lease-manager",
            Self::TheirsNearlyRight => ["kubert", "kunobi-ha-0.6.1"].contains(&theirs.folder),
            Self::TheirsCutOff | Self::TheirsPaused | Self::TheirsSlow | Self::TheirsAhead => false,
        }
    }
}

impl Side {
    pub(super) const fn other(self) -> Self {
        match self {
            Self::Theirs => Self::Ours,
            Self::Ours => Self::Theirs,
        }
    }
}
