//! Shutdown in phases: signals, budgets, named work, exit codes.
//!
//! ```text
//! Running ─► Unready ─► Draining ─► (Aborting) ─► (Releasing) ─► Stopped
//! ```
//!
//! | phase | what happens | lasts at most |
//! | --- | --- | --- |
//! | [`Unready`](Phase::Unready) | readiness fails, everything still serves; skipped by SIGINT | `unready_delay`, 0 s |
//! | [`Draining`](Phase::Draining) | [`Handle::draining`] resolves; work in flight ends | the rest of the grace period: 24 s of 30 |
//! | [`Aborting`](Phase::Aborting) | the drain budget is spent: tasks are aborted, and waited for | 2 s |
//! | [`Releasing`](Phase::Releasing) | hooks of [`Handle::on_release`], if all work ended by itself | 3 s |
//! | [`Stopped`](Phase::Stopped) | hooks of [`Handle::on_stop`], the last one first; then the process ends with its [`exit_code`] | 1 s |
//!
//! An [`Operator`](crate::operator) does not wait for `Releasing` to release its Lease: it releases
//! the Lease when leader work has ended, while the work of every replica drains on beside it.
//!
//! # What is guaranteed
//!
//! - An installed shutdown keeps signals and budgets on a thread and a runtime of its own. Work that
//!   blocks every worker of the program's runtime delays neither a second signal nor the end of the
//!   process. [`ShutdownBuilder::signals`] lists what each signal does.
//! - Nothing of the program's runs on that thread. What the program hands over is run and displayed on
//!   the program's runtime, and is dropped there or by a thread of its own (`kunobi-ha-drop`). An error
//!   whose `Display` fails is reported as "an error whose Display fails".
//! - The log of this crate does not hold up the shutdown. From the installation on, a thread of its own
//!   (`kunobi-ha-log`) writes it, with the subscriber and the span of where each line comes from. If
//!   the writer blocks, up to 1,024 lines wait, further ones are counted, and the end is held up by a
//!   second at most.
//! - The process ends when the grace period is over, whatever its threads do. A log or a standard
//!   error that blocks adds a second at most.
//!
//! # What is not
//!
//! - A task that never yields can't be aborted. The process ends while it runs.
//! - A program that calls [`std::process::exit`] runs no hooks, and may lose the last lines of the log.
//!
//! # Example
//!
//! ```
//! use std::time::Duration;
//!
//! use kunobi_ha::shutdown::{Reason, Shutdown};
//!
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // A program calls `install()` as its first line; this one has no signals.
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
//! # What is left to a program without the operator
//!
//! The program itself fails its readiness from [`Handle::requested`] on, releases a Lease in
//! [`Handle::on_release`], and watches for the loss of the Lease. [`Operator`](crate::operator) does
//! all of that.

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
    budgets::{Budgets, InvalidBudgets, LONGEST_GRACE_PERIOD},
    builder::{
        GRACE_PERIOD_VARIABLE, InstallError, Shutdown, ShutdownBuilder, UNREADY_DELAY_VARIABLE,
    },
    drain::{DrainGuard, Draining},
    handle::Handle,
    phase::{Phase, Reason},
    report::Report,
    stop_signal::StopSignal,
};
#[cfg(feature = "operator")]
pub(crate) use self::{
    lease::{Clearance, HeldLease, ReleaseRequest, Released},
    tasks::{Ending, Scope, Tally, WorkGroup, name_of},
};
