//! The subresource `status`, which is written apart from the rest of an object.

use serde_json::{Value, json};

use crate::path::Target;

/// Whether a resource has `/status`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Status {
    /// It has none.
    Absent,
    /// It has one, and only a write to it changes the status.
    Separate,
    /// It may have one: both ways of writing work.
    Unknown,
}

impl Status {
    pub(crate) fn of(target: &Target) -> Self {
        match (target.group.as_str(), target.resource.as_str()) {
            ("apps" | "autoscaling" | "batch" | "policy", _) => Self::Separate,
            ("", resource) if CORE.contains(&resource) => Self::Separate,
            ("" | "coordination.k8s.io" | "rbac.authorization.k8s.io", _) => Self::Absent,
            _ => Self::Unknown,
        }
    }
}

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

/// The resources of the core group that have a status.
const CORE: [&str; 8] = [
    "namespaces",
    "nodes",
    "persistentvolumeclaims",
    "persistentvolumes",
    "pods",
    "replicationcontrollers",
    "resourcequotas",
    "services",
];
