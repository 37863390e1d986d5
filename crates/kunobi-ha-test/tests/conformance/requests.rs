//! Formats, and requests other than reads and updates of one object.

use http::{HeaderValue, header};
use serde_json::{Value, json};

use crate::{
    Arm,
    arm::{request, request_of},
    leases::{LEASE, LEASES, lease, reason, version},
};

const MAPS: &str = "/api/v1/namespaces/default/configmaps";

pub(crate) async fn a_format_that_nobody_knows_is_refused(arm: &impl Arm) {
    let created = arm.send("PUT", LEASE, lease(json!({}))).await.1;
    for (method, kind, expected) in [
        ("PUT", "text/plain", 415),
        ("PUT", "", 200),
        ("PUT", "application/json; charset=utf-8", 200),
        ("PATCH", "application/json", 415),
        ("PATCH", "application/merge-patch+json", 200),
        ("PATCH", "application/strategic-merge-patch+json", 200),
    ] {
        let request = request_of(method, LEASE, &created, kind);
        let (status, body) = arm.exchange(request).await;
        assert_eq!(status, expected, "{method} {kind}: {body}");
    }
    for (accept, expected) in [
        ("text/plain", 406),
        ("*/*", 200),
        ("application/json", 200),
        ("text/plain, application/json;q=0.5", 200),
    ] {
        let mut request = request("GET", LEASE, &Value::Null);
        request.headers_mut().insert(header::ACCEPT, HeaderValue::from_static(accept));
        assert_eq!(arm.exchange(request).await.0, expected, "{accept}");
    }
}

pub(crate) async fn a_deletion_says_what_was_deleted(arm: &impl Arm) {
    let created = arm.send("PUT", LEASE, lease(json!({}))).await.1;
    let precondition = json!({ "kind": "DeleteOptions", "apiVersion": "v1",
                               "preconditions": { "resourceVersion": "1" } });
    assert_eq!(arm.send("DELETE", LEASE, precondition).await.0, 409);
    let (status, body) = arm.send("DELETE", LEASE, Value::Null).await;
    assert_eq!((status, &body["status"]), (200, &json!("Success")));
    let details = json!({ "name": "l", "group": "coordination.k8s.io", "kind": "leases",
                          "uid": created["metadata"]["uid"] });
    assert_eq!(body["details"], details);
}

pub(crate) async fn a_list_has_a_kind_and_a_version(arm: &impl Arm) {
    let list = arm.send("GET", LEASES, Value::Null).await.1;
    assert_eq!((&list["kind"], &list["items"]), (&json!("LeaseList"), &json!([])));
    let created = arm.send("PUT", LEASE, lease(json!({}))).await.1;
    let list = arm.send("GET", LEASES, Value::Null).await.1;
    assert_eq!(list["apiVersion"], "coordination.k8s.io/v1");
    assert!(version(&list) >= version(&created));
    assert_eq!(list["items"][0]["metadata"]["uid"], created["metadata"]["uid"]);
    let map = json!({ "metadata": { "name": "a" }, "kind": "ConfigMap", "apiVersion": "v1" });
    arm.send("POST", MAPS, map).await;
    assert_eq!(arm.send("GET", MAPS, Value::Null).await.1["kind"], "ConfigMapList");
}

pub(crate) async fn a_post_makes_the_name_and_the_version(arm: &impl Arm) {
    let map =
        |metadata: Value| json!({ "metadata": metadata, "kind": "ConfigMap", "apiVersion": "v1" });
    let (status, body) = arm.send("POST", MAPS, map(json!({}))).await;
    assert_eq!((status, reason(&body)), (422, "Invalid"));
    let (_, body) = arm.send("POST", MAPS, map(json!({ "generateName": "a-" }))).await;
    let name = body["metadata"]["name"].as_str().unwrap();
    assert!(name.starts_with("a-") && name.len() == 7, "{name}");
    let versioned = map(json!({ "name": "b", "resourceVersion": "5" }));
    assert_eq!(arm.send("POST", MAPS, versioned).await.0, 500);
    let (status, body) = arm.send("POST", MAPS, map(json!({ "name": "c", "uid": "0b5e" }))).await;
    assert!(status == 201 && body["metadata"]["uid"] != "0b5e", "{body}");
}

pub(crate) async fn a_watch_is_of_a_collection_and_ends_when_asked_to(arm: &impl Arm) {
    let created = arm.send("PUT", LEASE, lease(json!({}))).await.1;
    let named = format!("{LEASE}?watch=true&timeoutSeconds=1");
    assert_eq!(arm.send("GET", &named, Value::Null).await, (200, created));
    let events = arm.watch(&format!("{LEASES}?watch=true&timeoutSeconds=1"), 2).await;
    assert_eq!(events.len(), 1, "and then it ended: {events:?}");
    let odd = format!("{LEASES}?watch=true&resourceVersion=x");
    assert_eq!(arm.send("GET", &odd, Value::Null).await.0, 500);
}

pub(crate) async fn a_watch_from_a_forgotten_version_is_told_so(arm: &impl Arm) {
    let created = arm.send("PUT", LEASE, lease(json!({}))).await.1;
    let mut changed = created.clone();
    for holder in ["a", "b"] {
        changed["spec"]["holderIdentity"] = holder.into();
        changed = arm.send("PUT", LEASE, changed).await.1;
    }
    arm.forget().await;
    let from = version(&created);
    let events = arm.watch(&format!("{LEASES}?watch=true&resourceVersion={from}"), 2).await;
    assert_eq!(events.len(), 1, "{events:?}");
    assert_eq!((&events[0]["type"], &events[0]["object"]["code"]), (&json!("ERROR"), &json!(410)));
    assert_eq!(reason(&events[0]["object"]), "Expired");
}
