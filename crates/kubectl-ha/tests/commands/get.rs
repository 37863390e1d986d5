//! `kubectl ha get`.

use serde_json::{Value, json};

use crate::support::{Ground, allowing, lease, pod};

#[tokio::test(start_paused = true)]
async fn all_that_is_known_of_a_lease_is_shown() {
    let ground = shop();
    ground.run("get orders").await.is("get/details");
    ground.run("get lease/orders -o wide").await.is("get/wide");
    ground.run("get orders -o json").await.is("get/json");
    ground.run("get orders batch -o yaml").await.is("get/yaml");
    ground.run("get orders -o name").await.is("get/name");
    ground.run("get batch").await.is("get/batch");
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_does_not_exist_is_answered_with_those_that_do() {
    let ground = shop();
    ground.run("get order").await.is("get/missing");
    ground.run("get orders -n shop").await.is("get/missing-there");
    ground.run("get pod/orders").await.is("get/usage");
}

#[tokio::test(start_paused = true)]
async fn a_deletion_that_waits_for_nothing_is_told_as_one() {
    let ground = Ground::new();
    let mut ending = lease("default", "orders");
    ending["metadata"]["deletionTimestamp"] = "2026-11-27T10:00:00Z".into();
    ground.put(&ending);
    let output = ground.run("get orders").await.output;
    assert!(output.contains("Deleting:     since 2026-11-27T10:00:00Z\n"), "{output}");
    let output = ground.run("explain orders --observe 0").await.output;
    assert!(output.contains("  it is being deleted\n"), "{output}");
}

#[tokio::test(start_paused = true)]
async fn what_may_not_be_read_is_unknown() {
    let ground = Ground::on(allowing(
        "{ apiGroups: [coordination.k8s.io], resources: [leases], verbs: [get] }",
    ));
    ground.put(&lease("default", "orders"));
    ground.run("get orders").await.is("get/no-rights");
}

fn shop() -> Ground {
    let ground = Ground::new();
    let mut orders = lease("default", "orders");
    orders["metadata"]["labels"] = json!({ "team": "blue" });
    orders["metadata"]["managedFields"] =
        json!([{ "manager": "orders", "operation": "Update", "time": "2026-11-27T10:00:07Z" }]);
    orders["metadata"]["annotations"] = json!({ "kunobi.ninja/wish": "orders-7d9f8b6c5-9k8j7" });
    orders["spec"]["preferredHolder"] = "orders-7d9f8b6c5-9k8j7".into();
    ground.put(&orders);
    ground.put(&pod("default", "orders-7d9f8b6c5-x2x4z", "orders"));
    let mut other = pod("default", "orders-7d9f8b6c5-9k8j7", "orders");
    other["status"] = json!({ "phase": "Pending" });
    ground.put(&other);
    ground.put(&pod("default", "payments-7d9f8b6c5-aaaaa", "payments"));
    ground.put(&event(
        "orders.1",
        "LeaderElection",
        "orders-7d9f8b6c5-x2x4z became leader",
        "2026-11-27T09:00:00Z",
    ));
    ground.put(&event(
        "orders.2",
        "LeaderElection",
        "orders-7d9f8b6c5-9k8j7 stopped leading",
        "2026-11-27T08:59:59Z",
    ));
    let mut batch = lease("default", "batch");
    batch["spec"]["leaseTransitions"] = "many".into();
    batch["metadata"]["deletionTimestamp"] = "2026-11-27T10:00:00Z".into();
    batch["metadata"]["finalizers"] = json!(["example.com/keep"]);
    ground.put(&batch);
    ground
}

fn event(name: &str, reason: &str, message: &str, time: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Event",
        "metadata": { "namespace": "default", "name": name, "uid": name, "resourceVersion": "9" },
        "involvedObject": { "kind": "Lease", "namespace": "default", "name": "orders" },
        "reason": reason, "message": message, "lastTimestamp": time, "count": 1, "type": "Normal",
        "source": { "component": "orders" },
    })
}

#[tokio::test(start_paused = true)]
async fn a_missing_lease_is_the_same_error_in_each_command() {
    let ground = Ground::new();
    ground.put(&lease("default", "orders"));
    let wanted = "error: there is no Lease nope in the namespace default; there are: orders\n";
    for words in ["get", "explain", "explain --observe 1s -o json", "step-down --yes", "doctor"] {
        let done = ground.run(&format!("{words} nope")).await;
        let errors: Vec<_> =
            done.errors.split_inclusive('\n').filter(|line| !line.starts_with("Looking")).collect();
        assert_eq!((errors.concat().as_str(), done.output.as_str()), (wanted, ""), "{words}");
        assert_eq!(done.exit, kubectl_ha::Exit::Failed, "{words}");
    }
}
