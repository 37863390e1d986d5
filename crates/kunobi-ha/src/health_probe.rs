//! A small HTTP server for probes and metrics.
//!
//! ```
//! use kunobi_ha::{
//!     health_probe::HealthProbe,
//!     readiness::Health,
//! };
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let health = Health::builder().build()?;
//! let server = HealthProbe::new(health).metrics(|| "up 1\n".into()).bind("127.0.0.1:0").await?;
//! println!("probes at {}", server.local_addr());
//! let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
//! let serving = tokio::spawn(server.serve_until(async { drop(stopped.await) }));
//! drop(stop);
//! serving.await?;
//! # Ok(())
//! # }
//! ```
//!
//! # What it serves
//!
//! `/livez`, `/readyz`, `/startupz`, `/healthz`, `/leaderz`, each with `/<check>`, `?verbose` and
//! `?exclude=`, and `/metrics` if there is an encoder; GET and HEAD only, from memory only. Nothing
//! on this port writes.
//!
//! # Limits
//!
//! HTTP/1.1; a request's head within [`HEADER_TIMEOUT`], 8 KiB and 32 headers; [`CONNECTIONS`] at a
//! time, of which the oldest that waits for a head makes room for a new one: connections that say
//! nothing never keep a kubelet out.
//!
//! Whoever runs an axum server already can take [`HealthProbe::into_router`] instead, and then
//! answers for these limits.

mod connections;
mod listener;
mod router;
mod server;

pub use self::{
    router::HealthProbe,
    server::{BoundProbe, CONNECTIONS, HEADER_TIMEOUT, PORT},
};
