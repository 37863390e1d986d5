//! What kube-apiserver does, and the server of `kunobi-ha-test` does not, as its documentation says.

use http::{HeaderValue, header};
use serde_json::{Value, json};

use crate::{
    Arm,
    arm::request,
    leases::{LEASE, lease},
    real::Real,
};

#[tokio::test]
async fn a_client_that_takes_protobuf_gets_it() {
    let arm = Real::start().await;
    arm.send("PUT", LEASE, lease(json!({}))).await;
    for accept in [
        "application/vnd.kubernetes.protobuf",
        "application/vnd.kubernetes.protobuf,application/json",
    ] {
        let mut request = request("GET", LEASE, &Value::Null);
        request.headers_mut().insert(header::ACCEPT, HeaderValue::from_static(accept));
        assert_eq!(arm.exchange(request).await, (200, Value::Null), "it is no JSON");
    }
}

#[tokio::test]
async fn fields_that_are_not_known_or_off_are_dropped() {
    let arm = Real::start().await;
    let spec = json!({ "colour": "red", "strategy": "OldestEmulationVersion",
                       "preferredHolder": "b" });
    let (status, body) = arm.send("PUT", LEASE, lease(spec)).await;
    assert_eq!((status, &body["spec"]), (201, &json!({})));
}

#[tokio::test]
async fn text_that_is_none_is_replaced() {
    let arm = Real::start().await;
    let body = lease(json!({ "holderIdentity": "@" })).to_string().replace('@', r"a\ud800b");
    let (status, body) = arm.send("PUT", LEASE, json!(body)).await;
    assert_eq!((status, &body["spec"]["holderIdentity"]), (201, &json!("a\u{fffd}b")));
}

#[tokio::test]
async fn pods_are_bound_and_evicted() {
    const POD: &str = "/api/v1/namespaces/default/pods/p";
    let arm = Real::start().await;
    let pod = json!({ "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "p" },
                      "spec": { "containers": [{ "name": "c", "image": "i" }] } });
    arm.send("POST", "/api/v1/namespaces/default/pods", pod).await;
    let binding = json!({ "apiVersion": "v1", "kind": "Binding", "metadata": { "name": "p" },
                          "target": { "kind": "Node", "name": "n" } });
    let binding_path = format!("{POD}/binding");
    assert_eq!(arm.send("POST", &binding_path, binding.clone()).await.0, 201);
    assert_eq!(arm.send("POST", &binding_path, binding).await.0, 409);
    let patch = json!({ "spec": { "nodeName": "m" } });
    assert_eq!(arm.send("PATCH", POD, patch).await.0, 422, "nobody writes the field itself");
    let eviction = json!({ "apiVersion": "policy/v1", "kind": "Eviction",
                           "metadata": { "name": "p" } });
    assert_eq!(arm.send("POST", &format!("{POD}/eviction"), eviction).await.0, 201);
    let pod = arm.send("GET", POD, Value::Null).await.1;
    assert_eq!(pod["metadata"]["deletionGracePeriodSeconds"], 30);
    let condition = &pod["status"]["conditions"][1];
    assert_eq!(
        (&condition["type"], &condition["status"]),
        (&json!("DisruptionTarget"), &json!("True"))
    );
}
