//! One Role whose one rule names one Lease.

use serde_json::{Value, json};

use crate::{
    Arm,
    leases::{LEASE, LEASES, lease, message, reason},
};

pub(crate) async fn one_rule_by_name_is_enough(arm: &impl Arm) {
    let limited = arm.limited(&["get", "create", "update", "watch"], "l").await;
    let (status, body) = limited.send("POST", LEASES, lease(json!({}))).await;
    assert_eq!((status, reason(&body)), (403, "Forbidden"));
    let expected = "leases.coordination.k8s.io is forbidden: User \"limited\" cannot create \
                    resource \"leases\" in API group \"coordination.k8s.io\" in the namespace \"";
    assert!(message(&body).starts_with(expected), "{body}");

    assert_eq!(limited.send("GET", LEASE, Value::Null).await.0, 404);
    let (status, created) = limited.send("PUT", LEASE, lease(json!({}))).await;
    assert_eq!(status, 201);
    let mut renewed = created;
    renewed["spec"]["holderIdentity"] = "a".into();
    assert_eq!(limited.send("PUT", LEASE, renewed).await.0, 200);
    assert_eq!(limited.send("GET", LEASE, Value::Null).await.0, 200);

    let mut other = lease(json!({}));
    other["metadata"]["name"] = "m".into();
    let path = format!("{LEASES}/m");
    assert_eq!(limited.send("PUT", &path, other).await.0, 403);
    assert_eq!(limited.send("GET", &path, Value::Null).await.0, 403);
    assert_eq!(limited.send("GET", LEASES, Value::Null).await.0, 403);
    assert_eq!(limited.send("PATCH", LEASE, json!({})).await.0, 403);
    assert_eq!(limited.send("DELETE", LEASE, Value::Null).await.0, 403);
}

pub(crate) async fn a_watch_is_limited_by_its_selector(arm: &impl Arm) {
    let limited = arm.limited(&["get", "create", "update", "watch"], "l").await;
    limited.send("PUT", LEASE, lease(json!({}))).await;
    let all = format!("{LEASES}?watch=true&timeoutSeconds=1");
    assert_eq!(limited.send("GET", &all, Value::Null).await.0, 403);
    let one = format!("{all}&fieldSelector=metadata.name%3Dm");
    assert_eq!(limited.send("GET", &one, Value::Null).await.0, 403);
    let one = format!("{all}&fieldSelector=metadata.name%3Dl");
    let events = limited.watch(&one, 1).await;
    assert_eq!(events[0]["type"], "ADDED");
    assert_eq!(events[0]["object"]["metadata"]["name"], "l");
}

pub(crate) async fn a_create_by_put_needs_update_and_create(arm: &impl Arm) {
    for (verbs, missing) in [(["get", "create"], "update"), (["get", "update"], "create")] {
        let limited = arm.limited(&verbs, missing).await;
        let mut lease = lease(json!({}));
        lease["metadata"]["name"] = missing.into();
        let (status, body) = limited.send("PUT", &format!("{LEASES}/{missing}"), lease).await;
        assert_eq!((status, reason(&body)), (403, "Forbidden"));
        let expected = format!(
            "leases.coordination.k8s.io \"{missing}\" is forbidden: User \"limited\" cannot \
             {missing} resource \"leases\" in API group \"coordination.k8s.io\""
        );
        assert!(message(&body).starts_with(&expected), "{body}");
        assert_eq!(body["details"]["name"], missing);
    }
}
