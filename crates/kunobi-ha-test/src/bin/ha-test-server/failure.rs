//! Why the program ends.

use std::{fmt, process::ExitCode};

#[derive(Debug)]
pub(crate) enum Failure {
    /// An argument, or a file that it names, is wrong.
    Usage(String),
    /// Something else.
    Run(String),
}

impl Failure {
    pub(crate) fn code(&self) -> ExitCode {
        match self {
            Self::Usage(_) => ExitCode::from(2),
            Self::Run(_) => ExitCode::FAILURE,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(why) | Self::Run(why) => f.write_str(why),
        }
    }
}

impl From<lexopt::Error> for Failure {
    fn from(error: lexopt::Error) -> Self {
        Self::Usage(format!("{error}; --help lists the options"))
    }
}
