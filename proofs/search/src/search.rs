//! The search, by stateright.

use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use stateright::{Checker, HasDiscoveries, Model, Property};

use crate::{
    marks::Mark,
    setup::Setup,
    world::{Action, Packed, World},
};

/// How far a search goes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) time: Duration,
    pub(crate) threads: usize,
    /// So many steps from the beginning.
    pub(crate) depth: Option<usize>,
}

/// What a search has visited.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Extent {
    /// Every state.
    Complete,
    /// Every state that is at most so many steps from the beginning.
    Within(usize),
    /// Time or memory were over when it was about this deep, or it found something.
    Cut(usize),
}

/// What a search has found.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) name: &'static str,
    pub(crate) states: usize,
    pub(crate) transitions: usize,
    pub(crate) depth: usize,
    pub(crate) time: Duration,
    pub(crate) extent: Extent,
    /// A property, and the shortest way to a state that does not have it.
    pub(crate) violation: Option<(String, Vec<Action>)>,
    /// What it ought to have seen, and has not.
    pub(crate) unseen: Vec<Mark>,
}

impl Model for Setup {
    type State = Packed;
    type Action = Action;

    fn init_states(&self) -> Vec<Packed> {
        let mut world = World::new(self);
        world.prune(self);
        world.canonical(self);
        vec![world.pack(self)]
    }

    fn actions(&self, world: &Packed, actions: &mut Vec<Action>) {
        if self.goes_on() || self.reports.load(Ordering::Relaxed) {
            actions.extend(world.unpack().actions(self));
        }
    }

    fn next_state(&self, before: &Packed, action: Action) -> Option<Packed> {
        let mut world = before.unpack();
        world.perform(&action, self);
        world.prune(self);
        world.canonical(self);
        Some(world.pack(self))
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("at most one leads", |_, world: &Packed| world.believers <= 1),
            Property::always("no rule is broken", |_, world: &Packed| world.broken().is_none()),
        ]
    }
}

impl Setup {
    /// Tells whether the limits allow to go on; they never do again.
    fn goes_on(&self) -> bool {
        let asked = self.asked.fetch_add(1, Ordering::Relaxed);
        let late = self.deadline.is_some_and(|at| Instant::now() >= at);
        if late || (asked.is_multiple_of(4_096) && resident_bytes() > MOST_BYTES) {
            self.cut.store(true, Ordering::Relaxed);
        }
        !self.cut.load(Ordering::Relaxed)
    }
}

/// Searches breadth first.
pub(crate) fn search(mut setup: Setup, limits: Limits) -> Found {
    let began = Instant::now();
    setup.deadline = Some(began + limits.time);
    let mut builder = setup.checker().threads(limits.threads).finish_when(HasDiscoveries::Any);
    if let Some(depth) = limits.depth {
        // It counts the states of a path, and does not judge the last one.
        builder = builder.target_max_depth(depth + 2);
    }
    let checker = builder.spawn_bfs().join();
    let time = began.elapsed();
    let setup = checker.model();
    let cut = setup.cut.load(Ordering::Relaxed);
    setup.reports.store(true, Ordering::Relaxed);
    let violation = checker.discoveries().into_iter().next().map(|(name, path)| {
        let broken = path.last_state().broken().unwrap_or(name);
        (broken.to_owned(), path.into_actions())
    });
    let unseen = setup.sees.iter().copied().filter(|mark| !setup.marks.has(*mark)).collect();
    let extent = match limits.depth {
        Some(depth) if !cut && violation.is_none() => Extent::Within(depth),
        None if !cut && violation.is_none() => Extent::Complete,
        Some(_) | None => Extent::Cut(checker.max_depth()),
    };
    Found {
        name: setup.name,
        states: checker.unique_state_count(),
        transitions: checker.state_count(),
        depth: checker.max_depth(),
        time,
        extent,
        violation,
        unseen,
    }
}

/// Where the system tells; otherwise none.
fn resident_bytes() -> u64 {
    let pages = std::fs::read_to_string("/proc/self/statm").ok();
    let resident = pages.and_then(|text| text.split(' ').nth(1)?.parse::<u64>().ok());
    resident.map_or(0, |pages| pages * 4_096)
}

/// A search that needs more is cut.
const MOST_BYTES: u64 = 12 << 30;
