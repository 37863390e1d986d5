//! Shutdown in phases: signals, budgets, named work, exit codes.
//!
//! ```text
//! Running ─► Unready ─► Draining ─► (Aborting) ─► (Releasing) ─► Stopped
//! ```
//!
//! | phase | what happens | lasts at most |
//! | --- | --- | --- |
//! | [`Unready`](Phase::Unready) | readiness fails, everything still serves; skipped by SIGINT | `unready_delay`, 0 s |
//! | [`Draining`](Phase::Draining) | [`Handle::draining`] resolves; work in flight ends | what the others leave of the grace period: 24 s of 30 |
//! | [`Aborting`](Phase::Aborting) | the budget is spent: tasks are aborted and joined | 2 s |
//! | [`Releasing`](Phase::Releasing) | [`Handle::on_release`], if all work ended by itself | 3 s |
//! | [`Stopped`](Phase::Stopped) | [`Handle::on_stop`], in reverse order; then the exit code, and the end of the process | 1 s |
//!
//! The Lease of an [`Operator`](crate::operator) does not wait for the fourth row: it is released
//! when leader work has ended, while what every replica does drains on beside it.
//!
//! Signals and budgets are kept by a thread and runtime of their own: work that blocks every worker
//! of the program's runtime delays neither a second signal nor the end of the process. What each
//! signal does is listed at [`ShutdownBuilder::signals`].
//!
//! Nothing of the program's runs there: what it hands over is run, displayed and dropped on its own
//! runtime, or dropped by a thread of its own (`kunobi-ha-drop`). An error whose `Display` fails is
//! reported as "an error whose Display fails". Once a shutdown is installed, the log of this crate is
//! written by a thread of its own (`kunobi-ha-log`), with the subscriber and the span of where it
//! comes from. If its writer blocks, up to 1,024 lines wait, what finds no room is counted, and the
//! end is held up by a second at most. A program that calls [`std::process::exit`] may lose the last
//! lines.
//!
//! ```
//! use std::time::Duration;
//!
//! use kunobi_ha::shutdown::{Reason, Shutdown};
//!
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // A program calls `install()`, as its first line; this one has no signals.
//! let stop = Shutdown::builder().grace_period(Duration::from_secs(30)).manual()?;
//! let handle = stop.handle();
//! handle.spawn("worker", {
//!     let handle = handle.clone();
//!     async move {
//!         handle.draining().await; // The last item is finished here.
//!         Ok(())
//!     }
//! });
//! handle.trigger(Reason::Requested("an example".into()));
//! let report = stop.finished().await;
//! assert!(report.drained);
//! assert_eq!(report.exit_code(), 0);
//! # Ok(())
//! # }
//! ```
//!
//! # What is left to a program that uses it alone
//!
//! Readiness has to be told (watch [`Handle::requested`]), a Lease has to be released (with
//! [`Handle::on_release`]) and its loss has to be watched. [`Operator`](crate::operator) does all
//! of it.

mod budgets;
mod builder;
mod coordinator;
mod drain;
pub mod exit_code;
mod handle;
mod hooks;
#[cfg_attr(not(feature = "operator"), expect(dead_code, reason = "only the operator holds Leases"))]
mod lease;
mod phase;
mod phases;
mod report;
mod stop_signal;
mod supervisor;
mod tasks;

pub use self::{
    budgets::{
        ABORT_BUDGET, Budgets, DRAIN_BUDGET, GRACE_PERIOD, InvalidBudgets, LONGEST_GRACE_PERIOD,
        RELEASE_BUDGET, STOP_BUDGET, UNREADY_DELAY,
    },
    builder::{
        GRACE_PERIOD_VARIABLE, InstallError, Shutdown, ShutdownBuilder, UNREADY_DELAY_VARIABLE,
    },
    drain::{DrainGuard, Draining},
    handle::Handle,
    phase::{Phase, Reason},
    report::Report,
    stop_signal::StopSignal,
    tasks::tracked_name,
};
#[cfg(feature = "operator")]
pub(crate) use self::{
    lease::{Clearance, HeldLease, ReleaseRequest, Released},
    tasks::{Ending, Scope, WorkGroup, name_of},
};
