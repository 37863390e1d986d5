//! What the garbage collector does with one object.

use std::sync::Arc;

use serde_json::Value;

use super::{Collector, reference, writes::Author};
use crate::{
    request::{
        Propagation,
        path::{Key, Target},
    },
    store::{
        deletion::{self, FOREGROUND, ORPHAN},
        metadata,
    },
};

/// What became of an owner.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Owner {
    /// It is there, and stays or is deleted without regard to its dependents.
    Solid,
    /// It is there, and waits for the deletion of its dependents.
    Waiting,
    Absent,
    /// Nobody can say: its type is not known.
    Unknown,
    /// It is in a namespace, its dependent is not: the reference is not valid.
    OutOfReach,
}

impl Collector<'_> {
    /// Deletes an object without owners; releases one that waits for dependents.
    pub(super) fn attempt_to_delete(&mut self, key: &Key) {
        let Some(object) = self.store.find(key).map(Arc::clone) else {
            return;
        };
        let value = &object.value;
        if waits(value) {
            return self.release(key, value);
        }
        let owners = reference::all(value);
        if owners.is_empty() || deletion::is_marked(value) {
            return;
        }
        let (mut is_owned, mut absent, mut waiting) = (false, Vec::new(), Vec::new());
        for owner in owners {
            let uid = || reference::uid(owner).to_owned();
            match self.owner(key, owner) {
                Owner::Solid => is_owned = true,
                Owner::Waiting => waiting.push(uid()),
                Owner::Absent => absent.push(uid()),
                Owner::Unknown => return self.store.garbage.postpone(key),
                Owner::OutOfReach => return,
            }
        }
        if is_owned {
            absent.append(&mut waiting);
            if !absent.is_empty() {
                let author = Author::GARBAGE;
                self.amend(author, key, |value| reference::remove(value, &absent));
            }
        } else if !waiting.is_empty() && self.has_dependents(value) {
            self.delete_in_foreground(key, value);
        } else {
            let finalizers = metadata::finalizers(value);
            let propagation = if finalizers.contains(&ORPHAN) {
                Propagation::Orphan
            } else if finalizers.contains(&FOREGROUND) {
                Propagation::Foreground
            } else {
                Propagation::Background
            };
            self.delete(key, Some(propagation));
        }
    }

    fn owner(&self, dependent: &Key, reference: &Value) -> Owner {
        let api_version = reference::text(reference, "apiVersion");
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        let kind = reference::text(reference, "kind");
        let Some(resource) = self.store.types.find_kind(group, version, kind) else {
            return Owner::Unknown;
        };
        if resource.is_namespaced && dependent.namespace.is_empty() {
            return Owner::OutOfReach;
        }
        let namespace = if resource.is_namespaced { dependent.namespace.as_str() } else { "" };
        let owner = Target::collection(&resource, namespace);
        let key = owner.named(reference::text(reference, "name")).key();
        let uid = reference::uid(reference);
        match self.store.find(&key).map(|owner| &owner.value) {
            Some(owner) if metadata::text(owner, "uid") != Some(uid) => Owner::Absent,
            Some(owner) if waits(owner) => Owner::Waiting,
            Some(_) => Owner::Solid,
            None => Owner::Absent,
        }
    }

    fn has_dependents(&self, value: &Value) -> bool {
        self.dependents(value).next().is_some()
    }

    fn dependents<'a>(&'a self, value: &Value) -> impl Iterator<Item = (&'a Key, &'a Value)> {
        let uid = metadata::text(value, "uid").unwrap_or_default();
        let keys = self.store.garbage.dependents(uid);
        keys.filter_map(|key| Some((key, &self.store.find(key)?.value)))
    }

    /// An owner waits for this object, which has dependents itself.
    fn delete_in_foreground(&mut self, key: &Key, value: &Value) {
        let may_be_circle = self.dependents(value).any(|(_, dependent)| waits(dependent));
        if may_be_circle {
            self.amend(Author::GARBAGE, key, reference::unblock);
        }
        self.delete(key, Some(Propagation::Foreground));
    }

    /// Lets an owner go that nobody blocks any more.
    fn release(&mut self, key: &Key, value: &Value) {
        let uid = metadata::text(value, "uid").unwrap_or_default();
        let blocks = |dependent: &Value| {
            let mut owners = reference::all(dependent).iter();
            owners.any(|owner| reference::uid(owner) == uid && reference::blocks(owner))
        };
        // Those that block it were looked at when its deletion began, or when they came.
        if !self.dependents(value).any(|(_, dependent)| blocks(dependent)) {
            self.remove_finalizer(key, FOREGROUND);
        }
    }

    /// Removes an owner from the references of its dependents, and then lets it go.
    pub(super) fn orphan_dependents(&mut self, key: &Key) {
        let Some(object) = self.store.find(key).map(Arc::clone) else {
            return;
        };
        let uid = metadata::text(&object.value, "uid").unwrap_or_default().to_owned();
        let dependents: Vec<Key> =
            self.dependents(&object.value).map(|(key, _)| key.clone()).collect();
        let uids = [uid];
        for dependent in &dependents {
            self.amend(Author::GARBAGE, dependent, |value| reference::remove(value, &uids));
        }
        self.remove_finalizer(key, ORPHAN);
    }

    fn remove_finalizer(&mut self, key: &Key, finalizer: &str) {
        self.amend(Author::GARBAGE, key, |value| deletion::remove_finalizer(value, finalizer));
    }
}

/// Returns whether an object is deleted in the foreground.
pub(super) fn waits(value: &Value) -> bool {
    deletion::is_marked(value) && metadata::finalizers(value).contains(&FOREGROUND)
}
