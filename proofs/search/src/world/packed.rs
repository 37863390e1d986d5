//! Worlds as a search keeps them: of equal parts there is one.
//!
//! Millions of worlds wait for their turn, and each differs from many others in a part or two.

use std::{
    collections::HashSet,
    hash::{BuildHasher, BuildHasherDefault, DefaultHasher, Hash, Hasher},
    sync::{Arc, Mutex, PoisonError},
};

use super::{Orphan, Register, Replica, World};
use crate::setup::Setup;

/// A world, in canonical form.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Packed {
    register: Arc<Part<Register>>,
    replicas: Box<[Arc<Part<Replica>>]>,
    orphans: Arc<Part<Vec<Orphan>>>,
    broken: Option<&'static str>,
    pub(crate) believers: usize,
}

/// The parts of all worlds of a search.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    registers: Table<Register>,
    replicas: Table<Replica>,
    orphans: Table<Vec<Orphan>>,
}

/// A part, hashed once.
#[derive(Debug, Eq, PartialEq)]
struct Part<T> {
    hash: u64,
    value: T,
}

/// Each thread waits for one of many locks.
#[derive(Debug)]
struct Table<T>([Mutex<HashSet<Arc<Part<T>>>>; 64]);

impl World {
    pub(crate) fn pack(self, setup: &Setup) -> Packed {
        let believers = self.believers(setup);
        let Self { register, replicas, orphans, broken } = self;
        let parts = &setup.parts;
        Packed {
            register: parts.registers.part(register),
            replicas: replicas.into_iter().map(|replica| parts.replicas.part(replica)).collect(),
            orphans: parts.orphans.part(orphans),
            broken,
            believers,
        }
    }
}

impl Packed {
    pub(crate) fn unpack(&self) -> World {
        World {
            register: self.register.value.clone(),
            replicas: self.replicas.iter().map(|part| part.value.clone()).collect(),
            orphans: self.orphans.value.clone(),
            broken: self.broken,
        }
    }

    pub(crate) const fn broken(&self) -> Option<&'static str> {
        self.broken
    }
}

impl<T: Eq + Hash> Table<T> {
    fn part(&self, value: T) -> Arc<Part<T>> {
        let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(&value);
        let part = Part { hash, value };
        let shard = usize::try_from(hash % 64).unwrap_or(0);
        let mut known = self.0[shard].lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.get(&part) {
            return Arc::clone(known);
        }
        let part = Arc::new(part);
        known.insert(Arc::clone(&part));
        part
    }
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self(std::array::from_fn(|_| Mutex::default()))
    }
}

impl<T> Hash for Part<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}
