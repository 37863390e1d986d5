//! Notices that a task went away before its end.

use super::candidacy::Candidacy;

/// Notes that the task of a term went away before its end: with its runtime, or by a panic.
pub(super) struct TaskGuard(Option<Candidacy>);

impl TaskGuard {
    pub(super) const fn new(candidacy: Candidacy) -> Self {
        Self(Some(candidacy))
    }

    /// The task has come to its end.
    pub(super) fn disarm(mut self) {
        self.0 = None;
    }
}

impl Drop for TaskGuard {
    fn drop(&mut self) {
        if let Some(candidacy) = &self.0 {
            candidacy.abandon();
        }
    }
}
