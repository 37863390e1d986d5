//! What a write changes beyond its object: a definition changes which types there are, a configuration which webhooks.

use std::sync::Arc;

use serde_json::Value;

use super::{Object, Store};
use crate::{crd, request::path::Key, types::Resource};

impl Store {
    /// Takes the types of a definition that was stored, or forgets those of one that is gone.
    pub(super) fn learn(&mut self, key: &Key, definition: Option<&Value>) {
        self.webhooks.learn(key, definition);
        if (key.group.as_str(), key.resource.as_str()) != (crd::GROUP, crd::PLURAL) {
            return;
        }
        let Some(definition) = definition else {
            self.types.forget(&key.name);
            return;
        };
        let resources = crd::resources(definition);
        self.types.define(&key.name, resources.clone());
        self.reread(&resources);
    }

    /// What is stored is read with the schema that its type has now: without the fields that are no
    /// longer there, and with defaults.
    fn reread(&mut self, resources: &[Arc<Resource>]) {
        for (key, object) in &mut self.objects {
            let version = object.value.get("apiVersion").and_then(Value::as_str);
            let resource = resources.iter().find(|resource| {
                (resource.group == key.group && resource.plural == key.resource)
                    && version == Some(resource.api_version().as_str())
            });
            let Some(resource) = resource else { continue };
            let mut value = object.value.clone();
            resource.convert(&mut value);
            if value != object.value {
                *object = Arc::new(Object::new(value, object.revision));
            }
        }
    }
}
