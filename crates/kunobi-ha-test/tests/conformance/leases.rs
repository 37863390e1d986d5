//! Leases: what kube-apiserver 1.33 and 1.37 were seen to answer.

use serde_json::{Value, json};

use crate::Arm;

pub(crate) const LEASES: &str = "/apis/coordination.k8s.io/v1/namespaces/default/leases";
pub(crate) const LEASE: &str = "/apis/coordination.k8s.io/v1/namespaces/default/leases/l";

pub(crate) async fn a_put_without_uid_creates_a_missing_lease(arm: &impl Arm) {
    let (status, created) = arm.send("PUT", LEASE, lease(json!({}))).await;
    assert_eq!(status, 201);
    assert!(!created["metadata"]["uid"].as_str().unwrap().is_empty());
    arm.send("DELETE", LEASE, Value::Null).await;

    let mut versioned = lease(json!({}));
    versioned["metadata"]["resourceVersion"] = "4711".into();
    assert_eq!(arm.send("PUT", LEASE, versioned).await.0, 201, "the version is not looked at");
}

pub(crate) async fn a_put_with_a_uid_never_creates_one(arm: &impl Arm) {
    let mut update = lease(json!({}));
    update["metadata"]["uid"] = "0b5e".into();
    let (status, body) = arm.send("PUT", LEASE, update.clone()).await;
    assert_eq!((status, reason(&body)), (409, "Conflict"));
    assert!(message(&body).contains("Precondition failed: UID in precondition: 0b5e"));
    update["metadata"]["resourceVersion"] = "1".into();
    assert_eq!(arm.send("PUT", LEASE, update).await.0, 409);
    assert_eq!(arm.send("GET", LEASE, Value::Null).await.0, 404);
}

pub(crate) async fn a_put_needs_the_version_of_what_exists(arm: &impl Arm) {
    arm.send("PUT", LEASE, lease(json!({}))).await;
    let (status, body) = arm.send("PUT", LEASE, lease(json!({}))).await;
    assert_eq!((status, reason(&body)), (422, "Invalid"));
    let cause = &body["details"]["causes"][0];
    assert_eq!(cause["field"], "metadata.resourceVersion");
    assert!(cause["message"].as_str().unwrap().contains("must be specified for an update"));
}

pub(crate) async fn a_stale_version_is_a_conflict(arm: &impl Arm) {
    let old = arm.send("PUT", LEASE, lease(json!({}))).await.1;
    let mut new = old.clone();
    new["spec"]["holderIdentity"] = "b".into();
    assert_eq!(arm.send("PUT", LEASE, new).await.0, 200);
    let (status, body) = arm.send("PUT", LEASE, old).await;
    assert_eq!((status, reason(&body)), (409, "Conflict"));
    assert!(message(&body).contains("the object has been modified"));
}

pub(crate) async fn another_uid_is_a_conflict(arm: &impl Arm) {
    let mut other = arm.send("PUT", LEASE, lease(json!({}))).await.1;
    other["metadata"]["uid"] = "0b5e".into();
    let (status, body) = arm.send("PUT", LEASE, other).await;
    assert_eq!(status, 409);
    assert!(message(&body).contains("Precondition failed"));
}

pub(crate) async fn a_put_that_changes_nothing_makes_no_new_version(arm: &impl Arm) {
    let created = arm.send("PUT", LEASE, lease(json!({ "holderIdentity": "a" }))).await.1;
    let (status, again) = arm.send("PUT", LEASE, created.clone()).await;
    assert_eq!(status, 200);
    assert_eq!(version(&again), version(&created));
    let mut changed = created.clone();
    changed["spec"]["holderIdentity"] = "b".into();
    assert!(version(&arm.send("PUT", LEASE, changed).await.1) > version(&created));
    assert_eq!(arm.send("PUT", LEASE, created).await.0, 409, "stale, if nothing else");
}

pub(crate) async fn a_post_creates_once(arm: &impl Arm) {
    assert_eq!(arm.send("POST", LEASES, lease(json!({}))).await.0, 201);
    let (status, body) = arm.send("POST", LEASES, lease(json!({}))).await;
    assert_eq!((status, reason(&body)), (409, "AlreadyExists"));
    assert_eq!(message(&body), "leases.coordination.k8s.io \"l\" already exists");
    assert_eq!(body["details"]["kind"], "leases");
}

pub(crate) async fn times_have_exactly_six_digits(arm: &impl Arm) {
    for digits in ["", ".123", ".123456789"] {
        let time = format!("2026-11-22T09:37:00{digits}Z");
        let (status, body) = arm.send("PUT", LEASE, lease(json!({ "renewTime": time }))).await;
        assert_eq!((status, reason(&body)), (400, "BadRequest"), "{time}");
    }
    for time in ["9999-12-31T23:59:59.999999Z", "2026-11-22T09:37:00.051743Z"] {
        let (status, body) = arm.send("PUT", LEASE, lease(json!({ "renewTime": time }))).await;
        assert_eq!((status, &body["spec"]["renewTime"]), (201, &json!(time)));
        arm.send("DELETE", LEASE, Value::Null).await;
    }
}

pub(crate) async fn times_are_served_in_utc(arm: &impl Arm) {
    let spec = json!({ "renewTime": "2026-11-22T11:37:00.051743+02:00" });
    let (status, body) = arm.send("PUT", LEASE, lease(spec)).await;
    assert_eq!(status, 201);
    assert_eq!(body["spec"]["renewTime"], "2026-11-22T09:37:00.051743Z");
}

pub(crate) async fn numbers_are_checked(arm: &impl Arm) {
    let max = i64::from(i32::MAX);
    for (field, number, expected) in [
        ("leaseDurationSeconds", 0, 422),
        ("leaseDurationSeconds", -1, 422),
        ("leaseDurationSeconds", max, 201),
        ("leaseDurationSeconds", max + 1, 400),
        ("leaseTransitions", -1, 422),
        ("leaseTransitions", 0, 201),
        ("leaseTransitions", max, 201),
        ("leaseTransitions", max + 1, 400),
    ] {
        let (status, body) = arm.send("PUT", LEASE, lease(json!({ (field): number }))).await;
        assert_eq!(status, expected, "{field} {number}: {body}");
        if status == 422 {
            assert_eq!(body["details"]["causes"][0]["field"], format!("spec.{field}"));
        }
        arm.send("DELETE", LEASE, Value::Null).await;
    }
}

pub(crate) async fn odd_specs_are_accepted(arm: &impl Arm) {
    for spec in [
        json!({}),
        json!({ "holderIdentity": "", "leaseDurationSeconds": 1 }),
        json!({ "leaseDurationSeconds": 15 }),
        json!({ "acquireTime": null, "renewTime": null }),
    ] {
        assert_eq!(arm.send("PUT", LEASE, lease(spec.clone())).await.0, 201, "{spec}");
        arm.send("DELETE", LEASE, Value::Null).await;
    }
}

#[expect(clippy::needless_pass_by_value, reason = "callers write the value down")]
pub(crate) fn lease(spec: Value) -> Value {
    json!({ "apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "spec": spec,
            "metadata": { "name": "l", "namespace": "default" } })
}

pub(crate) fn reason(body: &Value) -> &str {
    assert_eq!(body["kind"], "Status");
    body["reason"].as_str().unwrap_or_default()
}

pub(crate) fn message(body: &Value) -> &str {
    body["message"].as_str().unwrap_or_default()
}

pub(crate) fn version(object: &Value) -> u64 {
    let text = object["metadata"]["resourceVersion"].as_str().unwrap_or_default();
    text.parse().expect("versions of a server of today are numbers")
}
