//! The subresource `ephemeralcontainers` of pods: containers that are added to a pod to debug it.

use serde_json::Value;

use super::{Call, metadata};
use crate::defaults::fields;

/// Leaves nothing of a write to the subresource but its containers, and who wrote what.
pub(super) fn narrow(call: &Call, old: &Value, new: &mut Value) {
    if call.target.subresource != NAME || !call.is("", "pods") {
        return;
    }
    let mut narrowed = old.clone();
    metadata::set(&mut narrowed, "managedFields", metadata::get(new, "managedFields").cloned());
    if let (Some(into), Some(from)) =
        (narrowed.get_mut("spec").and_then(Value::as_object_mut), new.get("spec"))
    {
        fields::copy(from, into, "ephemeralContainers");
    }
    *new = narrowed;
}

const NAME: &str = "ephemeralcontainers";
