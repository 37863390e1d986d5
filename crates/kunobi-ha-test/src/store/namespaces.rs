//! Namespaces: which exist, what a new one has, and how one ends.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Call, Store, deletion, metadata};
use crate::{
    request::{
        DeleteOptions, Propagation,
        path::{Key, Target},
    },
    status::{Cause, Rejection},
    validation,
};

impl Store {
    /// The namespaces that every cluster has.
    pub(crate) fn create_system_namespaces(&mut self, now: Timestamp) {
        let Some(resource) = self.types.find("", "v1", "namespaces") else {
            return;
        };
        for name in SYSTEM {
            let target = Target::collection(&resource, "").named(name);
            let call = Call::by_server(&resource, &target, now);
            let value =
                json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": name } });
            // Nothing in it can be refused.
            let _ = self.begin(&call, value, None);
        }
    }

    /// Fails if nothing can be created in the namespace: it does not exist, or it ends.
    pub(super) fn check_namespace(&self, call: &Call, value: &Value) -> Result<(), Rejection> {
        let namespace = call.target.namespace.as_str();
        if namespace.is_empty() {
            return Ok(());
        }
        let Some(stored) = self.find(&key(namespace)) else {
            let is_refused = self.settings.strict_namespaces;
            let missing = || Rejection::not_found("", "namespaces", namespace);
            return if is_refused { Err(missing()) } else { Ok(()) };
        };
        let phase = stored.value.pointer("/status/phase").and_then(Value::as_str);
        if phase == Some(TERMINATING) { Err(is_ending(call, value)) } else { Ok(()) }
    }
}

pub(super) fn key(name: &str) -> Key {
    Key {
        group: String::new(),
        resource: "namespaces".into(),
        namespace: String::new(),
        name: name.into(),
    }
}

fn is_ending(call: &Call, value: &Value) -> Rejection {
    let Target { group, resource, namespace, name, .. } = call.target;
    // A name that is to be generated is not known there yet.
    let prefix = metadata::text(value, "generateName").filter(|_| call.is_generated(value));
    let name = prefix.unwrap_or(name);
    let why = format!(
        "unable to create new content in namespace {namespace} because it is being terminated"
    );
    let message = format!("namespace {namespace} is being terminated");
    Rejection::denied(group, resource, name, &why).caused_by(&Cause::new(
        "NamespaceTerminating",
        "metadata.namespace",
        message,
    ))
}

/// The finalizer of a new namespace.
pub(super) fn begin(call: &Call, value: &mut Value) {
    if !call.is("", "namespaces") {
        return;
    }
    default(call, value);
    let mut all = finalizers(value);
    if !all.iter().any(|name| name == FINALIZER) {
        all.push(FINALIZER.into());
    }
    set_finalizers(value, all);
}

/// Only `/finalize` changes the finalizers in the spec.
pub(super) fn keep(call: &Call, old: &Value, new: &mut Value) {
    if !call.is("", "namespaces") {
        return;
    }
    if call.target.subresource != "finalize" {
        set_finalizers(new, finalizers(old));
    }
}

/// Returns what is wrong with the finalizers in the spec.
pub(super) fn validate(value: &Value) -> Vec<Cause> {
    let mut causes = Vec::new();
    let field = "spec.finalizers";
    for name in &finalizers(value) {
        let problems = validation::label_key(name);
        causes.extend(problems.iter().map(|why| Cause::invalid(field, &name[..].into(), why)));
        if !name.contains('/') && !STANDARD.contains(&name.as_str()) {
            let why = "name is neither a standard finalizer name nor is it fully qualified";
            causes.push(Cause::invalid(field, &name[..].into(), why));
        }
    }
    causes
}

/// What a namespace has whatever a client sends: the label by which selectors name it, and a phase.
pub(super) fn default(call: &Call, value: &mut Value) {
    let name = metadata::text(value, "name").map(ToOwned::to_owned);
    let Some(name) = name.filter(|_| call.is("", "namespaces")) else {
        return;
    };
    if let Some(metadata) = metadata::of(value) {
        let labels = metadata.entry("labels").or_insert_with(|| json!({}));
        if let Some(labels) = labels.as_object_mut() {
            labels.insert(LABEL.into(), name.into());
        }
    }
    if let Some(status) = value.get_mut("status").and_then(Value::as_object_mut) {
        status.entry("phase").or_insert_with(|| "Active".into());
    }
}

pub(super) fn has_finalizers(value: &Value) -> bool {
    let list = value.pointer("/spec/finalizers").and_then(Value::as_array);
    list.is_some_and(|list| !list.is_empty())
}

/// Returns whether the namespace waits for its contents to be deleted.
pub(super) fn is_ended_by_us(value: &Value) -> bool {
    deletion::is_marked(value) && finalizers(value).iter().any(|name| name == FINALIZER)
}

pub(super) fn finalizers(value: &Value) -> Vec<String> {
    let list = value.pointer("/spec/finalizers").and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_str).map(ToOwned::to_owned).collect()
}

pub(super) fn set_finalizers(value: &mut Value, finalizers: Vec<String>) {
    let Some(object) = value.as_object_mut() else {
        return;
    };
    let spec = object.entry("spec").or_insert_with(|| json!({}));
    if spec.is_null() {
        *spec = json!({});
    }
    if let Some(spec) = spec.as_object_mut() {
        if finalizers.is_empty() {
            spec.remove("finalizers");
        } else {
            spec.insert("finalizers".into(), finalizers.into());
        }
    }
}

pub(super) fn check_mortal(call: &Call) -> Result<(), Rejection> {
    let name = call.target.name.as_str();
    if call.is("", "namespaces") && IMMORTAL.contains(&name) {
        return Err(Rejection::denied("", "namespaces", name, "this namespace may not be deleted"));
    }
    Ok(())
}

/// The namespace as it begins to end. As there, `orphanDependents=false` waits for its dependents.
pub(super) fn mark(call: &Call, old: &Value, options: &DeleteOptions) -> Value {
    let mut value = old.clone();
    metadata::set(&mut value, deletion::TIMESTAMP, Some(call.time().into()));
    if let Some(object) = value.as_object_mut() {
        let status = object.entry("status").or_insert_with(|| json!({}));
        if let Some(status) = status.as_object_mut() {
            status.insert("phase".into(), TERMINATING.into());
        }
    }
    let propagation = match options.propagation {
        _ if options.is_accepted_when_pending => Some(Propagation::Foreground),
        propagation => propagation,
    };
    let options = DeleteOptions { propagation, ..options.clone() };
    let finalizers = deletion::finalizers(call, old, &options);
    deletion::set_finalizers(&mut value, &finalizers);
    value
}

/// Those that exist from the start.
pub(crate) const SYSTEM: [&str; 4] = ["default", "kube-node-lease", "kube-public", "kube-system"];
const IMMORTAL: [&str; 3] = ["default", "kube-public", "kube-system"];
const STANDARD: [&str; 3] = [FINALIZER, deletion::ORPHAN, deletion::FOREGROUND];
const LABEL: &str = "kubernetes.io/metadata.name";
pub(super) const FINALIZER: &str = "kubernetes";
const TERMINATING: &str = "Terminating";
