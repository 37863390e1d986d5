//! What is served where.

use std::{fmt, io};

use axum::{
    Router,
    extract::State,
    http::{HeaderName, StatusCode, Uri, header},
    response::{IntoResponse, Response},
    routing::get,
};

use super::{
    encoder::Encode,
    listener,
    scrape::{Scrapes, metrics},
    server::BoundProbe,
};
use crate::readiness::{Endpoint, Health, ProbeAnswer};

/// Serves probes, and metrics if there is an encoder.
#[must_use = "nothing is served before it is bound"]
pub struct HealthProbe {
    health: Health,
    metrics: Option<Encode>,
    more: Router,
}

impl HealthProbe {
    /// Serves the probes of this health.
    pub fn new(health: Health) -> Self {
        Self { health, metrics: None, more: Router::new() }
    }

    /// Serves what this returns at `/metrics`, in the text format of Prometheus or `OpenMetrics`.
    ///
    /// It is called on a thread of its own, once at a time, and is dropped there. What it spawns runs
    /// on the runtime in which the server was bound, or the router was made. If it hangs, scrapes
    /// are answered with 503, if it panics with 500; probes are answered as ever.
    pub fn metrics(mut self, encode: impl Fn() -> String + Send + Sync + 'static) -> Self {
        self.metrics = Some(Box::new(encode));
        self
    }

    /// Serves these routes as well. Every client that reaches the pod can reach what is served
    /// on this port.
    pub fn merge(mut self, routes: Router) -> Self {
        self.more = self.more.merge(routes);
        self
    }

    /// Returns the routes, for an axum server that runs already. Polling begins with the first
    /// request.
    pub fn into_router(self) -> Router {
        let mut router = self.more;
        for endpoint in Endpoint::ALL {
            let word = endpoint.word();
            // What all these paths mean is decided by `Health::probe` alone.
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

    /// Binds a port: `[::]:8081`, or `:8081` for short, takes IPv4 as well, and only that where there
    /// is no IPv6.
    ///
    /// # Errors
    ///
    /// What the system says: the address does not parse, or is in use.
    ///
    /// # Cancel safety
    ///
    /// Dropped, it has bound nothing.
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

pub(super) const HEADERS: [(HeaderName, &str); 3] = [
    (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::CACHE_CONTROL, "no-store"),
];
