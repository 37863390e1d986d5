//! What the namespace controller does with a namespace that ends.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use serde_json::{Value, json};

use super::{Collector, writes::Author};
use crate::{
    request::{
        Propagation,
        path::{Key, Target},
    },
    store::{conditions, metadata, namespaces},
    types::Resource,
};

/// What could not be deleted.
#[derive(Debug, Default)]
struct Remaining {
    /// By resource and group.
    objects: BTreeMap<String, usize>,
    finalizers: BTreeMap<String, usize>,
}

impl Collector<'_> {
    /// Deletes what is in a namespace, and lets it go once it is empty. The pods go first.
    pub(super) fn finalize_namespace(&mut self, name: &str) {
        let key = namespaces::key(name);
        let namespace = self.store.find(&key).map(|object| &object.value);
        if !namespace.is_some_and(namespaces::is_ended_by_us) {
            return;
        }
        let collections = self.collections(name);
        let is_pods = |all: &Target| all.group.is_empty() && all.resource == "pods";
        let (pods, others): (Vec<Target>, Vec<Target>) = collections.into_iter().partition(is_pods);
        self.delete_all(&pods);
        let stopping = self.remaining(&pods);
        if !stopping.objects.is_empty() {
            self.store.garbage.namespace_waits(name, stopping.count());
            return self.report(&key, &Remaining::default());
        }
        self.delete_all(&others);
        let remaining = self.remaining(&others);
        self.store.garbage.namespace_waits(name, remaining.count());
        self.report(&key, &remaining);
        if remaining.objects.is_empty() {
            self.amend(Author::FINALIZE, &key, |value| {
                let mut finalizers = namespaces::finalizers(value);
                finalizers.retain(|name| name != namespaces::FINALIZER);
                finalizers.sort_unstable();
                finalizers.dedup();
                namespaces::set_finalizers(value, finalizers);
            });
        }
    }

    /// The types that are in namespaces, each in one version.
    fn collections(&self, namespace: &str) -> Vec<Target> {
        let mut seen = BTreeSet::new();
        let is_in = |resource: &&Arc<Resource>| {
            resource.is_namespaced
                && resource.has_verb("delete")
                && resource.has_verb("list")
                && seen.insert((resource.group.clone(), resource.plural.clone()))
        };
        let types = self.store.types.all().filter(is_in);
        types.map(|resource| Target::collection(resource, namespace)).collect()
    }

    fn delete_all(&mut self, collections: &[Target]) {
        for collection in collections {
            let keys: Vec<Key> =
                self.store.covered(collection).map(|(key, _)| key.clone()).collect();
            for key in &keys {
                self.delete(key, Some(Propagation::Background));
            }
        }
    }

    fn remaining(&self, collections: &[Target]) -> Remaining {
        let mut remaining = Remaining::default();
        for collection in collections {
            let is_of = format!("{}.{}", collection.resource, collection.group);
            for (_, object) in self.store.covered(collection) {
                *remaining.objects.entry(is_of.clone()).or_default() += 1;
                for finalizer in metadata::finalizers(&object.value) {
                    *remaining.finalizers.entry(finalizer.into()).or_default() += 1;
                }
            }
        }
        remaining
    }

    fn report(&mut self, key: &Key, remaining: &Remaining) {
        let now = self.time();
        self.amend(Author::NAMESPACE_STATUS, key, |namespace| {
            let status = namespace.get_mut("status").and_then(Value::as_object_mut);
            let Some(status) = status else {
                return;
            };
            for (kind, is_true, reason, message) in remaining.conditions() {
                let is_true = if is_true { "True" } else { "False" };
                let condition = json!({
                    "type": kind,
                    "status": is_true,
                    "lastTransitionTime": now,
                    "reason": reason,
                    "message": message,
                });
                conditions::set(status, condition);
            }
        });
    }
}

impl Remaining {
    fn count(&self) -> usize {
        self.objects.values().sum()
    }

    fn conditions(&self) -> [(&'static str, bool, &'static str, String); 5] {
        let list = |map: &BTreeMap<String, usize>, verb| {
            let texts =
                map.iter().map(|(name, count)| format!("{name} {verb} {count} resource instances"));
            texts.collect::<Vec<_>>().join(", ")
        };
        let content = if self.objects.is_empty() {
            (false, "ContentRemoved", "All content successfully removed".into())
        } else {
            let list = list(&self.objects, "has");
            (true, "SomeResourcesRemain", format!("Some resources are remaining: {list}"))
        };
        let finalizers = if self.finalizers.is_empty() {
            let message = "All content-preserving finalizers finished";
            (false, "ContentHasNoFinalizers", message.into())
        } else {
            let list = list(&self.finalizers, "in");
            let message = format!("Some content in the namespace has finalizers remaining: {list}");
            (true, "SomeFinalizersRemain", message)
        };
        let found = "All resources successfully discovered";
        let parsed = "All legacy kube types successfully parsed";
        let deleted = "All content successfully deleted, may be waiting on finalization";
        [
            ("NamespaceDeletionDiscoveryFailure", false, "ResourcesDiscovered", found.into()),
            (
                "NamespaceDeletionGroupVersionParsingFailure",
                false,
                "ParsedGroupVersions",
                parsed.into(),
            ),
            ("NamespaceDeletionContentFailure", false, "ContentDeleted", deleted.into()),
            ("NamespaceContentRemaining", content.0, content.1, content.2),
            ("NamespaceFinalizersRemaining", finalizers.0, finalizers.1, finalizers.2),
        ]
    }
}
