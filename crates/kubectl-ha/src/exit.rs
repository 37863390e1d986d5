//! How the program ends.

use std::process::ExitCode;

/// The exit codes; the README says the same.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Exit {
    /// What was asked for was done, seen or found (0).
    Fine,
    /// It failed, did not come in time, or `doctor` has findings (1).
    Failed,
    /// The command line is wrong; nothing was asked of the cluster (2).
    Usage,
    /// A signal ended it, and it left nothing behind (128 and the number of the signal).
    Ended(Signal),
}

/// A signal that asks a program to end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Signal {
    /// The terminal was closed (SIGHUP).
    HangUp,
    /// Ctrl-C was pressed (SIGINT).
    Interrupt,
    /// Another program asks for it, such as `timeout` (SIGTERM).
    Terminate,
}

impl Exit {
    /// Returns the number that a shell sees.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Fine => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Ended(Signal::HangUp) => 129,
            Self::Ended(Signal::Interrupt) => 130,
            Self::Ended(Signal::Terminate) => 143,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        exit.code().into()
    }
}
