//! Leases that no library writes.

use serde_json::json;

use super::*;

#[test]
fn a_usual_lease_has_all_its_fields_and_nothing_is_odd() {
    let lease = Lease::read(&usual());
    assert_eq!((lease.namespace.as_str(), lease.name.as_str()), ("shop", "orders"));
    assert_eq!(lease.holder.as_deref(), Some("orders-1"));
    assert_eq!(lease.duration, Some(Duration::from_secs(15)));
    assert_eq!(lease.renewed.unwrap().at, "2026-11-27T10:00:07.5Z".parse().ok());
    assert_eq!(lease.transitions, Some(3));
    assert_eq!(lease.managers[0].name, "controller");
    assert!(lease.odd.is_empty(), "{:?}", lease.odd);
}

#[test]
fn each_odd_field_is_named_and_the_others_are_read() {
    let cases = [
        (
            "renewTime",
            json!("+10000-01-01T00:00:00Z"),
            "spec.renewTime is \"+10000-01-01T00:00:00Z\", not a time in RFC 3339",
        ),
        (
            "leaseDurationSeconds",
            json!(-1),
            "spec.leaseDurationSeconds is -1, not a number of seconds from 1 to 2147483647",
        ),
        (
            "leaseDurationSeconds",
            json!(u64::MAX),
            "spec.leaseDurationSeconds is 18446744073709551615, not a number of seconds from 1 to 2147483647",
        ),
        (
            "leaseTransitions",
            json!("3"),
            "spec.leaseTransitions is \"3\", not a whole number that is not negative",
        ),
        ("holderIdentity", json!(["a"]), "spec.holderIdentity is [\"a\"], not a string"),
    ];
    for (field, value, words) in cases {
        let mut lease = usual();
        lease["spec"][field] = value;
        let lease = Lease::read(&lease);
        assert_eq!(lease.odd, [words]);
        assert_eq!(lease.name, "orders");
        assert_eq!(lease.acquired.unwrap().text, "2026-11-27T09:00:00.000000Z");
    }
}

#[test]
fn the_year_9999_is_a_time_and_anything_can_be_read() {
    let mut lease = usual();
    lease["spec"]["renewTime"] = json!("9999-12-30T20:00:00Z");
    assert!(Lease::read(&lease).renewed.unwrap().at.is_some());
    lease["spec"]["renewTime"] = json!("9999-12-31T23:59:59Z");
    assert_eq!(
        Lease::read(&lease).renewed.unwrap(),
        Moment { text: "9999-12-31T23:59:59Z".into(), at: None }
    );
    for nonsense in [
        json!(null),
        json!(7),
        json!([]),
        json!({ "metadata": 1, "spec": "x" }),
        json!({ "metadata": { "labels": [1] } }),
    ] {
        assert!(!Lease::read(&nonsense).odd.is_empty(), "{nonsense}");
    }
    assert_eq!(Lease::parse("{").odd.len(), 1);
}

fn usual() -> Value {
    json!({
        "metadata": {
            "namespace": "shop", "name": "orders", "uid": "u", "resourceVersion": "7",
            "creationTimestamp": "2026-11-26T10:00:00Z",
            "managedFields": [{ "manager": "controller", "operation": "Update", "time": "2026-11-27T10:00:07Z" }],
        },
        "spec": {
            "holderIdentity": "orders-1", "leaseDurationSeconds": 15, "leaseTransitions": 3,
            "acquireTime": "2026-11-27T09:00:00.000000Z", "renewTime": "2026-11-27T10:00:07.500000Z",
        },
    })
}
