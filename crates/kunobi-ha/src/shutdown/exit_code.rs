//! The codes with which a process ends.
//!
//! The first row that applies decides.
//!
//! | code | what happened |
//! | --- | --- |
//! | 128 + n | signal n ended the process at once: see [`ShutdownBuilder::signals`] |
//! | [1](TASK_FAILED) | a task failed or panicked, a hook panicked or did not end in time, or nothing could be started: look at the program |
//! | [4](LEADERSHIP_LOST) | leadership was lost, and the policy is to exit; or it was lost during the shutdown: look at the API server and the network |
//! | [3](DRAIN_BUDGET_SPENT) | work did not end by itself within the drain budget, and was aborted: look at the budgets |
//! | [0](CLEAN) | all work ended by itself |
//!
//! [`ShutdownBuilder::signals`]: super::ShutdownBuilder::signals

/// All work ended by itself.
pub const CLEAN: u8 = 0;
/// A task or a hook failed, or nothing could be started.
pub const TASK_FAILED: u8 = 1;
/// Work still ran when the drain budget was spent, or was cut by a second signal.
pub const DRAIN_BUDGET_SPENT: u8 = 3;
/// Leadership was lost, and the policy is to exit; or it was lost during the shutdown.
pub const LEADERSHIP_LOST: u8 = 4;

/// What a shutdown had to go through.
#[derive(Clone, Copy, Debug)]
pub(super) struct Findings {
    pub(super) failed: bool,
    pub(super) lost: bool,
    pub(super) cut_short: bool,
}

impl Findings {
    /// The table above, without signals that end the process at once.
    pub(super) const fn code(self) -> u8 {
        match self {
            Self { failed: true, .. } => TASK_FAILED,
            Self { lost: true, .. } => LEADERSHIP_LOST,
            Self { cut_short: true, .. } => DRAIN_BUDGET_SPENT,
            Self { failed: false, lost: false, cut_short: false } => CLEAN,
        }
    }
}
