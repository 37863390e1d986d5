//! The probes in a router of the user, and without any server.

use std::future::pending;

use axum::{Router, http::StatusCode, routing::get};
use kunobi_ha::{health_probe::HealthProbe, readiness::Health};
use tokio::net::TcpListener;

use crate::wire::Wire;

#[tokio::test]
async fn the_probes_go_into_a_router_of_the_user() {
    let checked = Health::builder().ready_check("database", async || Ok(())).build().unwrap();
    let app = Router::new()
        .route("/hello", get(async || "world"))
        .merge(HealthProbe::new(checked).metrics(|| "up 1\n".into()).into_router())
        .fallback(async || (StatusCode::IM_A_TEAPOT, "mine"));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = tokio::spawn(async { axum::serve(listener, app).await });
    let mut wire = Wire::open(address).await;
    assert_eq!(wire.get("/hello").await.body, "world");
    assert_eq!(wire.get("/livez?verbose").await.body, "[+]ping ok\nlivez check passed\n");
    assert_eq!(wire.get("/metrics").await.body, "up 1\n");
    assert_eq!(wire.get("/nowhere").await.status, 418);
    // The first probe has started polling.
    let ready = async { while wire.get("/readyz").await.status != 200 {} };
    tokio::time::timeout(std::time::Duration::from_secs(5), ready).await.expect("it was asked");
    serving.abort();
}

#[tokio::test]
async fn readiness_can_be_probed_without_any_server() {
    let health = Health::builder().ready_check("never", pending).build().unwrap();
    assert_eq!(health.probe("/readyz?exclude=never").unwrap().body, "ok");
    assert_eq!(health.probe("/readyz").unwrap().status, 503);
    for path in ["readyz", "/", "", "/metrics", "/readyz/other"] {
        assert_eq!(health.probe(path), None, "{path}");
    }
}
