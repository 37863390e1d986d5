//! Which path is answered by what.

use std::{fmt, io};

use axum::{
    Router,
    extract::State,
    http::{StatusCode, Uri},
    response::{IntoResponse, Response},
    routing::get,
};

use super::{
    encoder::Encode,
    listener,
    scrape::{HEADERS, Scrapes, metrics},
    server::BoundProbe,
};
use crate::readiness::{Endpoint, Health, ProbeAnswer};

/// Serves the probes of a [`Health`], and metrics if there is an encoder.
#[must_use = "nothing is served before it is bound"]
pub struct HealthProbe {
    health: Health,
    metrics: Option<Encode>,
}

impl HealthProbe {
    /// Serves the probes of this health.
    pub fn new(health: Health) -> Self {
        Self { health, metrics: None }
    }

    /// Serves what `encode` returns at `/metrics`, in the text format of Prometheus or `OpenMetrics`.
    /// Default: there is no such path.
    ///
    /// It is called and dropped on a thread of its own, once at a time. What it spawns runs on the
    /// runtime in which the server is bound, or the router is made. If it hangs, scrapes are
    /// answered with 503; if it panics, with 500. Probes are answered as before.
    pub fn metrics(mut self, encode: impl Fn() -> String + Send + Sync + 'static) -> Self {
        self.metrics = Some(Box::new(encode));
        self
    }

    /// Returns the routes, for an axum server of the program. Polling begins with the first probe.
    pub fn into_router(self) -> Router {
        let mut router = Router::new();
        for endpoint in Endpoint::ALL {
            let word = endpoint.word();
            // `Health::probe` alone decides what these paths mean.
            let paths = Router::new()
                .route(&format!("/{word}"), get(probe))
                .route(&format!("/{word}/"), get(probe))
                .route(&format!("/{word}/{{*check}}"), get(probe))
                .with_state(self.health.clone());
            router = router.merge(paths);
        }
        if let Some(encode) = self.metrics {
            let scrapes = Scrapes::of(encode);
            router = router.route("/metrics", get(metrics).with_state(scrapes));
        }
        router
    }

    /// Binds an address, `[::]:8081` for example, or `:8081` for short. Either takes IPv4 and IPv6, or
    /// only IPv4 if the system has no IPv6. Connections wait in the kernel until
    /// [`BoundProbe::serve_until`] is polled.
    ///
    /// # Errors
    ///
    /// The error of the system, with the address in its text: the address does not parse, can't be
    /// resolved, or is in use.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: if it is dropped, nothing is bound.
    pub async fn bind(self, address: &str) -> io::Result<BoundProbe> {
        let listener = listener::bind(address).await?;
        BoundProbe::new(listener, self.health.clone(), self.into_router())
    }
}

async fn probe(State(health): State<Health>, uri: Uri) -> Response {
    health.start();
    let asked = uri.path_and_query().map_or("/", |asked| asked.as_str());
    match health.probe(asked) {
        Some(ProbeAnswer { status, body }) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
            (status, HEADERS, body).into_response()
        }
        None => (StatusCode::NOT_FOUND, HEADERS, "404 page not found\n").into_response(),
    }
}

impl fmt::Debug for HealthProbe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HealthProbe").field("health", &self.health).finish_non_exhaustive()
    }
}
