//! Leases with odd metadata.

use serde_json::{Value, json};

use super::{
    Candidate, ENDS, Fact, LAPSES, Leader, NOT_TRIED, Row, TAKES, TOO_MUCH, TYPED, WAITS, bytes,
    raw, remove, set,
};

/// Without a name, a uid or a version, nothing can be written back.
const FACT: Fact = Fact::Refused("what_is_sent_must_be_what_the_url_names");

pub(super) fn rows() -> Vec<Row> {
    let no_lease = |name, fact, why, body| {
        let candidate = Candidate::Refuses(why);
        Row { name, fact, body, candidate, leader: LAPSES }
    };
    let kept = |name, fact, body| Row { name, fact, body, candidate: WAITS, leader: Leader::Keeps };
    vec![
        no_lease("no metadata", FACT, "it has no metadata", |mut lease| {
            lease.as_object_mut().unwrap().remove("metadata");
            bytes(&lease)
        }),
        no_lease("metadata null", FACT, "it has no metadata", |mut lease| {
            lease["metadata"] = Value::Null;
            bytes(&lease)
        }),
        no_lease("no name", FACT, "it is n/", |lease| remove(lease, "metadata", "name")),
        no_lease("another name", FACT, "it is n/other", |lease| {
            set(lease, "metadata", "name", json!("other"))
        }),
        no_lease("another namespace", FACT, "it is kube-system/l", |lease| {
            set(lease, "metadata", "namespace", json!("kube-system"))
        }),
        no_lease("no uid", NOT_TRIED, "it has no uid", |lease| remove(lease, "metadata", "uid")),
        no_lease("an empty uid", NOT_TRIED, "it has no uid", |lease| {
            set(lease, "metadata", "uid", json!(""))
        }),
        no_lease("a uid that is a number", NOT_TRIED, "it has no uid", |lease| {
            set(lease, "metadata", "uid", json!(1))
        }),
        Row {
            name: "the uid of another object",
            fact: NOT_TRIED,
            body: |lease| set(lease, "metadata", "uid", json!("u-2")),
            candidate: WAITS,
            leader: ENDS,
        },
        kept(
            "a Lease that is being deleted",
            Fact::Stored("a_finalizer_delays_a_deletion"),
            |lease| set(lease, "metadata", "deletionTimestamp", json!("2026-11-22T09:37:00Z")),
        ),
        kept("long managedFields", NOT_TRIED, |lease| {
            set(lease, "metadata", "managedFields", json!([{ "manager": "m".repeat(900_000) }]))
        }),
        kept("10,000 labels", TOO_MUCH, |lease| {
            let labels = (0..10_000).map(|number| (format!("l{number}"), json!("x")));
            set(lease, "metadata", "labels", Value::Object(labels.collect()))
        }),
        kept("labels null", NOT_TRIED, |lease| set(lease, "metadata", "labels", Value::Null)),
        Row {
            name: "a holder that is given twice",
            fact: TOO_MUCH,
            body: |lease| raw(lease, "spec", "holderIdentity", r#""x","holderIdentity":"""#),
            candidate: TAKES,
            leader: ENDS,
        },
    ]
}

pub(super) fn versions() -> Vec<Row> {
    let no_lease = |name, fact, body| {
        let candidate = Candidate::Refuses("its version is");
        Row { name, fact, body, candidate, leader: LAPSES }
    };
    let kept = |name, fact, body| Row { name, fact, body, candidate: WAITS, leader: Leader::Keeps };
    vec![
        no_lease("no version", NOT_TRIED, |lease| remove(lease, "metadata", "resourceVersion")),
        no_lease("a version that is a number", TYPED, |lease| {
            raw(lease, "metadata", "resourceVersion", "5")
        }),
        no_lease("an empty version", NOT_TRIED, |lease| versioned(lease, "")),
        no_lease("version 0", NOT_TRIED, |lease| versioned(lease, "0")),
        no_lease("a negative version", NOT_TRIED, |lease| versioned(lease, "-1")),
        no_lease("a version with a zero before it", NOT_TRIED, |lease| versioned(lease, "0101")),
        no_lease("a version that is a word", NOT_TRIED, |lease| versioned(lease, "abc")),
        no_lease("a version of more than 64 bits", NOT_TRIED, |lease| {
            versioned(lease, "18446744073709551616")
        }),
        kept("a version close to 2^64", NOT_TRIED, |lease| {
            versioned(lease, "18446744073709550000")
        }),
    ]
}

fn versioned(lease: Value, version: &str) -> Vec<u8> {
    set(lease, "metadata", "resourceVersion", json!(version))
}
