//! What Prometheus and Grafana are given.

mod alerts;
mod dashboard;
mod definitions;
mod scraping;

use std::collections::BTreeSet;

use kunobi_ha::{
    leader::LeaderElection, metrics::Collector, readiness::Health, shutdown::Shutdown,
};
use prometheus_client::{encoding::text::encode, registry::Registry};
use serde_json::Value;

use crate::rendering::Rendering;

/// Returns the names of all series that the library exports.
fn exported() -> BTreeSet<String> {
    let shutdown = Shutdown::builder().manual().unwrap();
    let election = LeaderElection::standalone();
    let health = Health::builder().build().unwrap();
    let collector = Collector::new().election(&election.state()).health(&health);
    let mut registry = Registry::default();
    registry.register_collector(Box::new(collector.shutdown(shutdown.handle())));
    let mut text = String::new();
    encode(&mut text, &registry).unwrap();
    let families = text.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    let series = families.flat_map(|family| {
        let (name, kind) = family.split_once(' ').unwrap();
        let ends: &[&str] = match kind {
            "counter" => &["_total"],
            "histogram" => &["_bucket", "_count", "_sum"],
            _ => &[""],
        };
        ends.iter().map(move |end| format!("{name}{end}"))
    });
    series.collect()
}

/// Returns the metrics that a query reads.
fn metrics(query: &str) -> BTreeSet<String> {
    // What is in quotes is the value of a label.
    let code = query.split('"').step_by(2);
    let words = code.flat_map(|it| it.split(|c: char| !c.is_ascii_alphanumeric() && c != '_'));
    let metrics = words.filter(|it| {
        (it.starts_with("leader_election_") || it.starts_with("kunobi_ha_")) && !it.ends_with('_')
    });
    metrics.map(str::to_owned).collect()
}

/// Checks that the library exports all that a query reads.
fn check_query(query: &str) {
    let metrics = metrics(query);
    assert!(!metrics.is_empty(), "no metric in {query}");
    let exported = exported();
    let unknown: Vec<_> = metrics.difference(&exported).collect();
    assert!(unknown.is_empty(), "{unknown:?} in {query}");
}

/// Returns the alerts of a rendering.
fn alerts(rendering: &str) -> Vec<Value> {
    let objects = Rendering::named(rendering).objects;
    let rule = objects.iter().find(|it| it["kind"] == "PrometheusRule").expect(rendering);
    let groups = rule["spec"]["groups"].as_array().unwrap();
    groups.iter().flat_map(|it| it["rules"].as_array().unwrap().clone()).collect()
}

#[test]
fn the_metrics_of_a_query_are_found() {
    let query = r#"rate(kunobi_ha_takeovers_total{name="kunobi_ha_x"}[5m]) > leader_election_y"#;
    let expected = ["kunobi_ha_takeovers_total", "leader_election_y"].map(str::to_owned);
    assert_eq!(metrics(query), BTreeSet::from(expected));
    check_query("kunobi_ha_lease_renew_seconds_bucket");
}

#[test]
#[should_panic(expected = "leader_election_y")]
fn a_metric_that_the_library_does_not_export_is_noticed() {
    check_query("leader_election_y > 0");
}
