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
//! `/livez`, `/readyz`, `/startupz`, `/healthz` and `/leaderz`, each with `/<check>`, `?verbose` and
//! `?exclude=`; and `/metrics` if there is an encoder. Only GET and HEAD are allowed, and nothing on
//! this port writes. Probes are answered from memory.
//!
//! # Limits
//!
//! | what | limit | beyond it |
//! | --- | --- | --- |
//! | protocol | HTTP/1.1 | 400, and the connection is closed |
//! | the head of a request | 8 KiB, 32 headers | 431, and the connection is closed |
//! | time to send a head, also on a kept connection | 5 s | the connection is closed |
//! | time in which a client reads nothing of its answer | 10 s | the connection is closed |
//! | open connections | 64 | a silent one makes room |
//! | scrapes that are answered at a time | 4 | 503 with `Retry-After` |
//! | time for the encoder, which runs once at a time | 10 s | 503 until it returns |
//! | time to read the whole of `/metrics` | 10 s | the connection is closed |
//!
//! The connection that makes room is the oldest one that had time to send a head and did not. The
//! same happens when the process has no file descriptor left. So connections that say nothing never
//! keep a kubelet out.
//!
//! The encoder has a thread of its own. Scrapes that arrive while it runs share its text. If it hangs,
//! it costs that thread and the metrics; probes are answered as before.
//!
//! A program that runs an axum server already can take [`HealthProbe::into_router`] instead. The limits
//! of `/metrics` hold there too. Connections and heads have the limits of that server.

mod connections;
mod encoder;
mod listener;
mod router;
mod scrape;
mod server;
mod stream;

#[cfg(feature = "operator")]
pub(crate) use self::encoder::Encode;
pub use self::{listener::PORT, router::HealthProbe, server::BoundProbe};
