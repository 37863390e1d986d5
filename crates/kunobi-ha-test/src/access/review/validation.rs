//! What is wrong with an access review.

use serde_json::{Value, json};

use super::{Review, selectors};
use crate::status::Cause;

pub(crate) fn causes(review: Review, value: &Value) -> Vec<Cause> {
    let spec = &value["spec"];
    let mut causes = Vec::new();
    match review {
        Review::SelfRules | Review::SelfSubject | Review::Token => return causes,
        Review::Access | Review::LocalAccess | Review::SelfAccess => {}
    }
    let path = shown(&spec["nonResourceAttributes"]);
    if spec["resourceAttributes"].is_null() == path.is_null() {
        let why = "exactly one of nonResourceAttributes or resourceAttributes must be specified";
        causes.push(Cause::invalid("spec", &path, why));
    }
    let is_empty = |field: &str| match &spec[field] {
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        _ => true,
    };
    if review != Review::SelfAccess && is_empty("user") && is_empty("groups") {
        let why = "at least one of user or group must be specified";
        causes.push(Cause::invalid("spec.user", &"".into(), why));
    }
    causes.extend(selectors::causes(&spec["resourceAttributes"]));
    let is_local = review == Review::LocalAccess;
    if !is_bare(&value["metadata"], is_local) {
        let why = if is_local { "must be empty except for namespace" } else { "must be empty" };
        causes.push(Cause::invalid("metadata", &value["metadata"], why));
    }
    if is_local {
        causes.extend(local(value, &path));
    }
    causes
}

fn local(value: &Value, path: &Value) -> Vec<Cause> {
    let mut causes = Vec::new();
    let resource = &value["spec"]["resourceAttributes"];
    let namespace = resource["namespace"].as_str().unwrap_or_default();
    if !resource.is_null() && Some(namespace) != value["metadata"]["namespace"].as_str() {
        let field = "spec.resourceAttributes.namespace";
        causes.push(Cause::invalid(field, &namespace.into(), "must match metadata.namespace"));
    }
    if !path.is_null() {
        let why = "disallowed on this kind of request";
        causes.push(Cause::invalid("spec.nonResourceAttributes", path, why));
    }
    causes
}

/// As kube-apiserver quotes it, whose type has no names for JSON here.
fn shown(path: &Value) -> Value {
    let text = |field: &str| path[field].as_str().unwrap_or_default();
    if path.is_null() { Value::Null } else { json!({ "Path": text("path"), "Verb": text("verb") }) }
}

fn is_bare(metadata: &Value, may_have_namespace: bool) -> bool {
    let fields = metadata.as_object().into_iter().flatten();
    let mut others = fields.filter(|(name, _)| {
        *name != "managedFields" && !(may_have_namespace && *name == "namespace")
    });
    others.all(|(_, value)| match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    })
}
