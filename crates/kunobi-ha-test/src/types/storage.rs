//! Versions of one type: which is stored, and how an object becomes one of another.

use std::sync::Arc;

use serde_json::Value;

use super::{Origin, Resource, Types, events};
use crate::crd::Defined;

impl Types {
    /// The version in which objects are stored: that of the request, but for events and custom types.
    pub(crate) fn storage(&self, resource: &Arc<Resource>) -> Arc<Resource> {
        let storage = match resource.origin {
            Origin::Custom(_) => {
                let defined = self.definitions.get(&resource.qualified());
                defined.and_then(Defined::storage).cloned()
            }
            Origin::BuiltIn { .. }
                if resource.group == events::GROUP && resource.plural == "events" =>
            {
                self.find("", "v1", "events")
            }
            Origin::BuiltIn { .. } => None,
        };
        storage.unwrap_or_else(|| Arc::clone(resource))
    }
}

impl Resource {
    /// Returns whether this is an object of the type in another version. What a test has injected may be of
    /// another type, and is served as it is.
    pub(crate) fn is_other_version(&self, value: &Value) -> bool {
        let text = |field: &str| value.get(field).and_then(Value::as_str).unwrap_or_default();
        let stored = text("apiVersion");
        let group = stored.split_once('/').map_or("", |(group, _)| group);
        let is_type = text("kind") == self.kind
            && (group == self.group
                || self.plural == "events" && ["", events::GROUP].contains(&group));
        is_type && stored != self.api_version()
    }

    /// Brings an object into this version. Of the built-in types only events have other fields in
    /// another group.
    pub(crate) fn convert(&self, value: &mut Value) {
        match &self.origin {
            Origin::Custom(version) => version.convert(value),
            Origin::BuiltIn { .. } => {
                if let Some(object) = value.as_object_mut() {
                    if self.plural == "events" {
                        events::convert(&self.group, object);
                    }
                    object.insert("apiVersion".into(), self.api_version().into());
                }
            }
        }
    }
}
