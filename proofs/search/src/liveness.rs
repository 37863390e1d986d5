//! From every state a leader is reachable.

use std::{
    collections::{HashMap, VecDeque, hash_map::Entry},
    hash::{BuildHasher, BuildHasherDefault, DefaultHasher},
};

use stateright::Model;

use crate::{setup::Setup, world::Packed};

/// What an exploration has found.
#[derive(Debug)]
pub(crate) struct Live {
    /// So many states were explored.
    pub(crate) states: usize,
    /// In so many of them somebody leads.
    pub(crate) led: usize,
    /// From so many states no leader can be reached.
    pub(crate) stuck: usize,
}

/// The graph of all states, as far as it is needed to walk back.
#[derive(Default)]
struct Graph {
    numbers: HashMap<u64, u32>,
    queue: VecDeque<(u32, Packed)>,
    /// From a state to one that follows.
    edges: Vec<(u32, u32)>,
    leads: Vec<bool>,
}

/// Explores all states, then walks back from those with a leader.
pub(crate) fn liveness(setup: &Setup) -> Live {
    let mut graph = Graph::default();
    for world in setup.init_states() {
        graph.number(world);
    }
    while let Some((from, world)) = graph.queue.pop_front() {
        for action in world.unpack().actions(setup) {
            if let Some(next) = setup.next_state(&world, action) {
                let to = graph.number(next);
                graph.edges.push((from, to));
            }
        }
    }
    let led = graph.leads.iter().filter(|leads| **leads).count();
    let states = graph.leads.len();
    Live { states, led, stuck: states - graph.reach_a_leader() }
}

impl Graph {
    fn number(&mut self, world: Packed) -> u32 {
        let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(&world);
        match self.numbers.entry(hash) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(new) => {
                let number = u32::try_from(self.leads.len()).unwrap_or(u32::MAX);
                new.insert(number);
                self.leads.push(world.believers > 0);
                self.queue.push_back((number, world));
                number
            }
        }
    }

    /// Returns how many states have a leader, or a way to one.
    fn reach_a_leader(mut self) -> usize {
        self.edges.sort_unstable_by_key(|(_, to)| *to);
        let mut reach = self.leads.clone();
        let mut next: Vec<u32> =
            (0..).zip(&self.leads).filter(|(_, leads)| **leads).map(|(number, _)| number).collect();
        while let Some(state) = next.pop() {
            let first = self.edges.partition_point(|(_, to)| *to < state);
            for (from, _) in self.edges[first..].iter().take_while(|(_, to)| *to == state) {
                let before = &mut reach[*from as usize];
                if !*before {
                    *before = true;
                    next.push(*from);
                }
            }
        }
        reach.into_iter().filter(|reaches| *reaches).count()
    }
}
