//! What kube-apiserver does with a definition that ends.

use std::sync::Arc;

use super::{Collector, writes::Author};
use crate::{
    request::path::{Key, Target},
    store::{definitions, deletion},
    types::Resource,
};

impl Collector<'_> {
    /// Deletes the objects of a definition, and lets it go once there are none.
    pub(super) fn finalize_definition(&mut self, name: &str) {
        let key = definitions::key(name);
        let definition = self.store.find(&key).map(|object| &object.value);
        if !definition.is_some_and(definitions::is_retiring) {
            return;
        }
        let now = self.time();
        let why = ("InstanceDeletionInProgress", "CustomResource deletion is in progress");
        self.amend(Author::DEFINITION_STATUS, &key, |value| {
            definitions::set_terminating(value, true, why, &now);
        });
        let is_it = |resource: &&Arc<Resource>| resource.qualified() == name;
        let Some(resource) = self.store.types.custom().find(is_it).map(Arc::clone) else {
            return self.release_definition(
                &key,
                "NeverEstablished",
                "resource was never established",
            );
        };
        let all = Target::collection(&resource, "");
        let objects: Vec<(Key, bool)> = (self.store.covered(&all))
            .map(|(key, object)| (key.clone(), deletion::is_marked(&object.value)))
            .collect();
        if objects.is_empty() {
            return self.release_definition(
                &key,
                "InstanceDeletionCompleted",
                "removed all instances",
            );
        }
        // Their removal leads here again.
        self.store.garbage.definition_waits(name, objects.len());
        for (object, _) in objects.iter().filter(|(_, is_marked)| !is_marked) {
            self.delete(object, None);
        }
    }

    fn release_definition(&mut self, key: &Key, reason: &str, message: &str) {
        let now = self.time();
        self.amend(Author::DEFINITION_STATUS, key, |value| {
            definitions::set_terminating(value, false, (reason, message), &now);
            deletion::remove_finalizer(value, definitions::FINALIZER);
        });
    }
}
