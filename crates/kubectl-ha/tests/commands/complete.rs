//! `kubectl-ha __complete`, as a shell asks it.

use kubectl_ha::Exit;
use serde_json::{Value, json};

use crate::support::{Ground, lease};

#[tokio::test(start_paused = true)]
async fn who_can_lead_next_is_proposed() {
    let ground = Ground::new();
    let mut orders = lease("default", "orders");
    orders["spec"]["holderIdentity"] = json!("orders-1");
    ground.put(&orders);
    for (name, owner, ready) in [
        ("orders-1", "orders", "True"),
        ("orders-2", "orders", "True"),
        ("orders-3", "orders", "False"),
        ("billing-1", "billing", "True"),
    ] {
        ground.put(&pod(name, owner, ready));
    }
    let done = ground.run("__complete step-down orders --to=").await;
    assert_eq!((done.output.as_str(), done.exit), ("orders-2\tn1\n:4\n", Exit::Fine));
    let done = ground.run("__complete step-down payments --to=").await;
    assert_eq!((done.output.as_str(), done.exit), (":4\n", Exit::Fine));
}

#[tokio::test(start_paused = true)]
async fn a_name_follows_an_equals_sign_without_a_space() {
    let ground = Ground::new();
    for (word, directive) in [("h", ":4"), ("ho", ":6"), ("handover", ":4"), ("none", ":4")] {
        let done = ground.run(&format!("__complete wait orders --for {word}")).await;
        assert_eq!(done.output.lines().last(), Some(directive), "{word}");
    }
}

fn pod(name: &str, owner: &str, ready: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {
            "namespace": "default", "name": name,
            "ownerReferences": [{ "apiVersion": "apps/v1", "kind": "StatefulSet", "name": owner,
                                  "uid": owner, "controller": true }],
        },
        "spec": { "nodeName": "n1", "containers": [] },
        "status": { "phase": "Running", "conditions": [{ "type": "Ready", "status": ready }] },
    })
}
