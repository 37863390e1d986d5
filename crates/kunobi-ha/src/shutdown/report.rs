//! How a shutdown went.

use std::{
    fmt,
    process::{ExitCode, Termination},
    sync::Arc,
};

use super::{exit_code::Findings, phase::Reason, tasks::Tally};

/// How a shutdown went. A `main` that returns it prints what failed, and ends with its exit code.
#[derive(Clone, Debug)]
#[must_use = "return it from `main`, for the exit code"]
#[non_exhaustive]
pub struct Report {
    /// Why the shutdown began.
    pub reason: Reason,
    /// Why leadership was lost, if it was: as the reason of the shutdown, or during it. If several
    /// Leases were lost, each has its text here, separated by `; `.
    pub lost: Option<Arc<str>>,
    /// Whether all work ended by itself within the drain budget.
    pub drained: bool,
    /// The names of the work that did not, one for each task, guard or tracked future.
    pub stuck: Vec<Arc<str>>,
    /// The names of what was released.
    pub released: Vec<Arc<str>>,
    /// The names of what was not released, because work did not end by itself or the release failed.
    pub not_released: Vec<Arc<str>>,
    /// The tasks and hooks that failed, before the shutdown or during it, with the reasons.
    pub failures: Vec<Arc<str>>,
}

/// Displays a report without its reason, which the log has had since the shutdown began.
pub(super) struct WithoutReason<'a>(&'a Report);

impl Report {
    pub(super) const fn new(reason: Reason, failures: Vec<Arc<str>>) -> Self {
        Self {
            reason,
            lost: None,
            drained: true,
            stuck: Vec::new(),
            released: Vec::new(),
            not_released: Vec::new(),
            failures,
        }
    }

    /// Reports that nothing could be started.
    pub(crate) fn failed(why: String) -> Self {
        let why = Arc::<str>::from(why);
        Self::new(Reason::TaskFailed(Arc::clone(&why)), vec![why])
    }

    pub(super) fn print_failures(&self) {
        for failure in &self.failures {
            eprintln!("error: {failure}");
        }
    }

    pub(super) const fn end(&self) -> WithoutReason<'_> {
        WithoutReason(self)
    }

    /// Returns the code with which the process ends: see [`exit_code`](super::exit_code).
    #[must_use]
    pub const fn exit_code(&self) -> u8 {
        Findings {
            failed: matches!(self.reason, Reason::TaskFailed(_)) || !self.failures.is_empty(),
            lost: matches!(self.reason, Reason::LeadershipLost(_)) || self.lost.is_some(),
            cut_short: !self.drained,
        }
        .code()
    }
}

impl Termination for Report {
    /// Prints what failed to standard error, for a program without a log.
    fn report(self) -> ExitCode {
        self.print_failures();
        ExitCode::from(self.exit_code())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.reason, self.end())
    }
}

impl fmt::Display for WithoutReason<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(report) = self;
        if let Some(lost) = &report.lost
            && !matches!(&report.reason, Reason::LeadershipLost(why) if why == lost)
        {
            write!(f, "; leadership was lost: {lost}")?;
        }
        for (what, names) in [
            ("still running", &report.stuck),
            ("released", &report.released),
            ("not released", &report.not_released),
        ] {
            if !names.is_empty() {
                write!(f, "; {what}: {}", Tally::of(names))?;
            }
        }
        write!(f, "; exit code {}", report.exit_code())
    }
}
