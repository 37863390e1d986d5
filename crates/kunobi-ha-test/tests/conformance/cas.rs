//! The conditions under which an update is a compare-and-swap.

use serde_json::{Value, json};

use crate::{
    Arm,
    leases::{LEASE, LEASES, lease, message, reason, version},
};

pub(crate) async fn a_missing_namespace_is_named(arm: &impl Arm) {
    const NOWHERE: &str = "/apis/coordination.k8s.io/v1/namespaces/nowhere/leases";
    let path = format!("{NOWHERE}/l");
    let mut lease = lease(json!({}));
    lease["metadata"] = json!({ "name": "l" });
    for (method, path) in [("PUT", path.as_str()), ("POST", NOWHERE)] {
        let (status, body) = arm.send(method, path, lease.clone()).await;
        assert_eq!((status, reason(&body)), (404, "NotFound"));
        assert_eq!(body["details"], json!({ "name": "nowhere", "kind": "namespaces" }));
        assert_eq!(body["message"], "namespaces \"nowhere\" not found");
    }
    let (status, body) = arm.send("GET", &path, Value::Null).await;
    assert_eq!((status, &body["details"]["kind"]), (404, &json!("leases")));
    lease["metadata"]["uid"] = "0b5e".into();
    assert_eq!(arm.send("PUT", &path, lease).await.0, 409, "the uid is looked at first");
}

pub(crate) async fn a_renewal_raises_the_dead_unless_it_has_a_uid(arm: &impl Arm) {
    let held = arm.send("PUT", LEASE, lease(json!({ "holderIdentity": "a" }))).await.1;
    arm.send("DELETE", LEASE, Value::Null).await;
    assert_eq!(arm.send("PUT", LEASE, held.clone()).await.0, 409);
    let mut blind = held.clone();
    blind["metadata"].as_object_mut().unwrap().remove("uid");
    let (status, risen) = arm.send("PUT", LEASE, blind).await;
    assert_eq!((status, &risen["spec"]["holderIdentity"]), (201, &json!("a")));
    assert_ne!(risen["metadata"]["uid"], held["metadata"]["uid"]);
    assert!(version(&risen) > version(&held), "versions go on after a deletion");
}

pub(crate) async fn the_uid_of_a_deleted_lease_never_writes_to_the_next(arm: &impl Arm) {
    let mut old = arm.send("PUT", LEASE, lease(json!({}))).await.1;
    arm.send("DELETE", LEASE, Value::Null).await;
    let new = arm.send("PUT", LEASE, lease(json!({}))).await.1;
    old["metadata"]["resourceVersion"] = new["metadata"]["resourceVersion"].clone();
    let (status, body) = arm.send("PUT", LEASE, old).await;
    assert_eq!((status, reason(&body)), (409, "Conflict"));
    let uid = new["metadata"]["uid"].as_str().unwrap();
    assert!(message(&body).contains(&format!("UID in object meta: {uid}")), "{body}");
}

pub(crate) async fn of_updates_at_once_one_wins(arm: &impl Arm) {
    let start = arm.send("PUT", LEASE, lease(json!({}))).await.1;
    let put = async |holder: &str| {
        let mut lease = start.clone();
        lease["spec"]["holderIdentity"] = holder.into();
        arm.send("PUT", LEASE, lease).await
    };
    let answers: [_; 4] = tokio::join!(put("a"), put("b"), put("c"), put("d")).into();
    let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|(status, _)| *status == 200);
    assert!(won.len() == 1 && lost.iter().all(|(status, _)| *status == 409), "{answers:?}");
    assert_eq!(arm.send("GET", LEASE, Value::Null).await.1, won[0].1);
}

pub(crate) async fn of_creates_at_once_one_wins(arm: &impl Arm) {
    let put = async |holder: &str| {
        arm.send("PUT", LEASE, lease(json!({ "holderIdentity": holder }))).await
    };
    let answers: [_; 4] = tokio::join!(put("a"), put("b"), put("c"), put("d")).into();
    let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|(status, _)| *status == 201);
    let refused = lost.iter().all(|(status, _)| matches!(status, 409 | 422));
    assert!(won.len() == 1 && refused, "{answers:?}");
    assert_eq!(arm.send("GET", LEASE, Value::Null).await.1, won[0].1);
}

pub(crate) async fn a_patch_is_a_swap_only_with_a_version(arm: &impl Arm) {
    let created = arm.send("PUT", LEASE, lease(json!({ "holderIdentity": "a" }))).await.1;
    let (status, body) =
        arm.send("PATCH", LEASE, json!({ "spec": { "holderIdentity": "b" } })).await;
    assert_eq!((status, &body["spec"]["holderIdentity"]), (200, &json!("b")));
    let stale = json!({ "metadata": { "resourceVersion": created["metadata"]["resourceVersion"] },
                        "spec": { "holderIdentity": "c" } });
    assert_eq!(arm.send("PATCH", LEASE, stale).await.0, 409);
    let other = json!({ "metadata": { "uid": "0b5e" }, "spec": { "holderIdentity": "c" } });
    let (status, body) = arm.send("PATCH", LEASE, other).await;
    assert_eq!((status, &body["details"]["causes"][0]["field"]), (422, &json!("metadata.uid")));
    assert_eq!(arm.send("PATCH", &format!("{LEASES}/none"), json!({})).await.0, 404);
}

pub(crate) async fn what_others_wrote_comes_back(arm: &impl Arm) {
    let mut new = lease(json!({}));
    let metadata = json!({ "name": "l", "namespace": "default",
        "labels": { "a": "b" }, "annotations": { "c": "d" }, "finalizers": ["e.f/g"],
        "ownerReferences": [{ "apiVersion": "v1", "kind": "Pod", "name": "p", "uid": "0b5e" }] });
    new["metadata"] = metadata.clone();
    let created = arm.send("PUT", LEASE, new).await.1;
    for (field, sent) in metadata.as_object().unwrap().iter().filter(|(key, _)| *key != "namespace")
    {
        assert_eq!(&created["metadata"][field], sent, "{field}");
    }
    let mut changed = created.clone();
    changed["metadata"].as_object_mut().unwrap().remove("creationTimestamp");
    changed["spec"]["holderIdentity"] = "a".into();
    let changed = arm.send("PUT", LEASE, changed).await.1;
    let created_at = |lease: &Value| lease["metadata"]["creationTimestamp"].clone();
    assert!(created_at(&created).is_string() && created_at(&created) == created_at(&changed));
    let mut marked = changed;
    marked["metadata"]["deletionTimestamp"] = "2026-11-22T09:37:00Z".into();
    let (status, body) = arm.send("PUT", LEASE, marked).await;
    let field = &body["details"]["causes"][0]["field"];
    assert_eq!((status, field), (422, &json!("metadata.deletionTimestamp")), "only a DELETE may");
}
