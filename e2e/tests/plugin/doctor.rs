//! `kubectl ha doctor -A`: the chart as it is rendered, and the same with one thing wrong, each in a
//! namespace of its own, led by a real election.

mod installation;

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use control_plane::{Plane, PlaneOptions};
use e2e::{objects::create, plugin::kubectl_ha};
use kubectl_ha::Exit;
use serde_json::{Value, json};

use self::installation::Installation;

#[tokio::test]
async fn a_chart_has_exactly_the_findings_that_were_planted() {
    let options = PlaneOptions { identities: vec!["reader".into()], ..PlaneOptions::default() };
    let plane = Plane::start(&options).unwrap();
    let cases = cases();
    let mut leaders = Vec::new();
    for (namespace, change, _) in &cases {
        let mut installation = Installation::rendered(&plane, namespace).await;
        change(&mut installation);
        leaders.push(installation.led().await);
    }
    let expected: BTreeMap<String, Vec<String>> = cases
        .iter()
        .map(|(namespace, _, ids)| {
            ((*namespace).into(), ids.iter().map(|id| (*id).to_owned()).collect())
        })
        .collect();
    // Roles take effect a little later than they are written.
    let end = Instant::now() + Duration::from_secs(60);
    let found = loop {
        let found = ids(&plane).await;
        if found == expected || Instant::now() > end {
            break found;
        }
    };
    assert_eq!(found, expected);

    let kubeconfig = plane.kubeconfig("admin").unwrap();
    let well = kubectl_ha(kubeconfig, "doctor kunobi-operator -n well").await;
    assert!(well.output.contains("all is well, 36 checks passed"), "{}", well.output);
    assert_eq!(well.exit, Exit::Fine);
    let broken = kubectl_ha(kubeconfig, "doctor kunobi-operator -n stuck").await;
    println!("{}", broken.output);
    assert_eq!(broken.exit, Exit::Failed);
    // Who may impersonate nobody is told so.
    let admin = plane.client("admin").await.unwrap();
    let rules =
        json!([{ "apiGroups": ["*"], "resources": ["*"], "verbs": ["get", "list", "watch"] }]);
    let role = json!({ "metadata": { "name": "reader" }, "rules": rules });
    let rbac = "/apis/rbac.authorization.k8s.io/v1";
    create(&admin, &format!("{rbac}/clusterroles"), &role).await.unwrap();
    let group = "rbac.authorization.k8s.io";
    let binding = json!({
        "metadata": { "name": "reader" },
        "roleRef": { "apiGroup": group, "kind": "ClusterRole", "name": "reader" },
        "subjects": [{ "apiGroup": group, "kind": "User", "name": "reader" }],
    });
    create(&admin, &format!("{rbac}/clusterrolebindings"), &binding).await.unwrap();
    let words = "doctor kunobi-operator -n well -o json";
    let report = kubectl_ha(plane.kubeconfig("reader").unwrap(), words).await;
    let report: Value = serde_json::from_str(&report.output).unwrap();
    let skipped = report["elections"][0]["skipped"].as_array().unwrap();
    let because = skipped.iter().find(|it| it["id"] == "access-missing").unwrap();
    let text = "you may not impersonate system:serviceaccount:well:kunobi-operator";
    assert_eq!(because["because"], text);
}

type Case = (&'static str, fn(&mut Installation<'_>), &'static [&'static str]);

/// A namespace, what is changed there, and what is found.
fn cases() -> Vec<Case> {
    const CONTAINER: &str = "/spec/template/spec/containers/0";
    vec![
        ("well", |_| {}, &[]),
        (
            "stuck",
            |it| {
                let path = format!("{CONTAINER}/readinessProbe/httpGet/path");
                it.set("Deployment", &path, json!("/leaderz"));
                it.standby_ready = false;
            },
            &["rollout-stuck"],
        ),
        ("wide", |it| it.rule(&["get", "create", "update", "delete"]), &["access-wider"]),
        ("narrow", |it| it.rule(&["get", "create"]), &["access-missing"]),
        (
            "blocked",
            |it| {
                it.set(
                    "PodDisruptionBudget",
                    "/spec",
                    json!({ "maxUnavailable": 0, "selector": {} }),
                );
            },
            &["pdb-blocks"],
        ),
        (
            "hurried",
            |it| {
                it.set(
                    "Deployment",
                    "/spec/template/spec/terminationGracePeriodSeconds",
                    json!(20),
                );
            },
            &["grace-period"],
        ),
        ("lost", |it| it.lost_node = true, &["holder-node-lost"]),
        ("alone", |it| it.set("Deployment", "/spec/replicas", json!(1)), &["single-replica"]),
        ("crowded", |it| it.one_node = true, &["one-node"]),
        ("unknown", |it| it.identity = "laptop", &["holder-unknown"]),
        (
            "same",
            |it| {
                let variable = json!({ "name": "IDENTITY", "value": "me" });
                it.set("Deployment", &format!("{CONTAINER}/env/5"), variable);
                it.identity = "me";
            },
            &["identity-shared", "holder-unknown"],
        ),
    ]
}

/// Returns what is found in each namespace.
async fn ids(plane: &Plane) -> BTreeMap<String, Vec<String>> {
    let done = kubectl_ha(plane.kubeconfig("admin").unwrap(), "doctor -A -o json").await;
    let report: Value = serde_json::from_str(&done.output).unwrap();
    let elections = report["elections"].as_array().unwrap();
    let of = |election: &Value| {
        // Of an identity that names no pod, checks of the pod are skipped.
        let names_pod = election["holder"].as_str().unwrap().starts_with("kunobi-operator-");
        let skipped = election["skipped"].as_array().unwrap();
        assert_eq!(skipped.is_empty(), names_pod, "{election:#}");
        let findings = election["findings"].as_array().unwrap();
        let ids = findings.iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect();
        (election["namespace"].as_str().unwrap().to_owned(), ids)
    };
    elections.iter().map(of).collect()
}
