//! Whether this process is alive and ready, as a probe reads it from memory.
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
//! | | `/livez`, `/healthz` | `/readyz` | `/startupz` |
//! | --- | --- | --- | --- |
//! | [`leader`](HealthBuilder::leader) | the election's task lives and runs | its [`LeaderGate`] | |
//! | [`live_heartbeat`](HealthBuilder::live_heartbeat) | it beats | | |
//! | [`ready_check`](HealthBuilder::ready_check), [`ready_flag`](HealthBuilder::ready_flag) | | it is well | |
//! | [`startup_flag`](HealthBuilder::startup_flag) | | it is set | it was set once |
//! | `shutdown` | | no shutdown was asked for | |
//!
//! Liveness never contains a dependency: a database that is away is no reason to restart. `/leaderz`
//! is 200 on the leader only, for load balancers that ask by themselves. A program with several
//! elections adds each with [`leader_named`](HealthBuilder::leader_named).
//!
//! Paths and texts are those of kube-apiserver, but for the status of a failure, which is 503. The
//! reason of a failure is in the log, once for each change: an answer over HTTP only says
//! which check it is, unless [`expose_reasons`](HealthBuilder::expose_reasons) is on.

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

pub use self::{
    builder::{HealthBuilder, InvalidCheck},
    endpoint::Endpoint,
    flag::Flag,
    gate::LeaderGate,
    health::{CheckStatus, Health},
    heartbeat::Heartbeat,
    text::ProbeAnswer,
};
