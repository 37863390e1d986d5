//! What a body shows of a Lease, in the words of the API rather than of the code.

use serde_json::{Map, Value};

use crate::fields;

/// Returns the fields that the election reads; `None` if the body is not a JSON object, or if the text
/// of such a field is not Unicode. Nothing else in the body matters.
pub(crate) fn seen(body: &[u8]) -> Option<Value> {
    let object = fields::read(body)?;
    let mut seen = pick(&object, &["kind", "apiVersion"])?;
    for (part, names) in [("metadata", &METADATA[..]), ("spec", &SPEC[..])] {
        if let Some(object) = fields::value(&object, part).and_then(fields::split) {
            seen.insert(part.into(), pick(&object, names)?.into());
        }
    }
    Some(seen.into())
}

pub(crate) fn is_lease(seen: &Value) -> bool {
    let metadata = &seen["metadata"];
    let version = metadata["resourceVersion"].as_str().unwrap_or_default();
    let digits = version.bytes().all(|byte| byte.is_ascii_digit()) && !version.starts_with('0');
    seen["kind"] == "Lease"
        && seen["apiVersion"] == "coordination.k8s.io/v1"
        && metadata["name"] == "l"
        && metadata["namespace"] == "n"
        && metadata["uid"].as_str().is_some_and(|uid| !uid.is_empty())
        && digits
        && version.parse::<u64>().is_ok()
}

/// Leaves out what is nested too deep to be read, and numbers that are too large.
fn pick(object: &fields::Fields<'_>, names: &[&str]) -> Option<Map<String, Value>> {
    let mut picked = Map::new();
    for name in names {
        let Some(text) = fields::value(object, name) else { continue };
        match serde_json::from_str(text) {
            Ok(value) => {
                picked.insert((*name).into(), value);
            }
            Err(_) if text.starts_with('"') => return None,
            Err(_) => {}
        }
    }
    Some(picked)
}

const METADATA: [&str; 4] = ["name", "namespace", "uid", "resourceVersion"];
const SPEC: [&str; 7] = [
    "holderIdentity",
    "leaseDurationSeconds",
    "acquireTime",
    "renewTime",
    "leaseTransitions",
    "strategy",
    "preferredHolder",
];
