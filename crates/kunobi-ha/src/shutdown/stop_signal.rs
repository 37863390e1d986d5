//! The signals that ask a program to end.

use std::fmt;

/// A signal that asks a program to end: see [`ShutdownBuilder::signals`].
///
/// [`ShutdownBuilder::signals`]: super::ShutdownBuilder::signals
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum StopSignal {
    /// SIGHUP: a terminal was closed.
    Hangup,
    /// SIGINT: Ctrl-C was pressed.
    Interrupt,
    /// SIGQUIT: the `STOPSIGNAL` of some images.
    Quit,
    /// SIGTERM: Kubernetes, Docker and systemd send it.
    Terminate,
    /// SIGUSR1.
    User1,
    /// SIGUSR2.
    User2,
}

impl StopSignal {
    /// Returns its number on this platform; on a platform without signals, its number on Linux.
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

#[cfg(test)]
mod tests {
    use super::{StopSignal::*, *};

    #[test]
    fn names_and_numbers_agree_with_the_platform() {
        let all = [Hangup, Interrupt, Quit, Terminate];
        assert_eq!(all.map(StopSignal::number), [1, 2, 3, 15]);
        assert_eq!(all.map(|signal| signal.to_string()).join(" "), "SIGHUP SIGINT SIGQUIT SIGTERM");
        #[cfg(target_os = "linux")]
        assert_eq!([User1, User2].map(StopSignal::number), [10, 12]);
    }
}
