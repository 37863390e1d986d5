//! What is to be looked at.

use std::collections::{BTreeSet, VecDeque};

use crate::request::path::Key;

#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Task {
    /// An object that may have lost its owners, or waits for its dependents.
    Item(Key),
    /// An owner whose dependents stay.
    Orphan(Key),
    Namespace(String),
    Definition(String),
    /// Some `ClusterRole` has changed.
    Roles,
}

/// First in, first out; what is in it already is not added. Namespaces and definitions come last: nothing can
/// find out what an object of a type that is gone has owned.
#[derive(Clone, Debug, Default)]
pub(super) struct Queue {
    objects: VecDeque<Task>,
    last: VecDeque<Task>,
    queued: BTreeSet<Task>,
}

impl Queue {
    pub(super) fn add(&mut self, task: Task) {
        if self.queued.insert(task.clone()) {
            match task {
                Task::Item(_) | Task::Orphan(_) | Task::Roles => self.objects.push_back(task),
                Task::Namespace(_) | Task::Definition(_) => self.last.push_back(task),
            }
        }
    }

    pub(super) fn next(&mut self) -> Option<Task> {
        let task = self.objects.pop_front().or_else(|| self.last.pop_front())?;
        self.queued.remove(&task);
        Some(task)
    }
}
