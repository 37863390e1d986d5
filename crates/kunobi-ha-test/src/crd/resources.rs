//! The types that a definition adds.

use std::sync::Arc;

use serde_json::Value;

use super::{Version, raw};
use crate::types::{Origin, Resource, Subresource};

const VERBS: [&str; 8] =
    ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"];

/// One for each version that is served; none before the definition is established.
pub(crate) fn resources(value: &Value) -> Vec<Arc<Resource>> {
    let conditions = value.pointer("/status/conditions").and_then(Value::as_array);
    let is_established = conditions.into_iter().flatten().any(|condition| {
        raw::text(condition, "type") == "Established" && raw::text(condition, "status") == "True"
    });
    let (Some(spec), true) = (raw::object(value, "spec"), is_established) else {
        return Vec::new();
    };
    let names = value.pointer("/status/acceptedNames").unwrap_or(&Value::Null);
    raw::list(spec, "versions")
        .iter()
        .filter(|version| raw::flag(version, "served"))
        .map(|version| Arc::new(resource(spec, names, version)))
        .collect()
}

fn resource(spec: &Value, names: &Value, version: &Value) -> Resource {
    let group = raw::text(spec, "group");
    let name = raw::text(version, "name");
    let kind = raw::text(names, "kind");
    let all = |field| raw::texts(names, field).map(str::to_owned).collect();
    Resource {
        group: group.to_owned(),
        version: name.to_owned(),
        plural: raw::text(names, "plural").to_owned(),
        singular: raw::text(names, "singular").to_owned(),
        kind: kind.to_owned(),
        list_kind: raw::text(names, "listKind").to_owned(),
        short_names: all("shortNames"),
        categories: all("categories"),
        is_namespaced: raw::text(spec, "scope") == "Namespaced",
        verbs: VERBS.map(str::to_owned).to_vec(),
        subresources: subresources(version, group, name, kind),
        origin: Origin::Custom(Version::read(group, kind, version)),
    }
}

fn subresources(version: &Value, group: &str, name: &str, kind: &str) -> Vec<Subresource> {
    let Some(enabled) = raw::object(version, "subresources") else { return Vec::new() };
    [("status", group, name, kind), ("scale", "autoscaling", "v1", "Scale")]
        .into_iter()
        .filter(|(field, ..)| raw::some(enabled, field).is_some())
        .map(|(field, group, version, kind)| Subresource {
            name: field.to_owned(),
            group: group.to_owned(),
            version: version.to_owned(),
            kind: kind.to_owned(),
            verbs: ["get", "patch", "update"].map(str::to_owned).to_vec(),
        })
        .collect()
}
