//! The subresource `status`, which is written apart from the rest of an object.

use serde_json::{Value, json};

use super::{
    Call, certificates, metadata,
    rules::{Generation, StatusKeeps},
};
use crate::{defaults::fields::copy, shape::Form, types::Resource};

/// Makes the status and the generation of a new object.
pub(super) fn begin(call: &Call, value: &mut Value) {
    // A type that has no generation stores what is sent. A driver of volumes has one when it has changed.
    if Generation::of(call.resource) != Generation::Absent
        && !call.is("storage.k8s.io", "csidrivers")
    {
        metadata::set(value, "generation", Some(1.into()));
    }
    // A kubelet creates its node together with its status.
    if call.resource.subresource("status").is_none() || call.is("", "nodes") {
        return;
    }
    let Some(object) = value.as_object_mut() else {
        return;
    };
    if call.is("", "namespaces") {
        object.insert("status".into(), json!({ "phase": "Active" }));
    } else if let Some(empty) = empty(call.resource) {
        object.insert("status".into(), empty);
    } else {
        object.remove("status");
    }
}

/// The status of which nothing is stated, where Go writes one.
fn empty(resource: &Resource) -> Option<Value> {
    match resource.shape().form() {
        Form::Struct(known) => known
            .fields
            .get("status")
            .filter(|field| field.is_always)
            .map(|field| field.shape.zero()),
        Form::Any | Form::List { .. } | Form::Map { .. } | Form::Named(_) | Form::Scalar(_) => None,
    }
}

/// The fields that a write to this endpoint does not own.
pub(super) fn resets(call: &Call) -> &'static [&'static str] {
    let resource = call.resource;
    let is_request = call.is("certificates.k8s.io", "certificatesigningrequests");
    match call.target.subresource.as_str() {
        "approval" => &["spec", "status.certificate"],
        "ephemeralcontainers" => &[],
        "status" if is_request => &["spec", "status.conditions"],
        "status" => match StatusKeeps::of(resource) {
            StatusKeeps::Fields([]) => &["spec"],
            StatusKeeps::Fields(["labels"]) => &["metadata.labels", "spec"],
            StatusKeeps::Fields(["ownerReferences"]) => {
                &["metadata.deletionTimestamp", "metadata.ownerReferences", "spec"]
            }
            // Of what keeps some of the metadata, nobody owns any.
            StatusKeeps::Everything | StatusKeeps::Fields(_) => &["metadata", "spec"],
        },
        _ if is_request => &["spec", "status"],
        _ if resource.subresource("status").is_some() => &["status"],
        _ => &[],
    }
}

/// Keeps the part of the old object that this kind of update does not write, and counts the generation.
pub(super) fn keep(call: &Call, old: &Value, new: &mut Value) {
    if call.target.subresource == "status" {
        keep_all_but_status(call, old, new);
    } else if call.target.subresource != "approval"
        && call.resource.subresource("status").is_some()
        && let Some(object) = new.as_object_mut()
    {
        copy(old, object, "status");
    }
    certificates::keep(call, old, new);
    let changed = match Generation::of(call.resource) {
        Generation::Absent => false,
        Generation::Spec => old.get("spec") != new.get("spec"),
        // A status that is part of the object counts; one that is written apart does not.
        Generation::Content => call.target.subresource != "status" && content(old) != content(new),
    };
    let generation = metadata::get(old, "generation").cloned();
    let next = || metadata::generation(old).map_or(1, |old| old.saturating_add(1)).into();
    metadata::set(new, "generation", if changed { Some(next()) } else { generation });
}

fn keep_all_but_status(call: &Call, old: &Value, new: &mut Value) {
    let (Some(before), Some(object)) = (old.as_object(), new.as_object_mut()) else {
        return;
    };
    let status = object.remove("status");
    let mut metadata = object.remove("metadata").unwrap_or_default();
    object.clone_from(before);
    match StatusKeeps::of(call.resource) {
        StatusKeeps::Everything => {
            let managed = metadata.get("managedFields").cloned();
            if let Some(kept) = before.get("metadata") {
                metadata.clone_from(kept);
            }
            if let (Some(metadata), Some(managed)) = (metadata.as_object_mut(), managed) {
                metadata.insert("managedFields".into(), managed);
            }
        }
        StatusKeeps::Fields(fields) => {
            let kept = before.get("metadata").cloned().unwrap_or_default();
            for field in fields {
                if let Some(metadata) = metadata.as_object_mut() {
                    copy(&kept, metadata, field);
                }
            }
        }
    }
    object.insert("metadata".into(), metadata);
    match status {
        Some(status) => drop(object.insert("status".into(), status)),
        None => drop(object.remove("status")),
    }
}

fn content(value: &Value) -> Vec<(&String, &Value)> {
    let fields = value.as_object().into_iter().flatten();
    fields.filter(|(name, _)| *name != "metadata").collect()
}
