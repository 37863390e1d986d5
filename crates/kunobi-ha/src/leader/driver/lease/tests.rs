use serde_json::{Value, json};

use super::*;

#[test]
fn what_the_election_does_not_own_survives_a_write() {
    let mut served = lease(json!({ "holderIdentity": "b", "strategy": "x/y", "future": [1, 2] }));
    served["metadata"]["annotations"] = json!({ "a": "b" });
    served["metadata"]["ownerReferences"] = json!([{ "uid": "o" }]);
    served["metadata"]["managedFields"] = json!([{}]);
    served["status"] = json!({ "unheard": "of" });
    let read = read(&served).unwrap();

    let written = write(&read);

    served["metadata"].as_object_mut().unwrap().remove("managedFields");
    served["metadata"]["labels"] = json!({ "team": "x" });
    served["spec"]["holderIdentity"] = "me".into();
    served["spec"]["leaseDurationSeconds"] = 15.into();
    served["spec"]["leaseTransitions"] = 3.into();
    served["spec"]["acquireTime"] = "2026-11-22T09:37:00.051743Z".into();
    served["spec"]["renewTime"] = "2026-11-22T09:37:00.051744Z".into();
    assert_eq!(written, served);
}

#[test]
fn a_write_keeps_the_text_of_what_the_election_does_not_own() {
    let served = r#"{ "apiVersion":"coordination.k8s.io/v1", "status" : {"b": 1.00,"a":1E400},
        "kind":"Lease", "spec":{"holderIdentity":"b","unheard": [ "\u0041\/" ], "strategy":"\/",
        "\u003c":123456789012345678901234567890,"n":1,"n":2.50}, "metadata":{ "name":"l", "uid":"u",
        "labels":{"team":"y", "b": "\u0026"}, "namespace":"n", "resourceVersion":"7",
        "managedFields":[{ }], "annotations": {"\ud800" : "\ud800"}}}"#;
    let read = name().read(served.as_bytes()).unwrap();
    assert_eq!(read.record.strategy.as_deref(), Some("/"));
    let written = name().write(Some(&read.object), Some(&read.version), &record(), None);
    let expected = [
        r#"{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","#,
        r#""metadata":{"annotations":{"\ud800" : "\ud800"},"labels":{"b":"\u0026","team":"x"},"#,
        r#""name":"l","namespace":"n","resourceVersion":"7","uid":"u"},"#,
        r#""spec":{"\u003c":123456789012345678901234567890,"#,
        r#""acquireTime":"2026-11-22T09:37:00.051743Z","holderIdentity":"me","#,
        r#""leaseDurationSeconds":15,"leaseTransitions":3,"n":2.50,"#,
        r#""renewTime":"2026-11-22T09:37:00.051744Z","strategy":"\/","unheard":[ "\u0041\/" ]},"#,
        r#""status":{"b": 1.00,"a":1E400}}"#,
    ];
    assert_eq!(String::from_utf8(written).unwrap(), expected.concat());
}

/// It is not left out: a Lease would look free that is held.
#[test]
fn a_lease_is_unreadable_if_a_text_that_the_election_reads_is_not_unicode() {
    let names = [
        "holderIdentity",
        "acquireTime",
        "renewTime",
        "strategy",
        "preferredHolder",
        "uid",
        "kind",
    ];
    for owned in names {
        let mut served = lease(json!({}));
        let parent = match owned {
            "kind" => &mut served,
            "uid" => &mut served["metadata"],
            _ => &mut served["spec"],
        };
        parent[owned] = "@@@".into();
        let json = served.to_string().replace("@@@", r"\udc00");
        let error = name().read(json.as_bytes()).unwrap_err();
        assert!(matches!(error, Unreadable::NotJson(_)), "{owned}: {error}");
    }
}

/// Rules P1 and P3: of another term, what was said is dropped; in a renewal, it stays.
#[test]
fn a_write_that_begins_or_ends_a_term_drops_what_was_said_for_the_one_before() {
    let said = json!({ "kunobi.ninja/wish": "b", "kunobi.ninja/successor": "me x", "team": "y" });
    let renewed = json!({ "acquireTime": "2026-11-22T09:37:00.051743Z" });
    for (spec, annotations) in [(renewed, said.clone()), (json!({}), json!({ "team": "y" }))] {
        let mut served = lease(spec);
        served["metadata"]["annotations"] = said.clone();
        assert_eq!(write(&read(&served).unwrap())["metadata"]["annotations"], annotations);
    }
    let free = LeaseRecord { holder: None, ..record() };
    let served = read(&lease(json!({ "acquireTime": "2026-11-22T09:00:00.000000Z" }))).unwrap();
    let bytes = name().write(Some(&served.object), Some(&served.version), &free, Some("b"));
    let written: Value = serde_json::from_slice(&bytes).unwrap();
    let named = json!({ "kunobi.ninja/successor": "b 2026-11-22T09:37:00.051743Z" });
    assert_eq!(written["metadata"]["annotations"], named);
    let successor = read(&written).unwrap().hints.successor.unwrap();
    assert_eq!(LeaseTime::At(successor.released), record().acquire_time);
}

