//! While nobody leads, doctor finds something, whatever else there is.

use kubectl_ha::Exit;
use serde_json::{Value, json};

use super::chart::{Chart, Installed};
use crate::support::{Ground, lease};

const ALL: [&str; 3] = ["doctor kunobi-operator", "doctor", "doctor -A"];

#[tokio::test(start_paused = true)]
async fn no_pod_of_a_deployment_runs_and_nobody_leads() {
    let chart = Chart::rendered("defaults").placed(&[]);
    chart.ground.put(&stale("kunobi-operator", ""));
    let done = chart.run_then("doctor kunobi-operator --observe 0s").await;
    done.is("doctor/outage");
    assert_eq!(done.exit, Exit::Failed);
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_a_deployment_names_is_examined_before_it_exists() {
    let chart = unable();
    let done = chart.run_then("doctor kunobi-operator --observe 0s").await;
    done.is("doctor/no-lease");
    for words in ALL {
        let done = chart.run_then(&format!("{words} -o json")).await;
        assert_eq!(ids(&done.output), ["nobody-leads", "access-create"], "{words}");
        assert_eq!(done.exit, Exit::Failed);
    }
    assert_eq!(chart.run_then("doctor -n default").await.exit, Exit::Fine);
}

#[tokio::test(start_paused = true)]
async fn a_deployment_that_is_scaled_to_zero_is_found_before_its_lease_exists() {
    let mut chart = Chart::rendered("defaults");
    chart.set("Deployment", "/spec/replicas", json!(0));
    let chart = chart.placed(&[]);
    for words in ALL {
        let done = chart.run_then(&format!("{words} -o json")).await;
        assert_eq!(ids(&done.output), ["scaled-to-zero"], "{words}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_ran_out_is_found_though_no_workload_is_known() {
    let ground = Ground::new();
    ground.put(&stale("shop", "laptop"));
    let done = ground.run("doctor -n shop").await;
    assert!(done.output.contains("no workload that contends for it is known"), "{}", done.output);
    assert_eq!(done.exit, Exit::Failed);
}

#[tokio::test(start_paused = true)]
async fn a_holder_is_not_said_to_lead_when_its_lease_has_run_out() {
    let chart = Chart::rendered("defaults").placed(&[("a", "n1"), ("b", "n2")]);
    chart.ground.put(&stale("kunobi-operator", "kunobi-operator-5d9f-a"));
    chart.ground.server.edit(&Installed::pod("a"), |pod| {
        pod["status"]["conditions"][0]["status"] = json!("False");
    });
    let done = chart.run_then("doctor -o json").await;
    assert_eq!(ids(&done.output), ["nobody-leads"]);
    let text = chart.run_then("doctor").await.output;
    let header = "last held by kunobi-operator-5d9f-a: 1 error";
    assert!(text.contains(header) && !text.contains("The ClusterRole"), "{text}");
    let report: Value = serde_json::from_str(&done.output).unwrap();
    let skipped = report["elections"][0]["skipped"].as_array().unwrap();
    let because = skipped.iter().find(|it| it["id"] == "holder-not-ready").unwrap();
    assert_eq!(because["because"], "the lease of the holder has run out");
}

#[tokio::test(start_paused = true)]
async fn where_workloads_are_hidden_it_is_not_said_that_there_is_no_election() {
    let rule =
        "{ apiGroups: [coordination.k8s.io], resources: [leases], verbs: [get, list, watch] }";
    let ground = Ground::on(crate::support::allowing(rule));
    ground.run("doctor").await.is("doctor/nothing-seen");
    let json = ground.run("doctor -o json").await;
    assert!(json.errors.contains("is not known, because you may not list"), "{}", json.errors);
    ground.run("doctor orders").await.is("doctor/no-such-lease");
}

#[tokio::test(start_paused = true)]
async fn a_namespace_without_elections_is_named() {
    let ground = Ground::new();
    for words in ["doctor -n shop", "doctor -A"] {
        let done = ground.run(words).await;
        let place = if words.ends_with('A') { "any namespace" } else { "the namespace shop" };
        assert!(done.errors.contains(place), "{}", done.errors);
    }
}

/// The chart, two pods, and a Role with which they can't create the Lease.
fn unable() -> Installed {
    let mut chart = Chart::rendered("defaults");
    chart.set("Role", "/rules/0/verbs", json!(["get", "update"]));
    let chart = chart.placed(&[("a", "n1"), ("b", "n2")]);
    // It has been there for long.
    let address = "deployments kunobi-operator/kunobi-operator";
    let mut deployment = chart.ground.server.get(address).unwrap();
    deployment["metadata"]["creationTimestamp"] = json!("2026-11-27T09:00:00Z");
    chart.ground.server.inject(address, deployment);
    chart
}

/// A Lease that was written twenty minutes ago.
fn stale(namespace: &str, holder: &str) -> Value {
    let mut lease = lease(namespace, "kunobi-operator");
    lease["spec"]["holderIdentity"] = json!(holder);
    lease["spec"]["renewTime"] = json!("2026-11-27T09:40:00.000000Z");
    lease
}

fn ids(report: &str) -> Vec<String> {
    let report: Value = serde_json::from_str(report).unwrap();
    let elections = report["elections"].as_array().unwrap();
    let findings = elections.iter().flat_map(|it| it["findings"].as_array().unwrap());
    findings.map(|it| it["id"].as_str().unwrap().to_owned()).collect()
}
