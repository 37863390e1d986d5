//! Who depends on whom, kept up with every write.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::Value;

use super::{
    queue::{Queue, Task},
    reference,
};
use crate::{
    crd,
    request::path::Key,
    status::qualified,
    store::{
        definitions, deletion,
        deletion::{FOREGROUND, ORPHAN},
        metadata, namespaces, steps,
    },
};

/// What must be known so that a write costs no search. Objects that nobody owns cost nothing.
#[derive(Clone, Debug, Default)]
pub(in crate::store) struct Graph {
    /// By the uid of the owner, whether it exists or not.
    dependents: HashMap<String, BTreeSet<Key>>,
    /// The owners that wait until their dependents are gone, by uid.
    waiting: BTreeMap<String, Key>,
    /// Objects with an owner of a type that is not known yet.
    unresolved: BTreeSet<Key>,
    /// The namespaces that end.
    ending: Ends,
    /// The definitions that end.
    retiring: Ends,
    queue: Queue,
    /// Aggregated roles are being written: that changes no other.
    pub(super) aggregates: bool,
}

/// What ends once it is empty, with how many objects it waits for as far as is known.
type Ends = BTreeMap<String, usize>;

impl Graph {
    pub(super) fn next(&mut self) -> Option<Task> {
        self.queue.next()
    }

    pub(super) fn dependents(&self, uid: &str) -> impl Iterator<Item = &Key> {
        self.dependents.get(uid).into_iter().flatten().inspect(|_| steps::count())
    }

    /// Looks at an object again when another type is defined.
    pub(super) fn postpone(&mut self, key: &Key) {
        self.unresolved.insert(key.clone());
    }

    /// A namespace that ends waits for this many objects.
    pub(super) fn namespace_waits(&mut self, name: &str, objects: usize) {
        wait(&mut self.ending, name, objects);
    }

    /// A definition that ends waits for this many objects.
    pub(super) fn definition_waits(&mut self, name: &str, objects: usize) {
        wait(&mut self.retiring, name, objects);
    }

    /// Takes notice of a write.
    pub(in crate::store) fn changed(
        &mut self,
        key: &Key,
        old: Option<&Value>,
        new: Option<&Value>,
    ) {
        self.relate(key, old, new);
        let uid = |value| metadata::text(value, "uid");
        if let Some(gone) = old.and_then(uid).filter(|gone| new.and_then(uid) != Some(*gone)) {
            self.lost(gone);
        }
        if new.is_none() {
            self.emptied(key);
        }
        if let Some(new) = new.filter(|new| deletion::is_marked(new)) {
            self.marked(key, old, new);
        }
        if key.group.is_empty() && key.resource == "namespaces" {
            let ends = new.is_some_and(namespaces::is_ended_by_us);
            if mark(&mut self.ending, &key.name, ends) {
                self.queue.add(Task::Namespace(key.name.clone()));
            }
        } else if key.group == "rbac.authorization.k8s.io" && key.resource == "clusterroles" {
            if !self.aggregates {
                self.queue.add(Task::Roles);
            }
        } else if key.group == crd::GROUP && key.resource == crd::PLURAL {
            let ends = new.is_some_and(definitions::is_retiring);
            if mark(&mut self.retiring, &key.name, ends) {
                self.queue.add(Task::Definition(key.name.clone()));
            }
            for key in std::mem::take(&mut self.unresolved) {
                self.queue.add(Task::Item(key));
            }
        }
    }

    /// Follows the owner references. As there, those of events are none.
    fn relate(&mut self, key: &Key, old: Option<&Value>, new: Option<&Value>) {
        let (before, after) = (owners(old), owners(new));
        if before == after || key.resource == "events" {
            return;
        }
        for uid in before.iter().map(reference::uid) {
            if !after.iter().any(|owner| reference::uid(owner) == uid)
                && let Some(keys) = self.dependents.get_mut(uid)
            {
                keys.remove(key);
                if keys.is_empty() {
                    self.dependents.remove(uid);
                }
            }
            if let Some(owner) = self.waiting.get(uid) {
                self.queue.add(Task::Item(owner.clone()));
            }
        }
        for uid in after.iter().map(reference::uid) {
            self.dependents.entry(uid.into()).or_default().insert(key.clone());
        }
        if !after.is_empty() {
            self.queue.add(Task::Item(key.clone()));
        }
    }

    /// An owner is gone.
    fn lost(&mut self, uid: &str) {
        self.waiting.remove(uid);
        for dependent in self.dependents.get(uid).into_iter().flatten() {
            self.queue.add(Task::Item(dependent.clone()));
        }
    }

    /// There is an object less in a namespace, and of a type.
    fn emptied(&mut self, key: &Key) {
        if is_looked_at(&mut self.ending, &key.namespace) {
            self.queue.add(Task::Namespace(key.namespace.clone()));
        }
        if !self.retiring.is_empty() {
            let definition = qualified(&key.group, &key.resource);
            if is_looked_at(&mut self.retiring, &definition) {
                self.queue.add(Task::Definition(definition));
            }
        }
    }

    /// The deletion of an object begins, or goes on with another finalizer.
    fn marked(&mut self, key: &Key, old: Option<&Value>, new: &Value) {
        let has = |value: &Value, name| {
            deletion::is_marked(value) && metadata::finalizers(value).contains(&name)
        };
        let begins = |name| has(new, name) && !old.is_some_and(|old| has(old, name));
        let uid = metadata::text(new, "uid").unwrap_or_default();
        if !has(new, FOREGROUND) {
            self.waiting.remove(uid);
        }
        if begins(ORPHAN) {
            self.queue.add(Task::Orphan(key.clone()));
        } else if begins(FOREGROUND) {
            self.waiting.insert(uid.into(), key.clone());
            for dependent in self.dependents.get(uid).into_iter().flatten() {
                self.queue.add(Task::Item(dependent.clone()));
            }
            self.queue.add(Task::Item(key.clone()));
        }
    }
}

fn owners(value: Option<&Value>) -> &[Value] {
    value.map(reference::all).unwrap_or_default()
}

/// Returns whether the name is new among those that end.
fn mark(ends: &mut Ends, name: &str, is_in: bool) -> bool {
    if is_in && !ends.contains_key(name) {
        ends.insert(name.into(), 0);
        return true;
    }
    if !is_in {
        ends.remove(name);
    }
    false
}

fn wait(ends: &mut Ends, name: &str, objects: usize) {
    if let Some(left) = ends.get_mut(name) {
        *left = objects;
    }
}

/// Returns whether what lost an object is to be looked at, which costs as much as it has objects. If they are
/// many, that is done each time that half of them are gone.
fn is_looked_at(ends: &mut Ends, name: &str) -> bool {
    let Some(left) = ends.get_mut(name) else {
        return false;
    };
    *left = left.saturating_sub(1);
    *left < FEW || left.is_power_of_two()
}

const FEW: usize = 64;
