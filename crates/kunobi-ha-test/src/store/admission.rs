//! Checks before an object is stored.

use serde_json::{Value, json};

use super::Store;
use crate::{
    lease,
    path::{Key, Target},
    status::Rejection,
};

impl Store {
    /// Checks the types of the metadata of a PUT, and that it has a name.
    pub(super) fn check_metadata(value: &Value) -> Result<(), Rejection> {
        for field in ["name", "namespace", "uid", "resourceVersion"] {
            let sent = value.pointer(&format!("/metadata/{field}"));
            if sent.is_some_and(|sent| !sent.is_string() && !sent.is_null()) {
                return Err(Rejection::bad_request(format!("metadata.{field} is not a string")));
            }
        }
        match value.pointer("/metadata/name").and_then(Value::as_str) {
            None | Some("") => Err(Rejection::bad_request(
                "the name of the object was undeterminable: name must be provided",
            )),
            Some(_) => Ok(()),
        }
    }

    pub(super) fn admit(target: &Target, value: &mut Value) -> Result<(), Rejection> {
        let Some(metadata) = value
            .as_object_mut()
            .map(|object| object.entry("metadata").or_insert_with(|| json!({})))
        else {
            return Err(Rejection::bad_request("the body of the request is not a JSON object"));
        };
        let Some(metadata) = metadata.as_object_mut() else {
            return Err(Rejection::bad_request("metadata is not a JSON object"));
        };
        let wrong = |field: &str, wanted: &str| {
            metadata.get(field).and_then(Value::as_str).is_some_and(|sent| sent != wanted)
        };
        if wrong("name", &target.name) {
            return Err(Rejection::bad_request(
                "the name of the object does not match the name on the URL",
            ));
        }
        if wrong("namespace", &target.namespace) {
            return Err(Rejection::bad_request(
                "the namespace of the provided object does not match the namespace sent on the \
                 request",
            ));
        }
        metadata.insert("name".into(), target.name.clone().into());
        if !target.namespace.is_empty() {
            metadata.insert("namespace".into(), target.namespace.clone().into());
        }
        if target.is_lease() { lease::admit(&target.name, value) } else { Ok(()) }
    }

    pub(super) fn check_namespace(&self, target: &Target) -> Result<(), Rejection> {
        let key = Key {
            group: String::new(),
            resource: "namespaces".into(),
            namespace: String::new(),
            name: target.namespace.clone(),
        };
        let known = target.namespace.is_empty()
            || target.namespace == "default"
            || !self.settings.strict_namespaces
            || self.find(&key).is_some();
        if known { Ok(()) } else { Err(Rejection::not_found("", "namespaces", &target.namespace)) }
    }
}
