//! The objects, their versions, and the log of their changes: no clock, no I/O.

mod access;
mod binding;
mod certificates;
mod changes;
mod conditions;
mod count;
mod create;
mod created;
mod definitions;
mod delete;
mod deletion;
mod ephemeral;
mod eviction;
mod garbage;
mod learn;
mod list;
mod metadata;
mod namespaces;
mod patch;
mod review;
mod rules;
mod saved;
mod scale;
mod status;
pub(crate) mod steps;
mod stored;
mod text;
mod update;
mod validate;
mod write;

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound,
    sync::Arc,
};

use bytes::Bytes;
use serde_json::Value;

pub use self::saved::SnapshotError;
pub(crate) use self::{
    changes::{After, Change, Changes},
    count::Count,
    create::random_uid,
    delete::Collection,
    eviction::Evicted,
    garbage::FollowUp,
    list::Page,
    namespaces::SYSTEM,
    review::Reviews,
    write::{Call, Outcome, Written},
};
use crate::{
    request::path::{Key, Target},
    status::Rejection,
    types::{Resource, Types},
    webhook::Hooks,
};

/// The contents of etcd, and the types of what is in it.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    objects: BTreeMap<Key, Arc<Object>>,
    /// Those in versions that their type does not have any more.
    unreadable: BTreeSet<Key>,
    revision: u64,
    changes: Changes,
    garbage: garbage::Graph,
    webhooks: Hooks,
    pub(crate) types: Types,
    pub(crate) settings: Settings,
}

/// What differs between API servers.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Settings {
    /// A write into a namespace that was not created is a 404.
    pub(crate) strict_namespaces: bool,
    pub(crate) authorization: Authorization,
    /// A PUT never creates, as on some emulators.
    pub(crate) no_create_on_update: bool,
    /// Nobody deletes dependents and the contents of namespaces, as without kube-controller-manager.
    pub(crate) no_garbage_collection: bool,
}

/// Who may do what, but for clients whose role a test has set.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Authorization {
    #[default]
    AlwaysAllow,
    /// Roles and bindings in the store decide.
    Rbac,
}

/// An object as it is stored. It never changes: a write stores another one.
#[derive(Debug)]
pub(crate) struct Object {
    pub(crate) value: Value,
    /// What is stored, if it is read as something else: its type has changed, or a version has defaults.
    stored: Option<Box<Value>>,
    /// The value as JSON text: it is served far more often than it is written.
    pub(crate) bytes: Bytes,
    pub(crate) revision: u64,
}

impl Store {
    pub(crate) fn new(settings: Settings) -> Self {
        Self {
            objects: BTreeMap::new(),
            unreadable: BTreeSet::new(),
            revision: 1,
            changes: Changes::default(),
            garbage: garbage::Graph::default(),
            webhooks: Hooks::default(),
            types: Types::new(),
            settings,
        }
    }

    pub(crate) fn revision(&self) -> u64 {
        self.revision
    }

    pub(crate) fn get(&self, target: &Target) -> Result<&Arc<Object>, Rejection> {
        self.find(&target.key()).ok_or_else(|| target.not_found())
    }

    pub(crate) fn find(&self, key: &Key) -> Option<&Arc<Object>> {
        steps::count();
        self.objects.get(key)
    }

