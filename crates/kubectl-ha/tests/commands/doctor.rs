//! `kubectl ha doctor`, whole, against a server in process that decides by Roles.

mod around;
mod chart;
mod outage;

use kubectl_ha::Exit;
use kunobi_ha_test::Matcher;
use serde_json::{Value, json};
use tokio::time::sleep;

use self::chart::{Chart, Installed};
use crate::{
    election::{Played, beside, ms, s},
    support::Ground,
};

#[tokio::test(start_paused = true)]
async fn the_chart_as_it_is_rendered_has_no_findings() {
    let chart = Chart::rendered("defaults").installed().await;
    let done = chart.run("doctor kunobi-operator").await;
    done.is("doctor/healthy");
    assert_eq!(done.exit, Exit::Fine);
}

#[tokio::test(start_paused = true)]
async fn with_fast_failover_and_one_handover_it_has_none_either() {
    let chart = Chart::rendered("both").installed().await;
    assert_eq!(chart.ids("doctor --observe 0s").await, [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn what_is_wrong_is_said_with_how_to_fix_it() {
    let mut chart = Chart::rendered("defaults");
    chart.set("PodDisruptionBudget", "/spec", json!({ "minAvailable": 2, "selector": {} }));
    let probe = "/spec/template/spec/containers/0/readinessProbe/httpGet/path";
    chart.set("Deployment", probe, json!("/leaderz"));
    chart.set("Deployment", "/spec/template/spec/terminationGracePeriodSeconds", json!(20));
    chart.set("Role", "/rules/0/verbs", json!(["get", "delete"]));
    let chart = chart.installed().await;
    chart.ground.server.edit(&Installed::pod("b"), |pod| {
        pod["spec"]["nodeName"] = json!("n1");
        pod["status"]["conditions"][0]["status"] = json!("False");
    });
    let done = chart.run("doctor kunobi-operator").await;
    done.is("doctor/broken");
    chart.run("doctor kunobi-operator -o json").await.is("doctor/json");
    chart.run("doctor kunobi-operator -o yaml").await.is("doctor/yaml");
    for (fail_on, exit) in [("error", Exit::Failed), ("never", Exit::Fine)] {
        let done = chart.run(&format!("doctor --fail-on={fail_on}")).await;
        assert_eq!(done.exit, exit, "{fail_on}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_note_fails_only_if_that_is_asked_for() {
    let mut chart = Chart::rendered("defaults");
    chart.set("Deployment", "/spec/replicas", json!(1));
    let chart = chart.installed().await;
    assert_eq!(chart.ids("doctor").await, ["single-replica"]);
    assert_eq!(chart.run("doctor").await.exit, Exit::Fine);
    assert_eq!(chart.run("doctor --fail-on=note").await.exit, Exit::Failed);
    assert_eq!(chart.run("doctor --fail-on=warning").await.exit, Exit::Fine);
}

/// A Role lets the client see Leases, and nothing else.
#[tokio::test(start_paused = true)]
async fn what_may_not_be_looked_at_is_skipped_and_never_passed() {
    let mut chart = Chart::rendered("defaults");
    chart.push(json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role",
        "metadata": { "name": "viewer", "namespace": "kunobi-operator" },
        "rules": [{ "apiGroups": ["coordination.k8s.io"], "resources": ["leases"],
                    "verbs": ["get", "list", "watch"] }],
    }));
    chart.push(json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
        "metadata": { "name": "viewer", "namespace": "kunobi-operator" },
        "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "viewer" },
        "subjects": [{ "apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "viewer" }],
    }));
    let chart = chart.installed().await;
    let done = chart.run("doctor kunobi-operator --as=viewer").await;
    done.is("doctor/viewer");
    assert_eq!(done.exit, Exit::Fine);
}

#[tokio::test(start_paused = true)]
async fn with_the_role_of_the_page_nothing_is_skipped() {
    let page = include_str!("../../README.md");
    let role = page.split("```yaml\n").nth(1).unwrap().split("```").next().unwrap();
    let mut chart = Chart::rendered("defaults");
    chart.push(serde_saphyr::from_str(role).unwrap());
    chart.push(json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding",
        "metadata": { "name": "doctor" },
        "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole",
                     "name": "kubectl-ha-doctor" },
        "subjects": [{ "apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "me" }],
    }));
    let chart = chart.installed().await;
    for words in ["doctor -n kunobi-operator -o json", "doctor -A -o json"] {
        let done = chart.ground.run_with(words, |it| it.with_clock(jiff::Timestamp::now)).await;
        let report: Value = serde_json::from_str(&done.output).unwrap();
        let election = &report["elections"][0];
        assert_eq!(
            (&election["skipped"], &election["findings"]),
            (&json!([]), &json!([])),
            "{words}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn service_accounts_are_asked_for_by_impersonation() {
    let mut chart = Chart::rendered("defaults");
    chart.set("Role", "/rules/0/resourceNames", json!(["another"]));
    let chart = chart.installed().await;
    assert_eq!(chart.ids("doctor").await, ["access-missing", "access-create"]);
    let review = Matcher::create("selfsubjectaccessreviews");
    assert_eq!(chart.ground.server.requests_matching(review).len(), 8);
}

#[tokio::test(start_paused = true)]
async fn rights_on_all_leases_are_told_from_those_in_all_namespaces() {
    for (kind, ids) in
        [("Role", &["access-wider"][..]), ("ClusterRole", &["access-elsewhere", "access-wider"])]
    {
        let mut chart = Chart::rendered("defaults");
        let namespace = if kind == "Role" { json!("kunobi-operator") } else { Value::Null };
        let rbac = "rbac.authorization.k8s.io";
        chart.push(json!({
            "apiVersion": format!("{rbac}/v1"), "kind": kind,
            "metadata": { "name": "leases", "namespace": namespace },
            "rules": [{ "apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": ["update"] }],
        }));
        chart.push(json!({
            "apiVersion": format!("{rbac}/v1"), "kind": format!("{kind}Binding"),
            "metadata": { "name": "leases", "namespace": namespace },
            "roleRef": { "apiGroup": rbac, "kind": kind, "name": "leases" },
            "subjects": [{ "kind": "ServiceAccount", "name": "kunobi-operator",
                           "namespace": "kunobi-operator" }],
        }));
        let chart = chart.installed().await;
        assert_eq!(chart.ids("doctor").await, ids, "{kind}");
    }
}

#[tokio::test(start_paused = true)]
async fn each_kind_is_listed_once_in_pages_whatever_there_is_to_examine() {
    let chart = Chart::rendered("defaults").installed().await;
    let server = &chart.ground.server;
    for number in 0..40 {
        let mut lease = crate::support::lease("default", &format!("lease-{number}"));
        lease["spec"]["holderIdentity"] = json!("");
        chart.ground.put(&lease);
    }
    for number in 0..500 {
        let mut pod = server.get(&Installed::pod("b")).unwrap();
        pod["metadata"]["name"] = json!(format!("crowd-{number}"));
        pod["metadata"]["ownerReferences"] = Value::Null;
        chart.ground.put(&pod);
    }
    let done = chart.run("doctor -A").await;
    assert!(done.output.contains("41 elections"), "{}", done.output);
    for kind in
        ["nodes", "events", "deployments", "statefulsets", "daemonsets", "poddisruptionbudgets"]
    {
        server.assert_requested_times(1, Matcher::all(kind).client("admin"));
    }
    server.assert_requested_times(2, Matcher::all("pods").client("admin"));
    server.assert_requested_times(8, Matcher::create("selfsubjectaccessreviews"));
    server.assert_requested_times(2, Matcher::list("leases").client("admin"));
    server.assert_requested_times(1, Matcher::watch("leases").client("admin"));
    server.assert_requested_times(3, Matcher::get("leases").client("admin"));
}

#[tokio::test(start_paused = true)]
async fn a_holder_in_another_namespace_is_found_there() {
    let mut chart = Chart::rendered("defaults");
    chart.lease_in = "default";
    let chart = chart.installed().await;
    let ids = chart.ids("doctor kunobi-operator -n default").await;
    assert_eq!(ids, ["access-missing", "access-create"], "its Role is where its pods are");
    // Nor is that Lease missed where its pods are.
    let report: Value = serde_json::from_str(&chart.run("doctor -A -o json").await.output).unwrap();
    assert_eq!(report["elections"].as_array().unwrap().len(), 1, "{report:#}");
}

#[tokio::test(start_paused = true)]
async fn nothing_in_a_lease_reaches_the_terminal_raw() {
    let chart = Chart::rendered("defaults").installed().await;
    let mut lease = crate::support::lease("default", "evil");
    lease["spec"]["holderIdentity"] = json!("a\u{1b}[2J\nfake\r\u{202e}");
    lease["metadata"]["deletionTimestamp"] = json!("2026-11-27T10:00:10Z");
    lease["metadata"]["finalizers"] = json!(["\u{1b}[2J"]);
    chart.ground.put(&lease);
    for words in ["doctor evil -n default", "doctor -A", "doctor -A -o json", "doctor -A -o yaml"] {
        let done = chart.run(words).await;
        let raw = crate::support::raw(&done.output);
        assert_eq!((raw, done.exit), (None, Exit::Failed), "{words}: {}", done.output);
    }
}

#[tokio::test(start_paused = true)]
async fn a_handover_during_the_look_is_nothing_to_warn_of() {
    let ground = Ground::new();
    let played = Played(&ground);
    played.begin("orders-1", 3);
    let script = async {
        played.renew(1, s(1)).await;
        played.release();
        sleep(ms(400)).await;
        played.take("orders-2");
        played.renew(10, s(1)).await;
    };
    let done = beside(&ground, "doctor orders", script).await;
    assert!(done.output.contains("held by orders-2: 1 note"), "{}", done.output);
    assert_eq!(done.exit, Exit::Fine);
}

#[tokio::test(start_paused = true)]
async fn a_heartbeat_is_no_election() {
    let ground = Ground::new();
    ground.put(&crate::support::lease("kube-node-lease", "worker-1"));
    let done = ground.run("doctor worker-1 -n kube-node-lease").await;
    let wanted = "error: worker-1 elects nobody: it is a heartbeat\n";
    assert_eq!((done.errors.as_str(), done.output.as_str()), (wanted, ""));
    assert_eq!(done.exit, Exit::Failed);
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_does_not_exist_is_an_error() {
    let chart = Chart::rendered("defaults").installed().await;
    let done = chart.run("doctor operator").await;
    assert_eq!(done.exit, Exit::Failed);
    assert!(done.errors.contains("there are: kunobi-operator"), "{}", done.errors);
}
