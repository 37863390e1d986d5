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
}

impl Exit {
    /// Returns the number that a shell sees.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Fine => 0,
            Self::Failed => 1,
            Self::Usage => 2,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        exit.code().into()
    }
}
