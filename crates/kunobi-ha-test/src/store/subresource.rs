//! The subresource `status`, which is written apart from the rest of an object.

use serde_json::{Value, json};

use crate::path::{Status, Target};

/// Makes the status of a new object.
pub(super) fn begin(target: &Target, value: &mut Value) {
    // A kubelet creates its node together with its status.
    if Status::of(target) != Status::Separate || target.resource == "nodes" {
        return;
    }
    if target.is_pod() {
        value["status"] = json!({ "phase": "Pending" });
    } else if let Some(object) = value.as_object_mut() {
        object.remove("status");
    }
}

/// Keeps the part of the old object that this kind of update does not write.
pub(super) fn keep(target: &Target, old: &Value, new: &mut Value) {
    let Some(object) = new.as_object_mut() else {
        return;
    };
    if target.subresource == "status" {
        let written = ["metadata", "status"].map(|field| (field, object.remove(field)));
        *object = old.as_object().cloned().unwrap_or_default();
        for (field, value) in written {
            match value {
                Some(value) => drop(object.insert(field.into(), value)),
                None => drop(object.remove(field)),
            }
        }
    } else if Status::of(target) == Status::Separate {
        match old.get("status").cloned() {
            Some(status) => drop(object.insert("status".into(), status)),
            None => drop(object.remove("status")),
        }
    }
}
