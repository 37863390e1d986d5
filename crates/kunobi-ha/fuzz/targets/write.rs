//! Any Lease, and a record that is written over it: what the election does not own stays as it is.
//!
//! Three lines are what the Lease has beside the necessary: at the top, in its metadata, in its spec.

use kunobi_ha::leader::hostile;
use kunobi_ha_core::{LeaseRecord, LeaseTime, Timestamp};
use serde_json::{Map, Value, json};

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
        let Some((version, body)) = hostile::write_over(&served, &record) else {
            continue;
        };
        let written: Value = serde_json::from_slice(&body).expect("it is JSON");
        let mut expected: Value = serde_json::from_slice(&served).expect("it was read");
        // rule 7: the guard is there, and it is that of what was served.
        assert_eq!(written["metadata"]["uid"], version.uid.as_str());
        assert_eq!(written["metadata"]["resourceVersion"], version.resource_version.to_string());
        own(&mut expected, &record);
        assert_eq!(written, expected);
        let again = hostile::write_over(&body, &record).expect("what was written can be read");
        assert_eq!(again, (version, body), "another write changes nothing else");
    }
}

/// Changes what the election owns, and nothing else.
fn own(lease: &mut Value, record: &LeaseRecord) {
    lease["metadata"].as_object_mut().expect("it was read").remove("managedFields");
    if !lease["spec"].is_object() {
        lease["spec"] = Value::Object(Map::new());
    }
    let spec = &mut lease["spec"];
    spec["holderIdentity"] = json!(record.holder.as_deref().unwrap_or(""));
    spec["leaseDurationSeconds"] = json!(15);
    spec["leaseTransitions"] = json!(3);
    spec["acquireTime"] = json!("2026-11-22T09:37:00.051743Z");
    spec["renewTime"] = json!("2026-11-22T09:37:00.051744Z");
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
