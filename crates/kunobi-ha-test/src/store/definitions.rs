//! How a `CustomResourceDefinition` ends: its objects go first.

use serde_json::{Value, json};

use super::{Call, Store, conditions, deletion, metadata};
use crate::{crd, request::path::Key, status::Rejection, types::Origin};

impl Store {
    /// Fails if the type of the object is about to go.
    pub(super) fn check_definition(&self, call: &Call) -> Result<(), Rejection> {
        if !matches!(call.resource.origin, Origin::Custom(_)) {
            return Ok(());
        }
        let definition = self.find(&key(&call.resource.qualified()));
        if !definition.is_some_and(|definition| deletion::is_marked(&definition.value)) {
            return Ok(());
        }
        let why = "create not allowed while custom resource definition is terminating";
        let resource = call.resource;
        Err(Rejection::denied(&resource.group, &resource.plural, &call.target.name, why))
    }
}

pub(super) fn key(name: &str) -> Key {
    Key {
        group: crd::GROUP.into(),
        resource: crd::PLURAL.into(),
        namespace: String::new(),
        name: name.into(),
    }
}

/// The definition as it begins to end.
pub(super) fn mark(call: &Call, old: &Value) -> Value {
    let mut value = old.clone();
    metadata::set(&mut value, deletion::TIMESTAMP, Some(call.time().into()));
    let mut finalizers = metadata::finalizers(old);
    if !finalizers.contains(&FINALIZER) {
        finalizers.push(FINALIZER);
    }
    deletion::set_finalizers(&mut value, &finalizers);
    let why =
        "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon";
    set_terminating(&mut value, true, ("InstanceDeletionPending", why), &call.time());
    value
}

/// Returns whether the definition waits for its objects to be deleted.
pub(super) fn is_retiring(value: &Value) -> bool {
    deletion::is_marked(value) && metadata::finalizers(value).contains(&FINALIZER)
}

/// Sets the condition `Terminating`.
pub(super) fn set_terminating(value: &mut Value, is_true: bool, why: (&str, &str), now: &str) {
    let Some(object) = value.as_object_mut() else {
        return;
    };
    let status = object.entry("status").or_insert_with(|| json!({}));
    let Some(status) = status.as_object_mut() else {
        return;
    };
    let (reason, message) = why;
    let condition = json!({
        "type": "Terminating",
        "status": if is_true { "True" } else { "False" },
        "lastTransitionTime": now,
        "reason": reason,
        "message": message,
    });
    conditions::set(status, condition);
}

pub(super) const FINALIZER: &str = "customresourcecleanup.apiextensions.k8s.io";
