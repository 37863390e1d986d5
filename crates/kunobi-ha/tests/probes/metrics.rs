//! `/metrics` beside the probes.

use kunobi_ha::{leader::LeaderElection, metrics::Collector};
use prometheus_client::{encoding::text::encode, registry::Registry};

use crate::wire::{Served, plain};

#[tokio::test]
async fn the_text_of_the_encoder_is_served_with_its_content_type() {
    let cases = [
        ("up 1\n", "text/plain; version=0.0.4; charset=utf-8"),
        ("up 1\n# EOF\n", "application/openmetrics-text; version=1.0.0; charset=utf-8"),
        ("", "text/plain; version=0.0.4; charset=utf-8"),
    ];
    for (text, kind) in cases {
        let served = Served::of(plain().metrics(move || text.into())).await;
        let answer = served.get("/metrics").await;
        assert_eq!((answer.status, answer.body.as_str()), (200, text));
        assert_eq!(answer.header("content-type"), Some(kind));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(served.wire().await.ask("POST", "/metrics").await.status, 405);
    }
}

#[tokio::test]
async fn the_collector_is_served_as_open_metrics() {
    let election = LeaderElection::standalone();
    let mut registry = Registry::default();
    registry.register_collector(Box::new(Collector::new().election(&election.state())));
    let served = Served::of(plain().metrics(move || {
        let mut text = String::new();
        encode(&mut text, &registry).unwrap();
        text
    }))
    .await;
    let _guard = election.acquire().await.unwrap();
    let answer = served.get("/metrics").await;
    assert!(answer.header("content-type").unwrap().starts_with("application/openmetrics-text"));
    let line =
        "leader_election_master_status{name=\"standalone\",lease_namespace=\"standalone\"} 1\n";
    assert!(answer.body.contains(line), "{}", answer.body);
}
