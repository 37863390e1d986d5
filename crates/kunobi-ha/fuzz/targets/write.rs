//! Any Lease, and a record that is written over it: what the election does not own stays as it is, to
//! the byte.
//!
//! Three lines are what the Lease has beside the necessary: at the top, in its metadata, in its spec.

use std::str;

use kunobi_ha::leader::hostile;
use kunobi_ha_core::{LeaseRecord, LeaseTime, Timestamp};
use serde_json::{json, value::RawValue};

use crate::{
    fields::{self, Fields},
    lease::{is_lease, seen},
};

/// A name, and the JSON of its value.
type Owned<'a> = (&'a str, String);

pub(crate) fn run(bytes: &[u8]) {
    let mut lines = bytes.splitn(3, |byte| *byte == b'\n');
    let [top, metadata, spec] = [(); 3].map(|()| lines.next().unwrap_or_default());
    let served = [
        br#"{"kind":"Lease","apiVersion":"coordination.k8s.io/v1","metadata":{"name":"l","#,
        &br#""namespace":"n","uid":"u","resourceVersion":"7""#[..],
        metadata,
        br#"},"spec":{"#,
        spec,
        b"}",
        top,
        b"}",
    ]
    .concat();
    for record in [claim(), LeaseRecord { holder: None, ..claim() }] {
        for labels in [&[][..], &[("team", "x")]] {
            let Some((version, body)) = hostile::write_over(&served, labels, &record) else {
                assert!(seen(&served).is_none_or(|seen| !is_lease(&seen)), "it is a Lease");
                continue;
            };
            // rule 7: the guard is there, and it is that of what was served.
            let seen = seen(&served).expect("it was read");
            assert_eq!(seen["metadata"]["uid"], version.uid.as_str());
            assert_eq!(seen["metadata"]["resourceVersion"], version.resource_version.to_string());
            serde_json::from_slice::<&RawValue>(&body).expect("it is JSON");
            let [served, written] = [&served, &body].map(|json| str::from_utf8(json).unwrap());
            let guard = [json(version.uid.as_str()), json(&version.resource_version.to_string())];
            is_kept(served, written, labels, guard, &record);
            let again = hostile::write_over(&body, labels, &record).expect("it can be read again");
            assert_eq!(again, (version, body), "another write changes nothing else");
        }
    }
}

/// Compares the texts of all fields that the election does not own, and knows those that it does.
fn is_kept(
    served: &str,
    written: &str,
    labels: &[(&str, &str)],
    [uid, version]: [String; 2],
    record: &LeaseRecord,
) {
    let [served, written] = [served, written].map(|json| fields::split(json).expect("an object"));
    let inside = |part| {
        let split = |object| fields::value(object, part).and_then(fields::split);
        (split(&served).unwrap_or_default(), split(&written).expect("an object"))
    };
    let (mut metadata, mut metadata_written) = inside("metadata");
    let (spec, spec_written) = inside("spec");
    let api_version = json("coordination.k8s.io/v1");
    let top = [("apiVersion", api_version), ("kind", json("Lease"))];
    differ(without(served, &PARTS), without(written, &PARTS), &top);
    if !labels.is_empty() {
        let split = |object| fields::value(object, "labels").and_then(fields::split);
        let labels: Vec<_> = labels.iter().map(|(key, value)| (*key, json(value))).collect();
        let written = split(&metadata_written).expect("an object");
        differ(split(&metadata).unwrap_or_default(), written, &labels);
        metadata = without(metadata, &["labels"]);
        metadata_written = without(metadata_written, &["labels"]);
    }
    let metadata = without(metadata, &["managedFields"]);
    let guard = [("uid", uid), ("resourceVersion", version)];
    let owned = [("name", json("l")), ("namespace", json("n"))].into_iter().chain(guard);
    differ(metadata, metadata_written, &owned.collect::<Vec<_>>());
    let owned = [
        ("holderIdentity", json(record.holder.as_deref().unwrap_or(""))),
        ("leaseDurationSeconds", "15".into()),
        ("leaseTransitions", "3".into()),
        ("acquireTime", json("2026-11-22T09:37:00.051743Z")),
        ("renewTime", json("2026-11-22T09:37:00.051744Z")),
    ];
    differ(spec, spec_written, &owned);
}

/// Two objects differ in these fields only, and the second one has them so.
fn differ(served: Fields<'_>, written: Fields<'_>, owned: &[Owned<'_>]) {
    for (name, value) in owned {
        assert_eq!(fields::value(&written, name), Some(&**value), "{name}");
    }
    let names: Vec<_> = owned.iter().map(|(name, _)| *name).collect();
    assert_eq!(without(written, &names), without(served, &names));
}

fn without<'a>(mut fields: Fields<'a>, names: &[&str]) -> Fields<'a> {
    fields.retain(|name, _| !names.iter().any(|other| name.as_deref() == Ok(*other)));
    fields
}

fn json(text: &str) -> String {
    json!(text).to_string()
}

fn claim() -> LeaseRecord {
    LeaseRecord {
        holder: Some("me".into()),
        duration_seconds: Some(15),
        acquire_time: LeaseTime::At(Timestamp::from_unix_micros(1_795_340_220_051_743)),
        renew_time: LeaseTime::At(Timestamp::from_unix_micros(1_795_340_220_051_744)),
        transitions: Some(3),
        ..LeaseRecord::default()
    }
}

const PARTS: [&str; 2] = ["metadata", "spec"];