    /// Where everything is that is stored.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &Key> {
        self.objects.keys()
    }

    /// The objects of a collection, or one object, in the order of their keys.
    pub(crate) fn covered<'a>(
        &'a self,
        target: &'a Target,
    ) -> impl Iterator<Item = (&'a Key, &'a Arc<Object>)> {
        self.covered_after(target, None)
    }

    /// Those of them that come after a key.
    fn covered_after<'a>(
        &'a self,
        target: &Target,
        after: Option<&Key>,
    ) -> impl Iterator<Item = (&'a Key, &'a Arc<Object>)> + use<'a> {
        self.stored(target.key(), after)
    }

    /// The objects of the type and the namespace of a key, from it on or after another one. Without a namespace, they
    /// are those of all.
    fn stored<'a>(
        &'a self,
        first: Key,
        after: Option<&Key>,
    ) -> impl Iterator<Item = (&'a Key, &'a Arc<Object>)> + use<'a> {
        let from = match after {
            Some(after) if *after > first => Bound::Excluded(after),
            Some(_) | None => Bound::Included(&first),
        };
        let stored = self.objects.range::<Key, _>((from, Bound::Unbounded));
        stored.inspect(|_| steps::count()).take_while(move |(key, _)| {
            key.group == first.group
                && key.resource == first.resource
                && (first.namespace.is_empty() || key.namespace == first.namespace)
        })
    }

    pub(crate) fn changes(&self) -> &Changes {
        &self.changes
    }

    /// Forgets all changes up to now: a watch from an older version ends with 410.
    pub(crate) fn compact(&mut self) {
        self.changes.compact(self.revision);
    }

    /// Stores any value, as another API server might serve it.
    pub(crate) fn inject(&mut self, key: Key, value: Value) -> Arc<Object> {
        self.revision += 1;
        let object = Arc::new(Object { revision: self.revision, ..Object::other(value) });
        self.keep(key, Arc::clone(&object));
        object
    }

    /// Stores a value under the next version, and returns it with that version.
    fn put(&mut self, key: Key, value: Value) -> Arc<Object> {
        self.put_as(key, value, None)
    }

    fn put_as(&mut self, key: Key, value: Value, stored: Option<Box<Value>>) -> Arc<Object> {
        self.revision += 1;
        let object = Arc::new(Object { stored, ..Object::new(value, self.revision) });
        self.keep(key, Arc::clone(&object));
        object
    }

    fn keep(&mut self, key: Key, object: Arc<Object>) {
        self.unreadable.remove(&key);
        let old = self.objects.insert(key.clone(), Arc::clone(&object));
        self.garbage.changed(&key, old.as_ref().map(|old| &old.value), Some(&object.value));
        self.learn(&key, Some(&object.value));
        self.changes.put(self.revision, key, old, object);
    }

    /// Removes an object without checks, as etcdctl would. Returns it with the version of its removal.
    pub(crate) fn remove(&mut self, key: &Key) -> Option<Arc<Object>> {
        let old = self.objects.remove(key)?;
        self.unreadable.remove(key);
        self.garbage.changed(key, Some(&old.value), None);
        self.learn(key, None);
        self.revision += 1;
        let gone = Arc::new(Object::new(old.value.clone(), self.revision));
        self.changes.removed(self.revision, key.clone(), old, Arc::clone(&gone));
        Some(gone)
    }

    /// Replaces a stored object without checks, unless nothing differs.
    pub(crate) fn replace(&mut self, key: Key, mut value: Value) -> Written {
        if let Some(old) = self.objects.get(&key) {
            for kept in ["uid", "creationTimestamp", "resourceVersion"] {
                let old = metadata::get(&old.value, kept).cloned();
                if let (Some(old), Some(metadata)) = (old, metadata::of(&mut value)) {
                    metadata.insert(kept.into(), old);
                }
            }
            if old.value == value {
                return Written::unchanged(Arc::clone(old));
            }
        }
        Written::changed(self.put(key, value))
    }
}

impl Object {
    /// The object in a version of its type.
    pub(crate) fn served(self: &Arc<Self>, resource: &Resource) -> Arc<Self> {
        if !resource.is_other_version(&self.value) {
            return Arc::clone(self);
        }
        let mut value = self.value.clone();
        resource.convert(&mut value);
        Arc::new(Self::new(value, self.revision))
    }

    /// What is not stored like this, such as a Scale.
    pub(crate) fn other(value: Value) -> Self {
        let bytes = text::text(&value);
        Self { value, stored: None, bytes, revision: 0 }
    }

    /// The object with another version.
    pub(crate) fn at(&self, revision: u64) -> Self {
        Self::new(self.value.clone(), revision)
    }

    fn new(mut value: Value, revision: u64) -> Self {
        if let Some(metadata) = metadata::of(&mut value) {
            metadata.insert("resourceVersion".into(), revision.to_string().into());
        }
        let bytes = text::text(&value);
        Self { value, stored: None, bytes, revision }
    }
}
