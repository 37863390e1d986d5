//! Leases in JSON, of which no text is lost.

use std::collections::BTreeMap;

use serde_json::{
    Value,
    value::{RawValue, to_raw_value},
};

/// Parses JSON. Where a value would be written otherwise, its text takes its place.
pub(crate) fn parse(json: &[u8]) -> Option<Value> {
    let fields: BTreeMap<String, &RawValue> = match serde_json::from_slice(json) {
        Ok(fields) => fields,
        Err(_) => return serde_json::from_slice(json).ok(),
    };
    let parsed = fields.into_iter().map(|(name, value)| {
        let value = match &*name {
            "metadata" | "spec" => parse(value.get().as_bytes()),
            _ => {
                let parsed: Option<Value> = serde_json::from_str(value.get()).ok();
                parsed.filter(|parsed| format!("{parsed}") == value.get())
            }
        }
        .unwrap_or_else(|| value.get().into());
        (name, value)
    });
    Some(parsed.collect())
}

/// Returns a Lease under this uid and version.
pub(crate) fn under(uid: &str, version: &str, lease: &[u8]) -> Vec<u8> {
    let mut lease: BTreeMap<String, Box<RawValue>> = serde_json::from_slice(lease).unwrap();
    let metadata = lease.get_mut("metadata").unwrap();
    let mut fields: BTreeMap<String, Box<RawValue>> = serde_json::from_str(metadata.get()).unwrap();
    for (name, text) in [("uid", uid), ("resourceVersion", version)] {
        fields.insert(name.into(), to_raw_value(text).unwrap());
    }
    *metadata = to_raw_value(&fields).unwrap();
    serde_json::to_vec(&lease).unwrap()
}
