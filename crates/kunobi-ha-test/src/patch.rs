//! Patches: JSON patch, merge patch, strategic merge patch.

mod strategic;

use json_patch::{AddOperation, Patch, PatchOperation, ReplaceOperation, jsonptr::PointerBuf};
use serde_json::{Map, Value};

use crate::{go, request::PatchKind, shape::Shape, status::Rejection};

/// Returns what a patch makes of an object. An apply is none of these.
pub(crate) fn patched(
    kind: PatchKind,
    patch: &Value,
    live: &Value,
    shape: &Shape,
    is_custom: bool,
) -> Result<Value, Rejection> {
    match kind {
        PatchKind::Json => json(patch, live),
        PatchKind::Strategic if is_custom => Err(Rejection::unsupported_media_type(&[
            "application/json-patch+json",
            "application/merge-patch+json",
            "application/apply-patch+yaml",
        ])),
        PatchKind::Strategic => strategic::merge(patch, live, shape),
        PatchKind::Merge | PatchKind::Apply => {
            if !patch.is_object() {
                return Err(not_an_object(patch));
            }
            let mut value = live.clone();
            merge(&mut value, patch);
            Ok(value)
        }
    }
}

/// RFC 6902.
fn json(patch: &Value, live: &Value) -> Result<Value, Rejection> {
    let count = patch.as_array().map_or(0, Vec::len);
    if count > MOST_OPERATIONS {
        return Err(Rejection::too_many_operations(MOST_OPERATIONS, count));
    }
    if !patch.is_array() {
        let kind = go::kind(patch);
        return Err(Rejection::bad_request(format!(
            "error decoding patch: json: cannot unmarshal {kind} into Go value of type \
             []handlers.jsonPatchOp"
        )));
    }
    let other = patch.as_array().into_iter().flatten().find(|operation| !operation.is_object());
    if let Some(other) = other {
        let kind = go::kind(other);
        return Err(Rejection::bad_request(format!(
            "error decoding patch: json: cannot unmarshal {kind} into Go value of type \
             handlers.jsonPatchOp"
        )));
    }
    let patch: Patch = serde_json::from_value(patch.clone()).map_err(|_| inapplicable())?;
    let mut value = live.clone();
    let mut copied = 0_usize;
    for operation in &patch.0 {
        // A short patch that copies a value into itself makes it twice as long each time.
        if let PatchOperation::Copy(copy) = operation
            && let Some(from) = value.pointer(copy.from.as_str())
        {
            copied = copied.saturating_add(from.to_string().len());
            if copied > LONGEST_COPIES {
                return Err(failed());
            }
        }
        let is_absent = |path: &PointerBuf| value.pointer(path.as_str()).is_none();
        let operation = match operation {
            // As on kube-apiserver, what is not there is null, and a replacement may be new.
            PatchOperation::Test(test) if test.value.is_null() && is_absent(&test.path) => continue,
            PatchOperation::Replace(replace) if is_absent(&replace.path) => {
                let ReplaceOperation { path, value } = replace.clone();
                PatchOperation::Add(AddOperation { path, value })
            }
            operation => operation.clone(),
        };
        json_patch::patch(&mut value, &[operation]).map_err(|_| inapplicable())?;
    }
    Ok(value)
}

fn inapplicable() -> Rejection {
    Rejection::unprocessable("the server rejected our request due to an error in our request")
}

fn failed() -> Rejection {
    Rejection::unprocessable("the server rejected our request due to an error in our request")
}

/// RFC 7396.
fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        target.clone_from(patch);
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(target) = target else {
        return;
    };
    for (key, value) in patch {
        if value.is_null() {
            target.remove(key);
        } else {
            merge(target.entry(key.clone()).or_insert(Value::Null), value);
        }
    }
}

fn not_an_object(patch: &Value) -> Rejection {
    if patch.is_null() {
        return Rejection::bad_request("Invalid JSON Patch");
    }
    Rejection::bad_request(format!(
        "error decoding patch: json: cannot unmarshal {} into Go value of type \
         map[string]interface {{}}",
        go::kind(patch)
    ))
}

/// The limits of kube-apiserver: bytes that are copied, and operations.
const LONGEST_COPIES: usize = 3 << 20;
const MOST_OPERATIONS: usize = 10_000;

#[cfg(test)]
mod tests;
