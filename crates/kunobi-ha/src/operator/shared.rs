//! What all parts of a running program share.

use std::time::Duration;

use tokio::runtime::Handle as Runtime;

use super::candidate::ElectionName;
use crate::{
    journal::{self, error},
    leader::StepDownReason,
    shutdown::{Handle, Reason},
};

/// What all parts of a running program share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) shutdown: Handle,
    /// Where the user's work runs.
    pub(super) user: Runtime,
    /// Where the election runs, and nothing of the user's does, if the shutdown has a thread.
    pub(super) supervisor: Runtime,
}

impl Shared {
    /// Puts a loss into the report if it comes during the shutdown, when there is nothing to choose
    /// any more. Tells whether it does.
    pub(super) fn note_late_loss(&self, name: &ElectionName, reason: StepDownReason) -> bool {
        let late = reason != StepDownReason::Cancelled && self.shutdown.is_requested();
        if late {
            self.shutdown.trigger(Reason::LeadershipLost(name.prefix(reason).into()));
        }
        late
    }

    /// Ends the process because work that can't be aborted still runs, and another replica may lead
    /// soon. If the writer of the log blocks, it has `time_to_log`.
    pub(super) fn end_process(&self, names: &str, time_to_log: Duration) {
        error!("leader work can't be stopped: {names}; ending the process before another leads");
        self.shutdown.trigger(Reason::LeadershipLost(format!("{names} can't be stopped").into()));
        journal::flush(time_to_log);
        self.shutdown.end_process_at_once();
    }
}
