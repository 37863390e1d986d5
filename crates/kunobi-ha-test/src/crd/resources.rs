//! The types that a definition adds.

use std::sync::Arc;

use serde_json::Value;

use super::{Version, raw};
use crate::types::{Origin, Resource, Subresource};

const VERBS: [&str; 8] =
    ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"];

/// A type in all versions of its definition.
#[derive(Clone, Debug, Default)]
pub(crate) struct Defined {
    /// All versions, also those that are not served: objects may be stored in them. None before the definition is established.
    pub(crate) versions: Vec<Arc<Resource>>,
    /// The names of the versions that are served.
    served: Vec<String>,
    /// The name of the version in which objects are stored.
    storage: String,
}

impl Defined {
    pub(crate) fn served(&self) -> impl Iterator<Item = &Arc<Resource>> {
        self.versions.iter().filter(|resource| self.served.contains(&resource.version))
    }

    pub(crate) fn storage(&self) -> Option<&Arc<Resource>> {
        self.versions.iter().find(|resource| resource.version == self.storage)
    }
}

/// What a definition defines, in the versions that are there.
pub(crate) fn defined(value: &Value) -> Defined {
    let conditions = value.pointer("/status/conditions").and_then(Value::as_array);
    let is_established = conditions.into_iter().flatten().any(|condition| {
        raw::text(condition, "type") == "Established" && raw::text(condition, "status") == "True"
    });
    let (Some(spec), true) = (raw::object(value, "spec"), is_established) else {
        return Defined::default();
    };
    let names = value.pointer("/status/acceptedNames").unwrap_or(&Value::Null);
    let versions = raw::list(spec, "versions");
    let flagged = |flag: &'static str| {
        let flagged = versions.iter().filter(move |version| raw::flag(version, flag));
        flagged.map(|version| raw::text(version, "name").to_owned())
    };
    Defined {
        versions: versions.iter().map(|version| Arc::new(resource(spec, names, version))).collect(),
        served: flagged("served").collect(),
        storage: flagged("storage").next().unwrap_or_default(),
    }
}

/// The versions that are served.
#[cfg(test)]
pub(crate) fn served(value: &Value) -> Vec<Arc<Resource>> {
    defined(value).served().cloned().collect()
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
        origin: Origin::Custom(Version::read(spec, kind, version)),
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
