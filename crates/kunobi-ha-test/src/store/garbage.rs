//! What kube-controller-manager and the finalizer of definitions do after a write: dependents go with their
//! owners, contents with their namespace, and objects with the definition of their type.
//!
//! It is done at once, before the write is answered, so that a test sees either nothing or all of it.

mod definition;
mod graph;
mod item;
mod namespace;
mod queue;
mod reference;
mod roles;
mod writes;

use jiff::Timestamp;

pub(super) use self::graph::Graph;
use self::queue::Task;
use super::{Store, Written, steps};
use crate::request::path::Target;

/// A write that followed from another one.
#[derive(Debug)]
pub(crate) struct FollowUp {
    pub(crate) method: &'static str,
    pub(crate) target: Target,
    pub(crate) written: Written,
}

/// Carries out what the queue says.
#[derive(Debug)]
struct Collector<'a> {
    store: &'a mut Store,
    now: Timestamp,
    done: Vec<FollowUp>,
}

impl Store {
    /// Does what follows from the writes so far. Returns the writes of it, in their order.
    pub(crate) fn settle(&mut self, now: Timestamp) -> Vec<FollowUp> {
        let mut collector = Collector { store: self, now, done: Vec::new() };
        while let Some(task) = collector.store.garbage.next() {
            steps::count();
            collector.carry_out(&task);
        }
        collector.done
    }
}

impl Collector<'_> {
    /// The time as an object has it.
    fn time(&self) -> String {
        format!("{:.0}", self.now)
    }

    fn carry_out(&mut self, task: &Task) {
        let is_off = self.store.settings.no_garbage_collection;
        match task {
            Task::Definition(name) => self.finalize_definition(name),
            Task::Item(_) | Task::Orphan(_) | Task::Namespace(_) | Task::Roles if is_off => {}
            Task::Item(key) => self.attempt_to_delete(key),
            Task::Orphan(key) => self.orphan_dependents(key),
            Task::Roles => self.aggregate_roles(),
            Task::Namespace(name) => self.finalize_namespace(name),
        }
    }
}

#[cfg(test)]
mod tests;
