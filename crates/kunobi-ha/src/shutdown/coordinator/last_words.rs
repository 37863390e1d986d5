//! Why a process ends, in the termination message of its container.

use std::sync::Arc;

use super::Coordinator;
use crate::{
    shutdown::{exit_code::CLEAN, report::Report},
    termination_log::{TerminationLog, append_reason},
};

impl Coordinator {
    pub(in crate::shutdown) fn add_message(&self, log: Arc<TerminationLog>) {
        let mut hooks = self.hooks();
        if !hooks.messages.iter().any(|known| Arc::ptr_eq(known, &log)) {
            hooks.messages.push(log);
        }
    }

    /// rule C8: says in each termination message why the process fails.
    pub(in crate::shutdown) async fn leave_reason(&self, report: &Report) {
        if let Some(reason) = reason(report) {
            let logs = self.hooks().messages.clone();
            append_reason(logs, reason).await;
        }
    }
}

/// The reason of a failed end; `None` if the end was clean.
fn reason(report: &Report) -> Option<String> {
    if report.exit_code() == CLEAN {
        return None;
    }
    Some(match report.failures.first() {
        Some(failure) => failure.to_string(),
        None => report.to_string(),
    })
}
