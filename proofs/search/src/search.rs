//! The search, by stateright.
use crate::{
    setup::Setup,
    world::{Action, World},
};
use stateright::{Checker, Model, Property};
use std::time::{Duration, Instant};

#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) states: usize,
    pub(crate) transitions: usize,
    pub(crate) depth: usize,
    pub(crate) time: Duration,
    pub(crate) done: bool,
    pub(crate) violation: Option<String>,
}

impl Model for Setup {
    type State = World;
    type Action = Action;
    fn init_states(&self) -> Vec<World> {
        let mut world = World::new(self);
        world.prune(self);
        world.canonical(self);
        vec![world]
    }
    fn actions(&self, state: &World, actions: &mut Vec<Action>) {
        actions.extend(state.actions(self));
    }
    fn next_state(&self, last: &World, action: Action) -> Option<World> {
        let mut world = last.clone();
        world.perform(&action, self);
        world.prune(self);
        world.canonical(self);
        Some(world)
    }
    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("at most one leads", |setup: &Self, world: &World| {
                world.believers(setup) <= 1
            }),
            Property::always("rules", |_, world: &World| world.broken().is_none()),
        ]
    }
}

pub(crate) fn search(setup: Setup, seconds: u64) -> Found {
    let began = Instant::now();
    let checker = setup.checker().timeout(Duration::from_secs(seconds)).spawn_bfs().join();
    let violation = checker
        .discoveries()
        .into_iter()
        .next()
        .map(|(name, path)| format!("{name}: {:#?}", path.into_actions()));
    Found {
        states: checker.unique_state_count(),
        transitions: checker.state_count(),
        depth: checker.max_depth(),
        time: began.elapsed(),
        done: checker.is_done(),
        violation,
    }
}
