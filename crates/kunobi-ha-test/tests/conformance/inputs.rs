//! Odd Leases: which of them the server stores.

use serde_json::{Value, json};

use crate::{
    Arm,
    leases::{LEASE, LEASES, lease, reason},
};

pub(crate) async fn a_lease_without_a_spec_is_served_with_an_empty_one(arm: &impl Arm) {
    let mut none = lease(Value::Null);
    for _ in 0..2 {
        let (status, body) = arm.send("PUT", LEASE, none.clone()).await;
        assert_eq!((status, &body["spec"]), (201, &json!({})));
        arm.send("DELETE", LEASE, Value::Null).await;
        none.as_object_mut().unwrap().remove("spec");
    }
}

pub(crate) async fn what_is_sent_must_be_what_the_url_names(arm: &impl Arm) {
    let with = |field: &str, value: Value| {
        let mut lease = lease(json!({}));
        *lease.pointer_mut(field).unwrap() = value;
        lease
    };
    for wrong in [
        with("/metadata", Value::Null),
        with("/metadata", json!({})),
        with("/metadata/name", json!("m")),
        with("/metadata/namespace", json!("kube-system")),
        with("/kind", json!("Pod")),
        with("/apiVersion", json!("v1")),
        json!("null"),
        json!("[]"),
        json!(""),
        json!(r#"{"apiVersion":"coordination"#),
    ] {
        let (status, body) = arm.send("PUT", LEASE, wrong.clone()).await;
        assert_eq!((status, reason(&body)), (400, "BadRequest"), "{wrong}");
    }
    let bare = json!({ "metadata": { "name": "l" } });
    let (status, body) = arm.send("PUT", LEASE, bare).await;
    assert_eq!((status, &body["kind"]), (201, &json!("Lease")));
    assert_eq!(body["apiVersion"], "coordination.k8s.io/v1");
    let name = json!({ "metadata": { "name": "L_1" } });
    let (status, body) = arm.send("PUT", &format!("{LEASES}/L_1"), name).await;
    assert_eq!((status, &body["details"]["causes"][0]["field"]), (422, &json!("metadata.name")));
}

pub(crate) async fn every_field_has_its_type(arm: &impl Arm) {
    for (field, wrong, expected) in [
        ("leaseDurationSeconds", "\"15\"", 400),
        ("leaseDurationSeconds", "15.0", 400),
        ("leaseDurationSeconds", "1e3", 400),
        ("leaseDurationSeconds", "true", 400),
        ("leaseDurationSeconds", "-2147483648", 422),
        ("leaseTransitions", "-5", 422),
        ("leaseTransitions", "9999999999", 400),
        ("renewTime", "1700000000", 400),
    ] {
        let body = lease(json!({ (field): "@" })).to_string().replace("\"@\"", wrong);
        let (status, body) = arm.send("PUT", LEASE, json!(body)).await;
        assert_eq!(status, expected, "{field} {wrong}: {body}");
    }
    let mut number = lease(json!({}));
    number["metadata"]["resourceVersion"] = 5.into();
    assert_eq!(arm.send("PUT", LEASE, number).await.0, 400);
}

pub(crate) async fn any_text_can_hold_a_lease(arm: &impl Arm) {
    for holder in ["", "a\0b", "line\nbreak", "\u{202e}\u{1f600}", &"x".repeat(1_000_000)] {
        let spec = json!({ "holderIdentity": holder });
        let (status, body) = arm.send("PUT", LEASE, lease(spec.clone())).await;
        assert_eq!((status, &body["spec"]), (201, &spec));
        arm.send("DELETE", LEASE, Value::Null).await;
    }
    let spec = json!({ "holderIdentity": "x".repeat(3 << 20) });
    let (status, body) = arm.send("PUT", LEASE, lease(spec)).await;
    assert_eq!((status, reason(&body)), (413, "RequestEntityTooLarge"));
}

pub(crate) async fn times_that_are_read(arm: &impl Arm) {
    for (sent, served) in [
        ("2026-11-22T11:37:00.051743+14:00", json!("2026-11-21T21:37:00.051743Z")),
        ("2026-11-22T11:37:00.051743-00:00", json!("2026-11-22T11:37:00.051743Z")),
        ("2026-11-22T11:37:00,051743Z", json!("2026-11-22T11:37:00.051743Z")),
        ("0000-01-01T00:00:00.000000Z", json!("0000-01-01T00:00:00.000000Z")),
        ("0001-01-01T00:00:00.000001Z", json!("0001-01-01T00:00:00.000001Z")),
        // Go's zero time is stored as null.
        ("0001-01-01T00:00:00.000000Z", Value::Null),
    ] {
        let (status, body) = arm.send("PUT", LEASE, lease(json!({ "renewTime": sent }))).await;
        assert_eq!((status, &body["spec"]["renewTime"]), (201, &served), "{sent}");
        arm.send("DELETE", LEASE, Value::Null).await;
    }
}

pub(crate) async fn times_that_are_not_read(arm: &impl Arm) {
    for time in [
        "",
        "yesterday",
        "2026-11-22T11:37:60.051743Z",
        "2026-11-22T24:00:00.051743Z",
        "2026-02-30T11:37:00.051743Z",
        "2026-11-22t11:37:00.051743z",
        "2026-11-22 11:37:00.051743Z",
        "2026-11-22T11:37:00.051743",
        "-0001-01-01T00:00:00.000000Z",
        "10000-01-01T00:00:00.000000Z",
    ] {
        let (status, body) = arm.send("PUT", LEASE, lease(json!({ "acquireTime": time }))).await;
        assert_eq!((status, reason(&body)), (400, "BadRequest"), "{time}");
    }
}

pub(crate) async fn what_is_too_much_does_no_harm(arm: &impl Arm) {
    let twice = lease(json!({ "holderIdentity": "a" })).to_string();
    let twice =
        twice.replace(r#""holderIdentity":"a""#, r#""holderIdentity":"a","holderIdentity":"b""#);
    let (status, body) = arm.send("PUT", LEASE, json!(twice)).await;
    assert_eq!((status, &body["spec"]["holderIdentity"]), (201, &json!("b")), "the last one wins");
    arm.send("DELETE", LEASE, Value::Null).await;
    let mut deep = json!({});
    for _ in 0..100 {
        deep = json!([deep]);
    }
    let mut many = lease(json!({ "unknown": deep }));
    let labels = (0..10_000).map(|number| (format!("l{number}"), json!("x")));
    many["metadata"]["labels"] = Value::Object(labels.collect());
    let (status, body) = arm.send("PUT", LEASE, many).await;
    assert_eq!(status, 201);
    assert_eq!(body["metadata"]["labels"].as_object().unwrap().len(), 10_000);
}

pub(crate) async fn a_finalizer_delays_a_deletion(arm: &impl Arm) {
    let mut held = lease(json!({}));
    held["metadata"]["finalizers"] = json!(["a.b/c"]);
    let created = arm.send("PUT", LEASE, held).await.1;
    let (status, deleted) = arm.send("DELETE", LEASE, Value::Null).await;
    assert_eq!((status, &deleted["kind"]), (200, &json!("Lease")));
    assert!(deleted["metadata"]["deletionTimestamp"].is_string());
    assert_eq!(deleted["metadata"]["deletionGracePeriodSeconds"], 0);
    assert_ne!(deleted["metadata"]["resourceVersion"], created["metadata"]["resourceVersion"]);
    assert_eq!(arm.send("DELETE", LEASE, Value::Null).await.1, deleted, "again changes nothing");

    let mut renewed = deleted.clone();
    renewed["spec"]["holderIdentity"] = "a".into();
    renewed["metadata"].as_object_mut().unwrap().remove("deletionTimestamp");
    let (status, mut renewed) = arm.send("PUT", LEASE, renewed).await;
    assert_eq!(status, 200, "it can be written as before");
    let is_kept =
        renewed["metadata"]["deletionTimestamp"] == deleted["metadata"]["deletionTimestamp"];
    assert!(is_kept, "nobody takes it back");
    renewed["metadata"]["finalizers"] = json!(["a.b/c", "d.e/f"]);
    assert_eq!(arm.send("PUT", LEASE, renewed.clone()).await.0, 422);
    renewed["metadata"]["finalizers"] = json!([]);
    assert_eq!(arm.send("PUT", LEASE, renewed).await.0, 200);
    assert_eq!(arm.send("GET", LEASE, Value::Null).await.0, 404);
}
