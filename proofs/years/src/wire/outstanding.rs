//! The requests that wait for an answer.

use std::sync::Arc;

use crate::{
    incarnation::Incarnation,
    promise::{Planted, Promise},
    world::World,
};

/// A request that waits for its answer, until it has one or is dropped.
pub(super) struct Outstanding {
    world: Arc<World>,
    process: Arc<Incarnation>,
}

impl Outstanding {
    /// rule 10: at most two are outstanding.
    pub(super) fn begin(world: &Arc<World>, process: &Arc<Incarnation>) -> Self {
        let count = process.add_outstanding();
        if count > 2 && process.is_alive() {
            let replica = process.replica;
            world.deny(Promise::Requests, || format!("{count} requests of replica {replica}"));
        }
        Self { world: Arc::clone(world), process: Arc::clone(process) }
    }
}

impl Drop for Outstanding {
    fn drop(&mut self) {
        if !self.world.has(Planted::KeptRequests) {
            self.process.end_outstanding();
        }
    }
}
