//! What kube-apiserver checks in the metadata of every object, and in the fields of built-in types.

mod addresses;
mod autoscaling;
mod budgets;
mod certificates;
mod checks;
mod claims;
mod classes;
mod config_map;
mod events;
mod field;
mod internal;
mod jobs;
mod names;
mod networking;
mod pods;
mod quotas;
mod rbac;
mod resources;
mod rules;
mod secrets;
mod selectors;
mod services;
mod slices;
#[cfg(test)]
mod tests;
mod texts;
mod workloads;

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use self::{
    field::{Field, Report},
    names::name_problems,
};
use crate::{
    status::Cause,
    types::{Origin, Resource},
};

/// Returns what is wrong with the metadata of an object that is new, or replaces an old one.
pub(crate) fn metadata(resource: &Resource, old: Option<&Value>, value: &Value) -> Vec<Cause> {
    let empty = Map::new();
    let new = value.get("metadata").and_then(Value::as_object).unwrap_or(&empty);
    let mut causes = Vec::new();
    let mut names = |field: &str, problems_of: &dyn Fn(&str) -> Vec<String>| {
        if let Some(Value::String(name)) = new.get(field) {
            let problem = |why: String| {
                Cause::invalid(format!("metadata.{field}"), &name.as_str().into(), &why)
            };
            causes.extend(problems_of(name).into_iter().map(problem));
        }
    };
    // What follows the prefix of a generated name is never a dash.
    names("generateName", &|prefix| match prefix.strip_suffix('-') {
        Some(start) => name_problems(resource, value, &format!("{start}a")),
        None if prefix.is_empty() => Vec::new(),
        None => name_problems(resource, value, prefix),
    });
    names("name", &|name| name_problems(resource, value, name));
    marks(value, &mut causes);
    owners(new, &mut causes);
    finalizers(new, &mut causes);
    let is_built_in = matches!(resource.origin, Origin::BuiltIn { .. });
    if is_built_in && !UNCHECKED.contains(&resource.group.as_str()) {
        unqualified_finalizers(new, &mut causes);
    }
    if let Some(old) = old.and_then(|old| old.get("metadata")?.as_object()) {
        changes(old, new, &mut causes);
    }
    causes
}

/// Returns what is wrong with the metadata of an object that is inside of another one.
pub(crate) fn embedded(object: &Value) -> Vec<Cause> {
    let mut causes = Vec::new();
    let Some(metadata) = object.get("metadata").and_then(Value::as_object) else {
        return causes;
    };
    if let Some(Value::String(name)) = metadata.get("name") {
        for problem in texts::path_segment(name) {
            causes.push(Cause::invalid("metadata.name", &name.as_str().into(), &problem));
        }
    }
    marks(object, &mut causes);
    owners(metadata, &mut causes);
    finalizers(metadata, &mut causes);
    causes
}

/// The labels and the annotations.
fn marks(object: &Value, causes: &mut Vec<Cause>) {
    let report = Report::default();
    let metadata = Field::new(object, &report).get("metadata");
    metadata.get("labels").labels();
    metadata.get("annotations").annotations();
    causes.extend(report.causes());
}

fn owners(metadata: &Map<String, Value>, causes: &mut Vec<Cause>) {
    let owners = metadata.get("ownerReferences").and_then(Value::as_array);
    let owners = owners.map(Vec::as_slice).unwrap_or_default();
    for (index, owner) in owners.iter().enumerate() {
        let path = format!("metadata.ownerReferences[{index}]");
        let text = |field: &str| owner.get(field).and_then(Value::as_str).unwrap_or_default();
        for field in ["apiVersion", "kind", "name", "uid"] {
            if text(field).is_empty() {
                causes.push(Cause::required(format!("{path}.{field}"), "must not be empty"));
            }
        }
        if text("apiVersion").matches('/').count() > 1 {
            let detail = "must be <group>/<version> or <version>";
            let path = format!("{path}.apiVersion");
            causes.push(Cause::invalid(path, &text("apiVersion").into(), detail));
        }
        if (text("apiVersion"), text("kind")) == ("v1", "Event") {
            let detail = "/v1, Kind=Event is disallowed from being an owner";
            causes.push(Cause::invalid(path, owner, detail));
        }
    }
    let is_controller = |owner: &&Value| owner.get("controller").and_then(Value::as_bool);
    let controllers: Vec<&Value> =
        owners.iter().filter(|owner| is_controller(owner) == Some(true)).collect();
    if let [first, second, ..] = controllers.as_slice() {
        let name = |owner: &Value| {
            let text = |field| owner.get(field).and_then(Value::as_str).unwrap_or_default();
            format!("{}/{}", text("kind"), text("name"))
        };
        let detail = format!(
            "Only one reference can have Controller set to true. Found \"true\" in references for \
             {} and {}",
            name(first),
            name(second)
        );
        let all = Value::Array(owners.to_vec());
        causes.push(Cause::invalid("metadata.ownerReferences", &all, &detail));
    }
}

