//! How a shutdown went.

use std::{
    fmt,
    process::{ExitCode, Termination},
    sync::Arc,
};

use super::{
    phase::{Reason, exit_code},
    tally::Tally,
};

/// How a shutdown went: what `main` returns.
#[derive(Clone, Debug)]
#[must_use = "return it from `main`, for the exit code"]
#[non_exhaustive]
pub struct Report {
    /// Why it began.
    pub reason: Reason,
    /// Whether all work ended by itself within the drain budget.
    pub drained: bool,
    /// The names of what did not, once for each that ran.
    pub stuck: Vec<Arc<str>>,
    /// What was released, by name.
    pub released: Vec<Arc<str>>,
    /// What should have been released, and was not.
    pub not_released: Vec<Arc<str>>,
    /// All that failed, from the beginning on.
    pub failures: Vec<Arc<str>>,
}

impl Report {
    pub(super) const fn new(reason: Reason, failures: Vec<Arc<str>>) -> Self {
        Self {
            reason,
            drained: true,
            stuck: Vec::new(),
            released: Vec::new(),
            not_released: Vec::new(),
            failures,
        }
    }

    /// Nothing could be started.
    pub(crate) fn failed(why: String) -> Self {
        let why = Arc::<str>::from(why);
        Self::new(Reason::TaskFailed(Arc::clone(&why)), vec![why])
    }

    pub(super) fn print_failures(&self) {
        for failure in &self.failures {
            eprintln!("error: {failure}");
        }
    }

    /// Returns the code with which the process ends.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        if !self.failures.is_empty() {
            return exit_code::TASK_FAILED;
        }
        match self.reason {
            Reason::TaskFailed(_) => exit_code::TASK_FAILED,
            Reason::LeadershipLost(_) => exit_code::LEADERSHIP_LOST,
            Reason::Requested(_) | Reason::Signal(_) if !self.drained => {
                exit_code::DRAIN_BUDGET_SPENT
            }
            Reason::Requested(_) | Reason::Signal(_) => exit_code::CLEAN,
        }
    }
}

impl Termination for Report {
    /// Prints what failed, for a program without logs.
    fn report(self) -> ExitCode {
        self.print_failures();
        ExitCode::from(self.exit_code())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.reason)?;
        for (what, names) in [
            ("still running", &self.stuck),
            ("released", &self.released),
            ("not released", &self.not_released),
        ] {
            if !names.is_empty() {
                write!(f, "; {what}: {}", Tally::of(names))?;
            }
        }
        write!(f, "; exit code {}", self.exit_code())
    }
}
