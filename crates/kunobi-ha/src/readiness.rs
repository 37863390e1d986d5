//! Whether this process is alive and ready. A probe reads it from memory.
//!
//! ```
//! use std::time::Duration;
//!
//! use kunobi_ha::{
//!     leader::LeaderElection,
//!     readiness::{Health, LeaderGate},
//! };
//!
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let election = LeaderElection::standalone();
//! let mut health = Health::builder()
//!     .leader(&election.state(), LeaderGate::ElectionHealthy)
//!     .ready_check("database", || async { Ok(()) });
//! let caches = health.startup_flag("caches");
//! let health = health.build()?;
//! health.start();
//! # tokio::time::sleep(Duration::from_secs(1)).await;
//!
//! assert_eq!(health.probe("/livez").unwrap().body, "ok");
//! let answer = health.probe("/readyz").unwrap();
//! assert_eq!(answer.status, 503);
//! assert!(answer.body.contains("[-]caches failed: reason withheld\n"));
//! caches.set(true);
//! assert_eq!(health.probe("/readyz").unwrap().status, 200);
//! # Ok(())
//! # }
//! ```
//!
//! # What is checked where
//!
//! | | `/livez`, `/healthz` pass if | `/readyz` passes if | `/startupz` passes if |
//! | --- | --- | --- | --- |
//! | [`leader`](HealthBuilder::leader) | the election's task lives and runs | its [`LeaderGate`] holds | |
//! | [`live_heartbeat`](HealthBuilder::live_heartbeat) | it beats | | |
//! | [`ready_check`](HealthBuilder::ready_check) | | its last answers were good | |
//! | [`ready_flag`](HealthBuilder::ready_flag) | | it is set | |
//! | [`startup_flag`](HealthBuilder::startup_flag) | | it is set | it was set once |
//! | `shutdown` | | no shutdown was asked for | |
//!
//! Liveness never contains a dependency: a restart does not bring a database back. `/leaderz` is 200 on
//! the leader only, for load balancers that probe by themselves. A program with several elections
//! adds each with [`leader_named`](HealthBuilder::leader_named).
//!
//! Paths and texts are those of kube-apiserver. The status of a failure is 503.
//!
//! # What is logged
//!
//! An answer over HTTP names the check that fails and not the reason, unless
//! [`expose_reasons`](HealthBuilder::expose_reasons) is on. The reason is in the log: one line each
//! time that a probe finds a check to pass or to fail that did not at the probe before, or that no
//! probe has seen yet. A check that changes and changes back between two probes has no line. Scrapes
//! of metrics and [`Health::checks`] do not count as probes.

mod builder;
mod check;
mod endpoint;
mod flag;
mod gate;
mod health;
mod heartbeat;
mod poll;
mod polled;
mod text;
mod transitions;

#[cfg(feature = "operator")]
pub(crate) use self::check::is_check_name;
pub use self::{
    builder::{HealthBuilder, InvalidCheck},
    endpoint::Endpoint,
    flag::Flag,
    gate::LeaderGate,
    health::{CheckStatus, Health},
    heartbeat::Heartbeat,
    text::ProbeAnswer,
};
