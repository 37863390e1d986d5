//! What an update may change in a job.

use serde_json::{Map, Value};

use crate::{
    defaults::fields::copy,
    validation::{
        checks::{IMMUTABLE, same},
        field::Field,
        internal,
    },
};

pub(super) fn check(job: &Field, old: &Field) {
    let (spec, was) = (job.get("spec"), old.get("spec"));
    completions(&spec, &was);
    spec.get("selector").immutable(&was.get("selector"));
    template(job, old);
    spec.get("completionMode").immutable(&was.get("completionMode"));
    for (field, name) in
        [("podFailurePolicy", "PodFailurePolicy"), ("successPolicy", "SuccessPolicy")]
    {
        let (new, old) = (spec.get(field), was.get(field));
        if field == "successPolicy" {
            for field in ["backoffLimitPerIndex", "managedBy"] {
                spec.get(field).immutable(&was.get(field));
            }
        }
        if !same(new.value(), old.value()) {
            let quoted =
                if new.is_set() { internal::compact(name, new.value()) } else { "null".into() };
            new.invalid_internal(&quoted, IMMUTABLE);
        }
    }
}

fn completions(spec: &Field, was: &Field) {
    let (new, old) = (spec.get("completions"), was.get("completions"));
    if spec.get("completionMode").text() != "Indexed" {
        new.immutable(&old);
    } else if new.is_set()
        && new.number() != old.number()
        && new.integer() != spec.get("parallelism").integer()
    {
        new.invalid("can only be modified in tandem with spec.parallelism");
    }
}

/// A suspended job without pods may get other places and amounts for them.
fn template(job: &Field, old: &Field) {
    let (new, was) = (job.get("spec").get("template"), old.get("spec").get("template"));
    let is_suspended = old.get("spec").get("suspend").is_true();
    let status = old.get("status");
    let is_marked = status.get("conditions").items().any(|condition| {
        condition.get("type").text() == "Suspended" && condition.get("status").text() == "True"
    });
    let has_begun = status.get("startTime").is_set() && !is_marked;
    let is_free = is_suspended && !has_begun && status.get("active").integer() == 0;
    let mut allowed = was.value().clone();
    if is_free {
        places(new.value(), &mut allowed);
    }
    if is_suspended && is_free {
        amounts(new.value(), &mut allowed);
        let (spec, allowed) = (new.get("spec"), allowed.get("spec").cloned().unwrap_or_default());
        if !same(spec.value(), &allowed) {
            let quoted = internal::compact("PodSpec", spec.value());
            job.get("spec").get("template.spec").invalid_internal(&quoted, IMMUTABLE);
        }
    } else if !same(new.value(), &allowed) {
        let quoted = internal::compact("PodTemplateSpec", new.value());
        new.invalid_internal(&quoted, IMMUTABLE);
    }
}

/// On which nodes the pods run, and how they are marked.
fn places(new: &Value, allowed: &mut Value) {
    let part = |value: &Value, name: &str| value.get(name).cloned().unwrap_or_default();
    let (new_metadata, new_spec) = (part(new, "metadata"), part(new, "spec"));
    if let Some(metadata) = child(allowed, "metadata") {
        copy(&new_metadata, metadata, "annotations");
        copy(&new_metadata, metadata, "labels");
    }
    let Some(spec) = child(allowed, "spec") else {
        return;
    };
    for field in ["nodeSelector", "tolerations", "schedulingGates"] {
        copy(&new_spec, spec, field);
    }
    let new_affinity = part(&new_spec, "affinity");
    let entry = spec.entry("affinity").or_insert_with(|| Map::new().into());
    if let Some(affinity) = entry.as_object_mut() {
        copy(&new_affinity, affinity, "nodeAffinity");
    }
}

/// What containers with the same names ask for.
fn amounts(new: &Value, allowed: &mut Value) {
    for kind in ["containers", "initContainers"] {
        let list = |value: &Value| value.get("spec")?.get(kind)?.as_array().cloned();
        let new = list(new).unwrap_or_default();
        let Some(old) = child(allowed, "spec").and_then(|spec| spec.get_mut(kind)?.as_array_mut())
        else {
            continue;
        };
        if old.len() != new.len() {
            continue;
        }
        for (old, new) in old.iter_mut().zip(&new) {
            if old.get("name") == new.get("name")
                && let Some(old) = old.as_object_mut()
            {
                copy(new, old, "resources");
            }
        }
    }
}

fn child<'v>(value: &'v mut Value, name: &str) -> Option<&'v mut Map<String, Value>> {
    value.get_mut(name)?.as_object_mut()
}
