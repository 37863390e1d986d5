//! A path means the same over HTTP, in a router of the user, and without a server.

use axum::Router;
use kunobi_ha::{
    health_probe::HealthProbe,
    readiness::{Health, ProbeAnswer},
};
use tokio::net::TcpListener;

use crate::wire::{Served, Wire};

#[tokio::test]
async fn every_path_is_answered_over_http_as_health_answers_it() {
    let health = health();
    let served = Served::of(HealthProbe::new(health.clone())).await;
    for word in WORDS {
        for rest in RESTS {
            let path = format!("/{word}{rest}");
            assert_eq!(served.get(&path).await.told(), told(&health, &path), "{path}");
        }
    }
    for path in ["//livez", "/%6civez", "/livez%2fping", "/", "/livezz"] {
        assert_eq!(health.probe(path), None);
        assert_eq!(served.get(path).await.status, 404, "{path}");
    }
    assert_eq!(
        served.get("http://elsewhere/livez?verbose").await.told(),
        told(&health, "/livez?verbose")
    );
}

#[tokio::test]
async fn a_slash_at_the_end_asks_for_the_same() {
    let health = health();
    for word in WORDS {
        assert_eq!(health.probe(&format!("/{word}/")), health.probe(&format!("/{word}")));
    }
}

#[tokio::test]
async fn paths_mean_the_same_below_a_path_of_the_user() {
    let health = health();
    let app = Router::new().nest("/of/mine", HealthProbe::new(health.clone()).into_router());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = tokio::spawn(async { axum::serve(listener, app).await });
    for rest in RESTS {
        let path = format!("/readyz{rest}");
        let answer = Wire::open(address).await.get(&format!("/of/mine{path}")).await;
        assert_eq!(answer.told(), told(&health, &path), "{path}");
    }
    serving.abort();
}

fn told(health: &Health, path: &str) -> (u16, String) {
    match health.probe(path) {
        Some(ProbeAnswer { status, body, .. }) => (status, body),
        None => (404, "404 page not found\n".into()),
    }
}

fn health() -> Health {
    let mut health = Health::builder();
    health.ready_flag("a").set(true);
    let _unset = health.ready_flag("b");
    health.build().unwrap()
}

const WORDS: [&str; 5] = ["livez", "readyz", "healthz", "startupz", "leaderz"];
const RESTS: [&str; 23] = [
    "",
    "/",
    "//",
    "/?verbose",
    "?",
    "?verbose",
    "?verbose&exclude=b",
    "?verbose&exclude=%62",
    "?exclude=b?exclude=a",
    "??verbose",
    "/ping",
    "/ping/",
    "/a",
    "/b",
    "/b?verbose",
    "//b",
    "/%62",
    "/b/c",
    "/..",
    "/../metrics",
    "/{b}",
    "#verbose",
    "/b#c",
];
