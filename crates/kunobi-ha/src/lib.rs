//! Building blocks for high-availability Kubernetes controllers.
//!
//! An operator with several replicas lets one of them work. Another one has to take over quickly, and
//! no two may work at the same time. This crate does that.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let server = kunobi_ha_test::TestServer::builder().with_namespaces(["my-ns"]).build();
//! # let config = kube::Client::new(server.service("me"), "default");
//! use kunobi_ha::leader::{LeaderElection, RunEnd};
//!
//! // `config` is a `kube::Config`, as of `kube::Config::infer()`.
//! let election = LeaderElection::builder(config, "my-ns", "my-operator").build();
//! let state = election.state(); // for probes, and for whatever asks who leads
//! assert!(!state.is_leader());
//!
//! // Waits until this replica leads, runs the work, and releases the Lease when it has ended.
//! let end = election
//!     .run(|lead| async move {
//!         assert!(lead.ensure().is_ok());
//!         run_my_controllers().await;
//!     })
//!     .await?;
//! assert!(matches!(end, RunEnd::Done { .. }));
//! assert!(!state.is_leader());
//! # Ok(())
//! # }
//! # async fn run_my_controllers() {}
//! ```
//!
//! That is the election alone. It leaves signals, probes and exit codes to the program. `operator`
//! does these too, in the order in which they are safe, also for several elections. The
//! [guide](https://github.com/kunobi-ninja/kunobi-ha/blob/main/docs/guide.md) leads from a controller
//! of one replica to it, step by step, and has a table of what goes wrong otherwise.
//!
//! # What is promised
//!
//! At any instant at most one replica sees [`is_leader()`](leader::LeaderState::is_leader) `true`,
//! provided that the API server's writes are compare-and-swaps (etcd's are), that monotonic clocks
//! run at about the same rate (by default within 20 % of real time), and that only replicas that
//! follow these rules write the Lease. Wall clocks may be arbitrarily wrong, requests arbitrarily
//! late, and processes may be paused. A virtual machine that its hypervisor pauses is outside this
//! promise, because its clocks stop with it.
//! [PROTOCOL.md](https://github.com/kunobi-ninja/kunobi-ha/blob/main/crates/kunobi-ha-core/PROTOCOL.md)
//! has the theorem and the rules.
//!
//! [docs/stability.md](https://github.com/kunobi-ninja/kunobi-ha/blob/main/docs/stability.md) says what
//! stays the same from version to version.
//!
//! # What no lease can promise
//!
//! A process can be paused between `is_leader()` and the write that follows, and then write although
//! another replica leads. Where that does harm, send [`Term::fence`](leader::Term::fence) with the
//! write. This number grows with every term, and the target refuses a smaller one.
//!
//! # Map
//!
//! | module | what is in it |
//! | --- | --- |
//! | [`leader`] | leader election over a Lease |
//! | `operator` | the runner: election, work, probes and shutdown in the right order |
//! | `shutdown` | signals, budgets, named work, exit codes |
//! | `readiness` | checks that a probe reads from memory |
//! | `health_probe` | a small HTTP server for them |
//! | `metrics` | a collector of what is counted, for the crate `prometheus-client` |
//! | [`error`] | what can go wrong, and what to do then |
#![cfg_attr(docsrs, feature(doc_cfg))]

mod env_var;
pub mod error;
#[cfg(feature = "health-probe")]
#[cfg_attr(docsrs, doc(cfg(feature = "health-probe")))]
pub mod health_probe;
mod journal;
pub mod leader;
#[cfg(feature = "prometheus-client")]
#[cfg_attr(docsrs, doc(cfg(feature = "prometheus-client")))]
pub mod metrics;
#[cfg(feature = "operator")]
#[cfg_attr(docsrs, doc(cfg(feature = "operator")))]
pub mod operator;
#[cfg(feature = "readiness")]
#[cfg_attr(docsrs, doc(cfg(feature = "readiness")))]
pub mod readiness;
#[cfg(feature = "shutdown")]
#[cfg_attr(docsrs, doc(cfg(feature = "shutdown")))]
pub mod shutdown;
mod sync;
mod termination_log;
#[cfg(any(feature = "readiness", feature = "shutdown"))]
mod user_code;

pub use error::{BoxError, Error, InvalidConfig, Result};
pub use leader::LeaderState;

/// The examples of the README, compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
