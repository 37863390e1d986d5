//! The runner: one value that owns the order of election, work, probes and shutdown.
//!
//! ```
//! use std::time::Duration;
//!
//! use kunobi_ha::{
//!     BoxError,
//!     leader::LeaderElection,
//!     operator::{LeaderContext, Operator},
//!     readiness::{Health, LeaderGate},
//!     shutdown::{Reason, Report, Shutdown},
//! };
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), BoxError> {
//! // A program calls `install()`, as its first line; this one has no signals.
//! let stop = Shutdown::builder().grace_period(Duration::from_secs(30)).manual()?;
//! # let handle = stop.handle();
//! // With a cluster: `LeaderElection::builder(config, "my-ns", "my-operator").build()`.
//! let election = LeaderElection::standalone();
//! let health = Health::builder()
//!     .leader(&election.state(), LeaderGate::ElectionHealthy)
//!     .ready_check("database", || async { Ok(()) });
//! let report = Operator::new(election)
//!     .shutdown(stop)
//!     .probes("127.0.0.1:0", health) // In a pod: "[::]:8081".
//!     .always("webhook", |ctx| async move {
//!         ctx.draining().await; // A server would stop accepting here.
//!         Ok(())
//!     })
//!     .lead("controllers", controllers)
//!     .run()
//!     .await;
//! assert_eq!(report.released.len(), 1);
//! assert_eq!(report.exit_code(), 0);
//! # Ok(())
//! # }
//!
//! /// Called once for each term.
//! async fn controllers(lead: LeaderContext) -> Result<(), BoxError> {
//!     println!("leading in term {}", lead.term());
//!     lead.ensure()?; // The last check before a write that only a leader may make.
//!     Ok(()) // Done: the program ends. Most wait for `lead.stopped()`.
//! }
//! ```
//!
//! # The order that it owns
//!
//! 1. Budgets, the names and timing of elections, and the port are checked before anything runs.
//! 2. Probes are served from before the first work until after the last.
//! 3. `always` work starts, and the election contends. Each term calls all `lead` work again.
//! 4. At a signal, readiness fails and a standby stops contending. A leader goes on renewing until
//!    leader work has ended. Then it releases the Lease, but only if all of that work, and all that
//!    it tracked, ended by itself. Otherwise the Lease runs out, and the log names what was still
//!    running. `always` work drains beside that and does not keep the Lease. What has to end before
//!    the release is added with [`always_before_release`](Operator::always_before_release).
//! 5. If leadership is lost, work is told to stop at once. What does not stop is aborted early
//!    enough to be gone before another replica can lead. Work that can't be aborted ends the
//!    process. Then [`OnLost`] decides whether the program exits or contends again. A loss during
//!    the shutdown is in the report, and in its exit code.
//! 6. If somebody wishes that another replica leads, leader work ends and the Lease is released as at
//!    a signal, but the program goes on, as a candidate: see [`OnWish`].
//!
//! # Several elections
//!
//! A program may contend for several Leases: [`Operator::election`] adds one, with its name, its
//! work and its [`OnLost`]. Each election goes through the steps above by itself. The shutdown is
//! the same one for all of them, and each Lease is released when its own work has ended.
//!
//! # When a candidacy fails
//!
//! | why | what the program does |
//! | --- | --- |
//! | the configuration can't work | it ends with code 1 before anything is sent |
//! | a refusal (a 403, a missing namespace, an object that is no Lease) of the first candidacy of an election, before it has followed a leader | it ends with code 1 |
//! | a refusal later on | it contends again |
//! | the API server was away for the [`observe_timeout`](crate::leader::LeaderElectionBuilder::observe_timeout) | it contends again, unless [`exit_on_observe_timeout`](Operator::exit_on_observe_timeout) says otherwise |
//!
//! It contends again after 1, 2, 4 … 60 s, with a warning that says why, and `always` work goes on.
//! Until a candidacy sees a leader or leads,
//! [`LeaderState::healthy`](crate::leader::LeaderState::healthy) is an error. So
//! [`LeaderGate::ElectionHealthy`](crate::readiness::LeaderGate::ElectionHealthy) is not ready, and
//! `kunobi_ha_candidacy_failures_total` counts.
//!
//! # When work ends
//!
//! A task that fails or panics ends the program with code 1. A `lead` future that returns `Ok`
//! while it leads has done all there is to do: the program ends with code 0. An `always` future may
//! return `Ok` at any time.

mod builder;
mod candidate;
mod contend;
mod context;
mod drained;
mod elections;
mod leader_loop;
mod leader_work;
mod on_lost;
mod on_wish;
mod run;
mod setback;
mod shared;
mod succession;
mod term;

pub use self::{
    builder::Operator,
    context::{Context, LeaderContext},
    leader_work::LeaderWork,
    on_lost::{LossPolicy, OnLost},
    on_wish::OnWish,
};
pub use crate::leader::NotLeading;