#[test]
fn a_release_writes_an_empty_holder_rather_than_none() {
    let read = read(&lease(json!({ "holderIdentity": "me" }))).unwrap();
    let record = LeaseRecord { holder: None, ..record() };
    let bytes = name().write(Some(&read.object), Some(&read.version), &record, None);
    let written: Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(written["spec"]["holderIdentity"], json!(""));
}

#[test]
fn whatever_stands_in_a_spec_is_read() {
    let odd = [
        (json!(null), LeaseRecord::default()),
        (json!({ "holderIdentity": null, "leaseDurationSeconds": null }), LeaseRecord::default()),
        (json!({ "holderIdentity": "" }), LeaseRecord::default()),
        (json!({ "leaseDurationSeconds": "15" }), LeaseRecord::default()),
        (json!({ "leaseDurationSeconds": 15.0 }), LeaseRecord::default()),
        (json!({ "leaseTransitions": 9_999_999_999_i64 }), transitions(9_999_999_999)),
        (json!({ "leaseTransitions": -5 }), transitions(-5)),
        (json!({ "renewTime": 1_700_000_000 }), LeaseRecord::default()),
        (json!({ "renewTime": "yesterday" }), renewed("yesterday")),
        (json!({ "renewTime": "" }), renewed("")),
        (
            json!({ "renewTime": "9999-12-31T23:59:59.999999Z" }),
            renewed("9999-12-31T23:59:59.999999Z"),
        ),
        (
            json!({ "renewTime": "0001-01-01T00:00:00.000000Z" }),
            renewed("0001-01-01T00:00:00.000000Z"),
        ),
        (json!({ "renewTime": "2026-11-22T09:37:00Z" }), renewed("2026-11-22T09:37:00Z")),
        (json!([1, 2]), LeaseRecord::default()),
    ];
    for (spec, expected) in odd {
        let read = read(&lease(spec.clone())).unwrap();
        assert_eq!(read.record, expected, "{spec}");
        write(&read);
    }
    let read = read(&json!({ "kind": "Lease", "apiVersion": API_VERSION, "metadata": {
        "name": "l", "namespace": "n", "uid": "u", "resourceVersion": "7" } }));
    assert_eq!(read.unwrap().record, LeaseRecord::default());
}

#[test]
fn a_long_holder_is_kept_whole() {
    let holder = "ü\u{202e}\n".repeat(4_000);
    let read = read(&lease(json!({ "holderIdentity": holder }))).unwrap();
    assert_eq!(read.record.holder.as_deref(), Some(holder.as_str()));
}

#[test]
fn times_of_ours_are_read_as_they_are_written() {
    let read = read(&lease(json!({ "renewTime": "2026-11-22T09:37:00.051744Z" }))).unwrap();
    assert_eq!(read.record.renew_time, record().renew_time);
}

#[test]
fn what_is_no_lease_of_this_name_is_told() {
    let without = |field: &str, value: Value| {
        let mut served = lease(json!({}));
        served["metadata"][field] = value;
        why(&served)
    };
    assert_eq!(without("uid", json!(null)), "it has no uid");
    assert_eq!(without("uid", json!("")), "it has no uid");
    assert_eq!(without("name", json!("other")), "it is n/other");
    assert_eq!(without("namespace", json!(null)), "it is /l");
    for version in ["", "0", "-1", "07", "abc", "18446744073709551616"] {
        assert_eq!(
            without("resourceVersion", json!(version)),
            format!("its version is {version:?}")
        );
    }
    assert_eq!(without("resourceVersion", json!(5)), "its version is \"\"");
    assert_eq!(why(&json!([])), "it is no JSON object");
    assert_eq!(why(&json!({ "kind": "Pod" })), "it is a \"Pod\" of \"\"");
    let bare = json!({ "kind": "Lease", "apiVersion": API_VERSION });
    assert_eq!(why(&bare), "it has no metadata");
}

fn read(served: &Value) -> Result<Served, Unreadable> {
    name().read(served.to_string().as_bytes())
}

fn why(served: &Value) -> String {
    read(served).unwrap_err().to_string()
}

fn name() -> LeaseName {
    let labels = [("team".to_owned(), "x".to_owned())].into();
    LeaseName { namespace: "n".into(), name: "l".into(), labels }
}

#[expect(clippy::needless_pass_by_value, reason = "callers write it down")]
fn lease(spec: Value) -> Value {
    json!({ "apiVersion": API_VERSION, "kind": "Lease", "spec": spec, "metadata": {
        "name": "l", "namespace": "n", "uid": "u", "resourceVersion": "7" } })
}

fn record() -> LeaseRecord {
    LeaseRecord {
        holder: Some("me".into()),
        duration_seconds: Some(15),
        acquire_time: LeaseTime::At(Timestamp::from_unix_micros(1_795_340_220_051_743)),
        renew_time: LeaseTime::At(Timestamp::from_unix_micros(1_795_340_220_051_744)),
        transitions: Some(3),
        ..LeaseRecord::default()
    }
}

fn write(read: &Served) -> Value {
    let bytes = name().write(Some(&read.object), Some(&read.version), &record(), None);
    serde_json::from_slice(&bytes).unwrap()
}

fn transitions(number: i64) -> LeaseRecord {
    LeaseRecord { transitions: Some(number), ..LeaseRecord::default() }
}

fn renewed(text: &str) -> LeaseRecord {
    LeaseRecord { renew_time: LeaseTime::Text(text.into()), ..LeaseRecord::default() }
}
