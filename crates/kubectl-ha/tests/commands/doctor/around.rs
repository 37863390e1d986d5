//! What is around a Lease: in other namespaces, behind missing rights, and behind a server that has no time.

use kubectl_ha::Exit;
use kunobi_ha_test::{Fault, FaultRule, Matcher};
use serde_json::{Value, json};

use super::chart::{Chart, Installed};
use crate::support::lease;

#[tokio::test(start_paused = true)]
async fn a_workload_that_elects_in_another_namespace_is_known_there() {
    let chart = elsewhere();
    let done = chart.run_then("doctor orders -n default").await;
    assert!(done.output.contains("though Deployment kunobi-operator/orders names it"), "{done:?}");
    // Its pods are down for longer than a day, and its Lease is not to be deleted.
    let mut left = lease("default", "orders");
    left["spec"]["renewTime"] = json!("2026-11-20T09:00:00.000000Z");
    chart.ground.put(&left);
    for words in ["doctor orders -n default", "doctor -n default", "doctor -A"] {
        let report = report(&chart.run_then(&format!("{words} -o json")).await.output);
        let election = election(&report, "orders");
        assert_eq!(ids(&election["findings"]), ["nobody-leads", "no-candidate"], "{words}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_all_namespaces_hide_their_own_still_shows() {
    let lists = |group: &str, kinds: &[&str]| json!({ "apiGroups": [group], "resources": kinds, "verbs": ["list"] });
    let chart = viewed(&[
        lists("", &["pods", "events"]),
        lists("apps", &["deployments", "statefulsets", "daemonsets"]),
        lists("policy", &["poddisruptionbudgets"]),
    ])
    .await;
    let mut lost = lease("kunobi-operator", "lost");
    lost["spec"]["holderIdentity"] = json!("laptop");
    chart.ground.put(&lost);
    let report = seen_by_me(&chart).await;
    let seen = ids(&election(&report, "kunobi-operator")["passed"]);
    for id in ["no-standby", "holder-not-ready", "pdb-blocks", "flapping"] {
        assert!(seen.contains(&id.to_owned()), "{id}: {seen:?}");
    }
    let lost = election(&report, "lost");
    let skipped = lost["skipped"].as_array().unwrap();
    let abandoned = skipped.iter().find(|it| it["id"] == "lease-abandoned").unwrap();
    assert_eq!(abandoned["because"], "you may not list deployments");
}

#[tokio::test(start_paused = true)]
async fn a_review_that_the_server_has_no_time_for_is_asked_for_again() {
    for code in [429, 503] {
        let chart = Chart::rendered("defaults").installed().await;
        let review = Matcher::create("selfsubjectaccessreviews");
        chart.ground.server.add_rule("admin", FaultRule::new(review, Fault::status(code)).times(1));
        let report = report(&chart.run("doctor -o json").await.output);
        assert_eq!(report["elections"][0]["skipped"], json!([]), "{code}");
        let review = Matcher::create("selfsubjectaccessreviews");
        assert_eq!(chart.ground.server.requests_matching(review).len(), 9, "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn without_an_answer_to_reviews_the_rest_is_examined() {
    let chart = Chart::rendered("defaults").installed().await;
    let review = Matcher::create("selfsubjectaccessreviews");
    chart.ground.server.add_rule("admin", FaultRule::new(review, Fault::status(500)));
    let done = chart.run("doctor -o json").await;
    let report = report(&done.output);
    let skipped = report["elections"][0]["skipped"].as_array().unwrap();
    let missing = skipped.iter().find(|it| it["id"] == "access-missing").unwrap();
    let because = missing["because"].as_str().unwrap();
    assert!(because.contains("could not be asked for: the API server answers 500"), "{because}");
    assert_eq!((skipped.len(), done.exit), (5, Exit::Fine), "{skipped:?}");
}

#[tokio::test(start_paused = true)]
async fn a_user_that_may_not_be_impersonated_is_asked_for_once() {
    let chart =
        viewed(&[json!({ "apiGroups": ["*"], "resources": ["*"], "verbs": ["list"] })]).await;
    for number in 0..20 {
        let mut lease = lease("kunobi-operator", &format!("lease-{number}"));
        lease["spec"]["holderIdentity"] = json!("kunobi-operator-5d9f-a");
        chart.ground.put(&lease);
    }
    let report = seen_by_me(&chart).await;
    assert_eq!(report["elections"].as_array().unwrap().len(), 21);
    let review = Matcher::create("selfsubjectaccessreviews");
    let asked = chart.ground.server.requests_matching(review).len();
    assert!((1..=8).contains(&asked), "{asked}");
}

/// Beside the chart, a Deployment that elects in the namespace `default`, and has no pods.
fn elsewhere() -> Installed {
    let mut chart = Chart::rendered("defaults");
    let args = ["--leader-election-id=orders", "--leader-election-namespace=default"];
    let labels = json!({ "app": "orders" });
    chart.push(json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": { "name": "orders", "namespace": "kunobi-operator" },
        "spec": { "replicas": 2, "selector": { "matchLabels": labels }, "template": {
            "metadata": { "labels": labels },
            "spec": { "serviceAccountName": "orders",
                      "containers": [{ "name": "c", "image": "i", "args": args }] } } },
    }));
    chart.push(json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role",
        "metadata": { "name": "orders", "namespace": "default" },
        "rules": [{ "apiGroups": ["coordination.k8s.io"], "resources": ["leases"],
                    "verbs": ["get", "create"] },
                  { "apiGroups": ["coordination.k8s.io"], "resources": ["leases"],
                    "resourceNames": ["orders"], "verbs": ["update"] }],
    }));
    bind(
        &mut chart,
        "orders",
        "default",
        &json!({ "kind": "ServiceAccount", "name": "orders",
                                                   "namespace": "kunobi-operator" }),
    );
    let chart = chart.placed(&[]);
    chart.ground.server.edit("deployments kunobi-operator/orders", |it| {
        it["metadata"]["creationTimestamp"] = json!("2026-11-20T09:00:00Z");
    });
    chart
}

