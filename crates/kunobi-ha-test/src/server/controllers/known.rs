//! What a controller knows of the objects of its type, and which of them it looks at next. No clock, no I/O.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use jiff::Timestamp;

use crate::{
    controllers::{Act, Controller, Kind, Memory, Nodes},
    request::path::{Key, Target},
    server::State,
    store::{After, Object, Store},
};

/// Everything that one controller knows.
#[derive(Debug, Default)]
pub(super) struct Known {
    objects: BTreeMap<Key, Entry>,
    nodes: Nodes,
    /// Up to where it has taken over what was written.
    seen: Option<Seen>,
    /// What is to be looked at, in the order of the keys, so that equal runs are equal.
    due: BTreeSet<Key>,
    /// When others are, even if they are not written: their `again`.
    agenda: BTreeSet<(Timestamp, Key)>,
}

/// A state of the store.
#[derive(Clone, Copy, Debug)]
struct Seen {
    restores: u64,
    revision: u64,
}

/// What is known of an object.
#[derive(Debug)]
struct Entry {
    uid: String,
    object: Arc<Object>,
    memory: Memory,
    again: Option<Timestamp>,
    /// Requests that failed since the last one that did not.
    failures: u32,
    /// What follows from the request that is under way.
    asked: Option<Asked>,
}

#[derive(Debug)]
struct Asked {
    memory: Memory,
    again: Option<Timestamp>,
}

/// A request to send.
#[derive(Debug)]
#[must_use = "its object waits for the answer"]
pub(super) struct Order {
    pub(super) key: Key,
    pub(super) uid: String,
    pub(super) object: Arc<Object>,
    pub(super) act: Act,
}

/// What became of it.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) key: Key,
    pub(super) uid: String,
    /// As far as the controller knows.
    pub(super) is_carried_out: bool,
    pub(super) at: Timestamp,
}

impl Known {
    /// Takes over what was written since the last time. Returns whether everything was forgotten, because the
    /// server has gone back to a snapshot: uids and versions from before mean nothing then.
    pub(super) fn take_over(&mut self, state: &State, kind: Kind) -> bool {
        let now = Seen { restores: state.restores, revision: state.store.revision() };
        let seen = self.seen;
        let is_undone = seen.is_some_and(|seen| seen.restores != now.restores);
        if is_undone {
            *self = Self::default();
        }
        self.seen = Some(now);
        let since = seen.filter(|_| !is_undone).map(|seen| seen.revision);
        match since.map(|revision| state.store.changes().since(revision)) {
            Some(Ok(changes)) => {
                let mut has_new_nodes = false;
                for change in changes {
                    let after = match &change.new {
                        After::Stored(object) => Some(object),
                        After::Gone(_) => None,
                    };
                    if (&*change.key.group, &*change.key.resource) == kind.resource() {
                        self.written(&change.key, after);
                    } else if is_node(&change.key) && kind.needs_nodes() {
                        let node = after.map(|node| &node.value);
                        has_new_nodes |= self.nodes.set(&change.key.name, node);
                    }
                }
                if has_new_nodes {
                    self.due.extend(self.objects.keys().cloned());
                }
            }
            // It is new, or too many changes have been made since.
            Some(Err(_)) | None => self.list(&state.store, kind),
        }
        is_undone
    }

    /// Lets those be looked at whose time has come.
    pub(super) fn call(&mut self, now: Timestamp) {
        while self.next_time().is_some_and(|next| now >= next)
            && let Some((_, key)) = self.agenda.pop_first()
        {
            if let Some(entry) = self.objects.get_mut(&key) {
                entry.again = None;
            }
            self.due.insert(key);
        }
    }

    /// When the next of the others is to be called.
    pub(super) fn next_time(&self) -> Option<Timestamp> {
        self.agenda.first().map(|(at, _)| *at)
    }

