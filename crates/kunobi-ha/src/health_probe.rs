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
//! time, of which the oldest that had time to send a head and did not makes room for a new one, also
//! when the process has no file descriptor left: connections that say nothing never keep a kubelet
//! out. One whose client reads nothing of an answer for [`WRITE_TIMEOUT`] is closed.
//!
//! `/metrics` has limits of its own. [`SCRAPES`] are answered at a time, more get a 503 with
//! `Retry-After`. The encoder has a thread of its own and runs once at a time; scrapes that come
//! meanwhile share its text. One that has not returned within [`ENCODER_TIMEOUT`] costs that thread
//! and the metrics, which are a 503 until it returns. An answer has to be read within
//! [`WRITE_TIMEOUT`].
//!
//! A program that runs an axum server already can take [`HealthProbe::into_router`] instead. The
//! limits of `/metrics` hold there too; those of connections and heads are that server's.

mod connections;
mod encoder;
mod listener;
mod router;
mod scrape;
mod server;
mod stream;

pub use self::{
    encoder::ENCODER_TIMEOUT,
    router::HealthProbe,
    scrape::{SCRAPES, WRITE_TIMEOUT},
    server::{BoundProbe, CONNECTIONS, HEADER_TIMEOUT, PORT},
};