/// The chart; the client `me` may look at Leases, and do this, in its namespace.
async fn viewed(rules: &[Value]) -> Installed {
    let mut chart = Chart::rendered("defaults");
    let leases = json!({ "apiGroups": ["coordination.k8s.io"], "resources": ["leases"],
                         "verbs": ["get", "list", "watch"] });
    let rules = [&[leases][..], rules].concat();
    chart.push(json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role",
        "metadata": { "name": "viewer", "namespace": "kunobi-operator" },
        "rules": rules,
    }));
    let me = json!({ "apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "me" });
    bind(&mut chart, "viewer", "kunobi-operator", &me);
    chart.installed().await
}

/// Returns what `me` sees in the namespace of the chart.
async fn seen_by_me(chart: &Installed) -> Value {
    let words = "doctor -n kunobi-operator -o json";
    let done = chart.ground.run_with(words, |it| it.with_clock(jiff::Timestamp::now)).await;
    assert!(!done.output.is_empty(), "{}", done.errors);
    report(&done.output)
}

fn bind(chart: &mut Chart, role: &str, namespace: &str, subject: &Value) {
    chart.push(json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
        "metadata": { "name": role, "namespace": namespace },
        "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": role },
        "subjects": [subject],
    }));
}

fn report(output: &str) -> Value {
    serde_json::from_str(output).unwrap()
}

fn election<'a>(report: &'a Value, name: &str) -> &'a Value {
    let elections = report["elections"].as_array().unwrap();
    elections.iter().find(|it| it["name"] == name).unwrap_or_else(|| panic!("{report:#}"))
}

/// Returns the ids of findings, or of checks.
fn ids(list: &Value) -> Vec<String> {
    let id = |it: &Value| it.as_str().or(it["id"].as_str()).unwrap().to_owned();
    list.as_array().unwrap().iter().map(id).collect()
}
