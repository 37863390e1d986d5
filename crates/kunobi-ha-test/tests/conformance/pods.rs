//! What a pod has and a Lease does not have: a status of its own, and a grace period.

use serde_json::{Value, json};

use crate::{Arm, leases::LEASE};

const PODS: &str = "/api/v1/namespaces/default/pods";
const POD: &str = "/api/v1/namespaces/default/pods/p";
const STATUS: &str = "/api/v1/namespaces/default/pods/p/status";

pub(crate) async fn a_status_is_written_by_its_own_way_only(arm: &impl Arm) {
    let (status, created) = arm.send("POST", PODS, pod(json!({}))).await;
    assert_eq!((status, &created["status"]["phase"]), (201, &json!("Pending")));
    let mut main = created.clone();
    main["metadata"]["labels"] = json!({ "a": "1" });
    main["status"]["phase"] = "Running".into();
    let (status, main) = arm.send("PUT", POD, main).await;
    assert_eq!((status, &main["status"]["phase"]), (200, &json!("Pending")));
    assert_eq!(main["metadata"]["labels"]["a"], "1");

    let mut other = main.clone();
    other["spec"]["activeDeadlineSeconds"] = 5.into();
    other["metadata"]["labels"]["a"] = "2".into();
    other["status"]["phase"] = "Running".into();
    let (status, other) = arm.send("PUT", STATUS, other).await;
    assert_eq!((status, &other["status"]["phase"]), (200, &json!("Running")));
    assert_eq!(other["spec"]["activeDeadlineSeconds"], Value::Null);
    assert_eq!(other["metadata"]["labels"]["a"], "2");

    let patch =
        json!({ "status": { "message": "m" }, "metadata": { "annotations": { "b": "c" } } });
    let patched = arm.send("PATCH", POD, patch.clone()).await.1;
    assert_eq!(patched["status"]["message"], Value::Null);
    assert_eq!(patched["metadata"]["annotations"]["b"], "c");
    assert_eq!(arm.send("PATCH", STATUS, patch).await.1["status"]["message"], "m");
    assert_eq!(arm.send("GET", STATUS, Value::Null).await.1["status"]["message"], "m");

    for method in ["GET", "PUT", "PATCH"] {
        let (status, _) = arm.send(method, &format!("{LEASE}/status"), json!({})).await;
        assert_eq!(status, 404, "a Lease has no status");
    }
}

pub(crate) async fn a_pod_on_a_node_takes_its_time_to_go(arm: &impl Arm) {
    let spec = json!({ "nodeName": "n", "terminationGracePeriodSeconds": 7 });
    arm.send("POST", PODS, pod(spec)).await;
    let grace = |seconds: i64| json!({ "kind": "DeleteOptions", "apiVersion": "v1", "gracePeriodSeconds": seconds });
    let left = |pod: &Value| pod["metadata"]["deletionGracePeriodSeconds"].as_i64();
    let (status, deleted) = arm.send("DELETE", POD, Value::Null).await;
    assert_eq!((status, left(&deleted)), (200, Some(7)));
    assert_eq!(arm.send("GET", POD, Value::Null).await.1, deleted);
    assert_eq!(left(&arm.send("DELETE", POD, grace(50)).await.1), Some(7), "it never gets longer");
    assert_eq!(left(&arm.send("DELETE", POD, grace(3)).await.1), Some(3));
    let (status, gone) = arm.send("DELETE", POD, grace(0)).await;
    assert_eq!((status, &gone["kind"]), (200, &json!("Pod")));
    assert_eq!(arm.send("GET", POD, Value::Null).await.0, 404);
}

pub(crate) async fn a_pod_that_does_not_run_goes_at_once(arm: &impl Arm) {
    arm.send("POST", PODS, pod(json!({}))).await;
    assert_eq!(arm.send("DELETE", POD, Value::Null).await.0, 200);
    assert_eq!(arm.send("GET", POD, Value::Null).await.0, 404, "it was on no node");
    arm.send("POST", PODS, pod(json!({ "nodeName": "n" }))).await;
    arm.send("PATCH", STATUS, json!({ "status": { "phase": "Succeeded" } })).await;
    assert_eq!(arm.send("DELETE", POD, Value::Null).await.0, 200);
    assert_eq!(arm.send("GET", POD, Value::Null).await.0, 404, "it had ended");
}

#[expect(clippy::needless_pass_by_value, reason = "callers write the value down")]
fn pod(spec: Value) -> Value {
    let mut pod = json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": { "name": "p", "namespace": "default" },
        "spec": { "containers": [{ "name": "c", "image": "i" }] },
    });
    for (key, value) in spec.as_object().unwrap() {
        pod["spec"][key] = value.clone();
    }
    pod
}
