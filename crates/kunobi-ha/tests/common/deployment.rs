//! Pods of one Deployment, as far as the choice of a successor looks at them.

use kunobi_ha_test::TestServer;
use serde_json::json;

/// Adds a Pod of this revision, which has been ready since this second if it is ready.
pub(crate) fn add_pod(server: &TestServer, name: &str, revision: &str, ready_since: Option<u32>) {
    let time = |second: u32| format!("2026-11-26T20:00:{second:02}Z");
    let owner = format!("dep-{revision}");
    let pod = json!({
        "kind": "Pod",
        "apiVersion": "v1",
        "metadata": {
            "name": name,
            "namespace": "default",
            "resourceVersion": "1",
            "uid": name,
            "labels": { "pod-template-hash": revision },
            "creationTimestamp": time(ready_since.unwrap_or(59)),
            "ownerReferences": [
                { "controller": true, "kind": "ReplicaSet", "name": owner, "uid": owner },
            ],
        },
        "spec": { "nodeName": "node" },
        "status": {
            "phase": "Running",
            "conditions": [{
                "type": "Ready",
                "status": if ready_since.is_some() { "True" } else { "False" },
                "lastTransitionTime": ready_since.map(time),
            }],
        },
    });
    server.inject(&format!("/api/v1/namespaces/default/pods/{name}"), pod);
}
