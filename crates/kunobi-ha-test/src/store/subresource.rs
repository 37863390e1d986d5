//! `status`: what the rest of an object's writers do not write.

use serde_json::{Value, json};

use crate::path::Target;

/// Whether a resource has `/status`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Status {
    /// It has none.
    Absent,
    /// It has one, which is written there only.
    Separate,
    /// Nobody knows; it may be written both ways.
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
    // A kubelet that registers a node says at once how it is.
    if Status::of(target) != Status::Separate || target.resource == "nodes" {
        return;
    }
    if target.is_pod() {
        value["status"] = json!({ "phase": "Pending" });
    } else if let Some(object) = value.as_object_mut() {
        object.remove("status");
    }
}

/// Takes from the old object what an update by this way does not write.
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

/// What has a status in the core group.
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
