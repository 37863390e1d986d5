//! The owner references of an object.

use serde_json::Value;

use crate::store::metadata;

pub(super) fn all(value: &Value) -> &[Value] {
    let list = metadata::get(value, FIELD).and_then(Value::as_array);
    list.map(Vec::as_slice).unwrap_or_default()
}

pub(super) fn text<'a>(reference: &'a Value, field: &str) -> &'a str {
    reference.get(field).and_then(Value::as_str).unwrap_or_default()
}

pub(super) fn uid(reference: &Value) -> &str {
    text(reference, "uid")
}

/// Returns whether an owner that is deleted in the foreground waits for this dependent.
pub(super) fn blocks(reference: &Value) -> bool {
    reference.get(BLOCK).and_then(Value::as_bool) == Some(true)
}

/// Removes the references to owners with these uids.
pub(super) fn remove(value: &mut Value, uids: &[String]) {
    let kept = all(value).iter().filter(|owner| !uids.iter().any(|gone| gone == uid(owner)));
    let kept: Vec<Value> = kept.cloned().collect();
    let kept = (!kept.is_empty()).then_some(Value::Array(kept));
    metadata::set(value, FIELD, kept);
}

/// Lets no owner wait for this dependent.
pub(super) fn unblock(value: &mut Value) {
    let owners = metadata::of(value).and_then(|metadata| metadata.get_mut(FIELD));
    for owner in owners.and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(owner) = owner.as_object_mut().filter(|owner| owner.contains_key(BLOCK)) {
            owner.insert(BLOCK.into(), false.into());
        }
    }
}

const FIELD: &str = "ownerReferences";
const BLOCK: &str = "blockOwnerDeletion";
