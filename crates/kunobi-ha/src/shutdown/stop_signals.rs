//! Which signals ask a program to end, and what each of them means after those before.

use std::{fmt, time::Duration};

use tokio::time::Instant;

/// A signal that asks a program to end: see [`ShutdownBuilder::signals`].
///
/// [`ShutdownBuilder::signals`]: super::ShutdownBuilder::signals
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum StopSignal {
    /// SIGHUP: a terminal was closed.
    Hangup,
    /// SIGINT: somebody pressed Ctrl-C.
    Interrupt,
    /// SIGQUIT: what some images name as their `STOPSIGNAL`.
    Quit,
    /// SIGTERM: what Kubernetes, Docker and systemd send.
    Terminate,
    /// SIGUSR1.
    User1,
    /// SIGUSR2.
    User2,
}

/// What a signal comes to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Verdict {
    /// The shutdown begins, unless something else began it.
    Begin,
    /// It is the one before over again.
    Ignore,
    /// The budgets are cut.
    Hurry,
    /// The process ends at once.
    End,
}

/// What came so far.
#[derive(Clone, Copy, Debug, Default)]
pub(super) enum History {
    #[default]
    Quiet,
    /// The first signal came then.
    Asked(Instant),
    /// The one that hurried came then.
    Hurried(Instant),
    Over,
}

impl StopSignal {
    /// Returns its number on this platform; where there are no signals, that of Linux.
    #[must_use]
    pub const fn number(self) -> i32 {
        #[cfg(unix)]
        use tokio::signal::unix::SignalKind as Kind;

        match self {
            Self::Hangup => 1,
            Self::Interrupt => 2,
            Self::Quit => 3,
            Self::Terminate => 15,
            #[cfg(unix)]
            Self::User1 => Kind::user_defined1().as_raw_value(),
            #[cfg(unix)]
            Self::User2 => Kind::user_defined2().as_raw_value(),
            #[cfg(not(unix))]
            Self::User1 => 10,
            #[cfg(not(unix))]
            Self::User2 => 12,
        }
    }
}

impl History {
    /// Decides what a signal comes to: the table of [`ShutdownBuilder::signals`].
    ///
    /// [`ShutdownBuilder::signals`]: super::ShutdownBuilder::signals
    pub(super) fn hear(&mut self, signal: StopSignal, now: Instant) -> Verdict {
        use StopSignal::{Hangup, Interrupt, Quit, Terminate, User1, User2};

        let soon = |since, span| now.saturating_duration_since(since) < span;
        let (next, verdict) = match (*self, signal) {
            (Self::Quiet, _) => (Self::Asked(now), Verdict::Begin),
            (Self::Asked(_) | Self::Hurried(_) | Self::Over, Interrupt) => {
                (Self::Over, Verdict::End)
            }
            (Self::Asked(first), Hangup | Quit | Terminate | User1 | User2) => {
                if soon(first, REPEATED) {
                    (*self, Verdict::Ignore)
                } else {
                    (Self::Hurried(now), Verdict::Hurry)
                }
            }
            (Self::Hurried(second), Hangup | Quit | Terminate | User1 | User2) => {
                if soon(second, ECHO) {
                    (*self, Verdict::Ignore)
                } else {
                    (Self::Over, Verdict::End)
                }
            }
            (Self::Over, Hangup | Quit | Terminate | User1 | User2) => (Self::Over, Verdict::End),
        };
        *self = next;
        verdict
    }
}

impl fmt::Display for StopSignal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Hangup => "SIGHUP",
            Self::Interrupt => "SIGINT",
            Self::Quit => "SIGQUIT",
            Self::Terminate => "SIGTERM",
            Self::User1 => "SIGUSR1",
            Self::User2 => "SIGUSR2",
        })
    }
}

/// How long after the first signal another one is the same request. Those who repeat it do so within
/// a second; the rest is for a busy machine.
const REPEATED: Duration = Duration::from_millis(1_250);
/// How long after the one that hurried another one is its echo: `timeout` signals its child, then its group.
const ECHO: Duration = Duration::from_millis(50);

#[cfg(test)]
mod tests {
    use super::{StopSignal::*, Verdict::*, *};

    #[test]
    fn each_signal_means_what_those_before_make_of_it() {
        // Milliseconds since the first, the signal, and what it comes to.
        let histories: [&[(u64, StopSignal, Verdict)]; 10] = [
            &[(0, Terminate, Begin), (0, Terminate, Ignore), (1_000, Terminate, Ignore)],
            &[(0, Terminate, Begin), (1_249, Terminate, Ignore), (1_250, Terminate, Hurry)],
            &[(0, Terminate, Begin), (5, Terminate, Ignore), (2_000, Terminate, Hurry)],
            &[(0, Terminate, Begin), (2_000, Terminate, Hurry), (2_050, Terminate, End)],
            &[(0, Quit, Begin), (2_000, Quit, Hurry), (2_049, Quit, Ignore), (2_100, Quit, End)],
            &[(0, Interrupt, Begin), (1, Interrupt, End)],
            &[(0, Terminate, Begin), (1, Interrupt, End)],
            &[(0, Terminate, Begin), (2_000, Terminate, Hurry), (2_001, Interrupt, End)],
            &[(0, Interrupt, Begin), (5, Terminate, Ignore), (5_000, Terminate, Hurry)],
            &[(0, Quit, Begin), (5, Terminate, Ignore), (3_000, Hangup, Hurry), (3_100, Quit, End)],
        ];
        let first = Instant::now();
        for signals in histories {
            let mut history = History::default();
            for (at, signal, verdict) in signals {
                let heard = history.hear(*signal, first + Duration::from_millis(*at));
                assert_eq!(heard, *verdict, "{signal} at {at} ms of {signals:?}");
            }
        }
    }

    #[test]
    fn names_and_numbers_agree_with_the_platform() {
        let all = [Hangup, Interrupt, Quit, Terminate];
        assert_eq!(all.map(StopSignal::number), [1, 2, 3, 15]);
        assert_eq!(all.map(|signal| signal.to_string()).join(" "), "SIGHUP SIGINT SIGQUIT SIGTERM");
        #[cfg(target_os = "linux")]
        assert_eq!([User1, User2].map(StopSignal::number), [10, 12]);
    }
}