    /// Looks at what is due until there is something to do about it. An object waits for the answer to its last
    /// request.
    pub(super) fn look(&mut self, controller: &Controller, now: Timestamp) -> Option<Order> {
        while let Some(key) = self.due.iter().find(|key| !self.is_busy(key)).cloned() {
            self.due.remove(&key);
            let Some(entry) = self.objects.get_mut(&key) else { continue };
            let step = controller.step(&entry.object.value, &entry.memory, now, &self.nodes);
            let Some(act) = step.act else {
                entry.memory = step.memory;
                reschedule(&mut self.agenda, &key, entry, step.again);
                continue;
            };
            reschedule(&mut self.agenda, &key, entry, None);
            entry.asked = Some(Asked { memory: step.memory, again: step.again });
            let (uid, object) = (entry.uid.clone(), Arc::clone(&entry.object));
            return Some(Order { key, uid, object, act });
        }
        None
    }

    pub(super) fn answered(&mut self, answer: &Answer) {
        let Answer { key, uid, is_carried_out, at } = answer;
        let entry = self.objects.get_mut(key).filter(|entry| entry.uid == *uid);
        let Some(entry) = entry else { return };
        let Some(asked) = entry.asked.take() else { return };
        let again = if *is_carried_out {
            entry.memory = asked.memory;
            entry.failures = 0;
            asked.again
        } else {
            let wait = FIRST_RETRY.saturating_mul(1 << entry.failures.min(LAST_DOUBLING));
            entry.failures += 1;
            at.checked_add(wait).ok()
        };
        reschedule(&mut self.agenda, key, entry, again);
    }

    fn is_busy(&self, key: &Key) -> bool {
        self.objects.get(key).is_some_and(|entry| entry.asked.is_some())
    }

    fn list(&mut self, store: &Store, kind: Kind) {
        let (group, plural) = kind.resource();
        let mut gone: BTreeSet<Key> = self.objects.keys().cloned().collect();
        for (key, object) in store.covered(&collection(group, plural)) {
            gone.remove(key);
            self.written(key, Some(object));
        }
        for key in gone {
            self.written(&key, None);
        }
        if kind.needs_nodes() {
            let mut nodes = Nodes::default();
            for (key, node) in store.covered(&collection("", NODES)) {
                nodes.set(&key.name, Some(&node.value));
            }
            if nodes != self.nodes {
                self.nodes = nodes;
                self.due.extend(self.objects.keys().cloned());
            }
        }
    }

    /// Takes over what an object is now; none: it is gone.
    fn written(&mut self, key: &Key, after: Option<&Arc<Object>>) {
        let uid =
            |object: &Object| Some(object.value.pointer("/metadata/uid")?.as_str()?.to_owned());
        let after = after.and_then(|object| Some((uid(object)?, object)));
        match (self.objects.get_mut(key), after) {
            (Some(entry), Some((uid, object))) if entry.uid == uid => {
                if Arc::ptr_eq(&entry.object, object) {
                    return;
                }
                entry.object = Arc::clone(object);
                self.due.insert(key.clone());
            }
            (old, after) => {
                if let Some(old) = old {
                    reschedule(&mut self.agenda, key, old, None);
                    self.objects.remove(key);
                    self.due.remove(key);
                }
                if let Some((uid, object)) = after {
                    self.objects.insert(key.clone(), Entry::new(uid, object));
                    self.due.insert(key.clone());
                }
            }
        }
    }
}

impl Entry {
    fn new(uid: String, object: &Arc<Object>) -> Self {
        let (memory, object) = (Memory::default(), Arc::clone(object));
        Self { uid, object, memory, again: None, failures: 0, asked: None }
    }
}

fn reschedule(
    agenda: &mut BTreeSet<(Timestamp, Key)>,
    key: &Key,
    entry: &mut Entry,
    again: Option<Timestamp>,
) {
    if let Some(before) = entry.again {
        agenda.remove(&(before, key.clone()));
    }
    entry.again = again;
    agenda.extend(again.map(|again| (again, key.clone())));
}

fn collection(group: &str, plural: &str) -> Target {
    Target { group: group.into(), resource: plural.into(), ..Target::default() }
}

fn is_node(key: &Key) -> bool {
    key.group.is_empty() && key.resource == NODES
}

const NODES: &str = "nodes";

/// As the queues of the real controllers do it.
const FIRST_RETRY: Duration = Duration::from_millis(5);
const LAST_DOUBLING: u32 = 17;