fn finalizers(metadata: &Map<String, Value>, causes: &mut Vec<Cause>) {
    let mut seen = BTreeSet::new();
    for name in strings(metadata, "finalizers") {
        for problem in label_key(name) {
            causes.push(Cause::invalid("metadata.finalizers", &name.into(), &problem));
        }
        seen.insert(name);
    }
    if seen.contains("orphan") && seen.contains("foregroundDeletion") {
        let all = metadata.get("finalizers").cloned().unwrap_or_default();
        let detail = "finalizer orphan and foregroundDeletion cannot be both set";
        causes.push(Cause::invalid("metadata.finalizers", &all, detail));
    }
}

/// A finalizer of a built-in type has a domain, unless it is one of the server's own.
fn unqualified_finalizers(metadata: &Map<String, Value>, causes: &mut Vec<Cause>) {
    for (index, name) in strings(metadata, "finalizers").into_iter().enumerate() {
        if !(name.contains('/') || STANDARD_FINALIZERS.contains(&name)) {
            let detail = "name is neither a standard finalizer name nor is it fully qualified";
            let path = format!("metadata.finalizers[{index}]");
            causes.push(Cause::invalid(path, &name.into(), detail));
        }
    }
}

/// What an update can't change.
fn changes(old: &Map<String, Value>, new: &Map<String, Value>, causes: &mut Vec<Cause>) {
    let is_marked = old.get("deletionTimestamp").is_some_and(|time| !time.is_null());
    if is_marked {
        let before = strings(old, "finalizers");
        let added: Vec<&str> = strings(new, "finalizers")
            .into_iter()
            .filter(|finalizer| !before.contains(finalizer))
            .collect();
        if !added.is_empty() {
            let added: Vec<String> = added.iter().map(|name| format!("{name:?}")).collect();
            let detail = format!(
                "no new finalizers can be added if the object is being deleted, found new \
                 finalizers []string{{{}}}",
                added.join(", ")
            );
            causes.push(Cause::forbidden("metadata.finalizers", &detail));
        }
    }
    for field in [
        "name",
        "namespace",
        "uid",
        "creationTimestamp",
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
    ] {
        let (before, after) = (old.get(field), new.get(field));
        if after.unwrap_or(&Value::Null) != before.unwrap_or(&Value::Null) {
            let after = after.cloned().unwrap_or_default();
            let detail = "field is immutable";
            causes.push(Cause::invalid(format!("metadata.{field}"), &after, detail));
        }
    }
}

fn strings<'a>(metadata: &'a Map<String, Value>, field: &str) -> Vec<&'a str> {
    let list = metadata.get(field).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_str).collect()
}

/// The groups whose finalizers need no domain.
const UNCHECKED: [&str; 4] =
    ["admissionregistration.k8s.io", "apiextensions.k8s.io", "coordination.k8s.io", "node.k8s.io"];
const STANDARD_FINALIZERS: [&str; 3] = ["foregroundDeletion", "kubernetes", "orphan"];

pub(crate) use self::names::{label_key, label_value};
pub(crate) use self::rules::fields;
pub(crate) use self::selectors::label_selector;
pub(crate) use self::texts::dns_subdomain;
