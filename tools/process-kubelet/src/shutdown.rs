//! How a container is ended: the hook, SIGTERM, SIGKILL.

use std::time::Duration;

use k8s_openapi::api::core::v1::Pod;

/// What to send.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Stop {
    Terminate,
    Kill,
}

/// How far the end of a container has come. Times are counted from its start.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Shutdown {
    /// It is to run.
    None,
    /// The `preStop` hook sleeps.
    Hook { terminate_at: Duration, kill_at: Duration },
    /// It was sent SIGTERM.
    Terminated { kill_at: Duration },
    /// It was sent SIGKILL.
    Killed,
}

impl Shutdown {
    /// Begins, or hurries what was begun: a grace period only ever becomes shorter.
    pub(crate) fn begin(&mut self, now: Duration, grace: Duration, hook: Duration) {
        let terminate = now + hook.min(grace);
        let kill = (now + grace).max(terminate + LEAST_GRACE);
        *self = match *self {
            Self::None => Self::Hook { terminate_at: terminate, kill_at: kill },
            Self::Hook { terminate_at, kill_at } => {
                let terminate_at = terminate_at.min(now + grace);
                Self::Hook { terminate_at, kill_at: kill_at.min(kill) }
            }
            Self::Terminated { kill_at } => Self::Terminated { kill_at: kill_at.min(kill) },
            Self::Killed => Self::Killed,
        };
    }

    pub(crate) fn next(&self) -> Option<Duration> {
        match *self {
            Self::None | Self::Killed => None,
            Self::Hook { terminate_at, .. } => Some(terminate_at),
            Self::Terminated { kill_at } => Some(kill_at),
        }
    }

    /// Returns what is to be sent now, once.
    pub(crate) fn act(&mut self, now: Duration) -> Option<Stop> {
        match *self {
            Self::Hook { terminate_at, kill_at } if now >= terminate_at => {
                *self = Self::Terminated { kill_at };
                Some(Stop::Terminate)
            }
            Self::Terminated { kill_at } if now >= kill_at => {
                *self = Self::Killed;
                Some(Stop::Kill)
            }
            Self::None | Self::Hook { .. } | Self::Terminated { .. } | Self::Killed => None,
        }
    }
}

/// The grace period of a pod that is deleted: what the deletion says, else what the pod says, and
/// at least a second.
pub(crate) fn grace_of(pod: &Pod) -> Duration {
    let deletion = pod.metadata.deletion_grace_period_seconds;
    seconds(deletion.unwrap_or_else(|| own_grace(pod)).max(1))
}

/// The grace period that a pod asks for itself, in seconds.
pub(crate) fn own_grace(pod: &Pod) -> i64 {
    let spec = pod.spec.as_ref();
    spec.and_then(|spec| spec.termination_grace_period_seconds).unwrap_or(DEFAULT_GRACE_SECONDS)
}

/// A negative number counts as zero.
pub(crate) fn seconds(number: i64) -> Duration {
    Duration::from_secs(u64::try_from(number).unwrap_or(0))
}

/// What kubelet leaves a container after its hook, even if the hook used up all.
const LEAST_GRACE: Duration = Duration::from_secs(2);
const DEFAULT_GRACE_SECONDS: i64 = 30;

#[cfg(test)]
mod tests {
    use super::*;

    fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn without_a_hook_sigterm_is_at_once_and_sigkill_after_the_grace_period() {
        let mut shutdown = Shutdown::None;
        assert_eq!(shutdown.act(s(100)), None);
        shutdown.begin(s(100), s(30), s(0));
        assert_eq!(shutdown.act(s(100)), Some(Stop::Terminate));
        assert_eq!((shutdown.next(), shutdown.act(s(129))), (Some(s(130)), None));
        assert_eq!(shutdown.act(s(130)), Some(Stop::Kill));
        assert_eq!((shutdown.next(), shutdown.act(s(999))), (None, None));
    }

    #[test]
    fn a_hook_counts_against_the_grace_period_and_leaves_two_seconds() {
        let mut shutdown = Shutdown::None;
        shutdown.begin(s(0), s(30), s(5));
        assert_eq!(shutdown, Shutdown::Hook { terminate_at: s(5), kill_at: s(30) });
        let mut shutdown = Shutdown::None;
        shutdown.begin(s(0), s(30), s(60));
        assert_eq!(shutdown, Shutdown::Hook { terminate_at: s(30), kill_at: s(32) });
        let mut shutdown = Shutdown::None;
        shutdown.begin(s(0), s(1), s(0));
        assert_eq!(shutdown, Shutdown::Hook { terminate_at: s(0), kill_at: s(2) });
    }

    #[test]
    fn a_second_deletion_hurries_and_never_delays() {
        let mut shutdown = Shutdown::None;
        shutdown.begin(s(0), s(30), s(0));
        shutdown.act(s(0));
        shutdown.begin(s(10), s(60), s(0));
        assert_eq!(shutdown.next(), Some(s(30)));
        shutdown.begin(s(10), s(5), s(0));
        assert_eq!(shutdown.next(), Some(s(15)));
    }

    #[test]
    fn the_deletion_decides_over_the_pod_and_a_second_is_the_least() {
        let mut pod = Pod::default();
        assert_eq!(grace_of(&pod), s(30));
        pod.spec.get_or_insert_default().termination_grace_period_seconds = Some(45);
        assert_eq!(grace_of(&pod), s(45));
        pod.metadata.deletion_grace_period_seconds = Some(0);
        assert_eq!(grace_of(&pod), s(1));
    }
}
