//! Patches: JSON patch, merge patch, strategic merge patch.

mod convert;
mod json;
mod strategic;

use serde_json::{Map, Value};

use crate::{
    go,
    request::{PatchKind, body::Content},
    shape::Shape,
    status::{Cause, Rejection},
};

/// What a patch makes of an object, before it is read as one of its type.
#[derive(Debug)]
pub(crate) struct Patched {
    pub(crate) content: Content,
    /// What is shown if it is none: the object, or of a strategic merge patch the patch.
    pub(crate) shown: String,
}

/// Applies a patch to an object. An apply is none of these.
pub(crate) fn patched(
    kind: PatchKind,
    patch: Content,
    live: &Value,
    shape: &Shape,
    is_custom: bool,
) -> Result<Patched, Rejection> {
    let Content { value: patch, duplicates } = patch;
    match kind {
        PatchKind::Json => {
            let (value, unknown) = json::apply(&patch, live)?;
            let duplicates = duplicates.into_iter().map(|told| format!("json patch {told}"));
            let duplicates = duplicates.chain(unknown).collect();
            Ok(Patched { shown: value.to_string(), content: Content { value, duplicates } })
        }
        PatchKind::Strategic if is_custom => Err(Rejection::unsupported_media_type(&[
            "application/json-patch+json",
            "application/merge-patch+json",
            "application/apply-patch+yaml",
        ])),
        PatchKind::Strategic => {
            let (value, shown) = strategic::merge(patch, live, shape)?;
            Ok(Patched { content: Content { value, duplicates }, shown })
        }
        PatchKind::Merge | PatchKind::Apply => {
            if patch.is_null() {
                return Err(Rejection::bad_request("Invalid JSON Patch"));
            }
            if !patch.is_object() {
                let why = format!("error decoding patch: {}", not_an_object(&patch));
                return Err(Rejection::bad_request(why));
            }
            let mut value = live.clone();
            merge(&mut value, &patch);
            Ok(Patched { shown: value.to_string(), content: Content { value, duplicates } })
        }
    }
}

/// Applies the operations of a JSON patch. The error is the index of the first that does not apply.
pub(crate) fn operations(operations: &[Value], live: &Value) -> Result<Value, usize> {
    json::run_all(operations, live)
}

/// 422: what a patch has made of an object is none of its type.
pub(crate) fn invalid(shown: &str, why: &str) -> Rejection {
    Rejection::invalid_object("", "", "", &[Cause::invalid("patch", &shown.into(), why)])
}

fn inapplicable() -> Rejection {
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

fn not_an_object(patch: &Value) -> String {
    let kind = go::kind(patch);
    format!("json: cannot unmarshal {kind} into Go value of type map[string]interface {{}}")
}

#[cfg(test)]
mod tests;
