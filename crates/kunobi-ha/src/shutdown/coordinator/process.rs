//! The end of the shutdown, and of the process if the shutdown owns it.

use std::{process, thread, time::Duration};

use tokio::{sync::oneshot, time::timeout};

use super::Coordinator;
use crate::{
    journal::{self, warn},
    shutdown::report::Report,
};

impl Coordinator {
    /// Waits for the end of the phases.
    pub(in crate::shutdown) async fn outcome(&self) -> Report {
        let mut outcome = self.outcome.subscribe();
        match outcome.wait_for(Option::is_some).await.map(|report| report.clone()) {
            Ok(Some(report)) => report,
            // The sender lives in `self`, and `wait_for` returns what it asked for.
            Ok(None) | Err(_) => Report::failed("the shutdown has no outcome".into()),
        }
    }

    /// Hands the report to the task that waits for it, and ends the process if this shutdown owns it:
    /// at once if no task waits for the report, otherwise after `time_to_return`. No thread of the program can
    /// delay that.
    pub(in crate::shutdown) async fn conclude(&self, report: Report, time_to_return: Duration) {
        let code = report.exit_code();
        if !self.owns_process() {
            self.outcome.send_replace(Some(report));
            return;
        }
        if self.outcome.receiver_count() > 0 {
            self.outcome.send_replace(Some(report.clone()));
            tokio::time::sleep(time_to_return).await;
            warn!(
                "main did not return within {time_to_return:?}; ending the process with exit code {code}"
            );
        }
        journal::flushed(LAST_WORDS).await;
        // Standard error may block as well as the log.
        let (tell, told) = oneshot::channel();
        let printing = thread::Builder::new().name(PRINTER.into()).spawn(move || {
            report.print_failures();
            // The wait may be over.
            let _ = tell.send(());
        });
        if printing.is_ok() {
            let _ = timeout(LAST_WORDS, told).await;
        }
        self.exit(code);
    }

    /// Ends the process without the rest of the phases, if a shutdown has begun and owns the process.
    #[cfg(feature = "operator")]
    pub(in crate::shutdown) fn end_process_at_once(&self) {
        if let Some((reason, _)) = self.begun_at() {
            let mut report = Report::new(reason, Vec::new());
            self.complete(&mut report);
            self.exit(report.exit_code());
        }
    }

    fn exit(&self, code: u8) {
        if self.owns_process() {
            process::exit(i32::from(code));
        }
    }
}

/// How long a writer that blocks may hold up the end of the process.
const LAST_WORDS: Duration = Duration::from_millis(100);
const PRINTER: &str = "kunobi-ha-err";
