//! One replica: its machine, and the processes that run there one after the other.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kunobi_ha::leader::{LeaderElection, TestClock};
use tokio::task::JoinHandle;

use crate::{
    checker::Stage,
    guarded,
    incarnation::Incarnation,
    random::Random,
    runner,
    wire::Wire,
    world::{NAME, NAMESPACE, World},
};

/// One replica.
pub(crate) struct Machine {
    pub(crate) index: usize,
    world: Arc<World>,
    pub(crate) clock: TestClock,
    state: Mutex<MachineState>,
}

struct MachineState {
    random: Random,
    generation: u64,
    process: Option<Arc<Incarnation>>,
    program: Option<JoinHandle<()>>,
}

/// What a process is made of.
pub(crate) struct Process {
    pub(crate) world: Arc<World>,
    pub(crate) incarnation: Arc<Incarnation>,
    pub(crate) election: LeaderElection,
    pub(crate) random: Random,
}

impl Machine {
    pub(crate) fn new(world: &Arc<World>, index: usize) -> Self {
        let mut random = Random::new(world.plan.seed.wrapping_mul(17).wrapping_add(index as u64));
        let clock = TestClock::new(random.seed());
        let error = world.plan.profile.rate_error;
        clock.set_rate(random.pick(&[-error, error]));
        let state = MachineState { random, generation: 0, process: None, program: None };
        Self { index, world: Arc::clone(world), clock, state: Mutex::new(state) }
    }

    /// Starts a process; under the identity of the one before, if it is not a `new` one.
    pub(crate) fn start(&self, new: bool) {
        let mut state = self.state();
        if new {
            state.generation += 1;
        }
        let profile = &self.world.plan.profile;
        let identity = if profile.twins && state.generation < 2 {
            "twin".to_owned()
        } else {
            format!("r{}-{}", self.index, state.generation)
        };
        let config = profile.timing(self.index);
        let wire = Wire::new(&self.world, self.index);
        let client = kube::Client::new(wire.clone(), NAMESPACE);
        let mut builder = LeaderElection::builder(client, NAMESPACE, NAME)
            .identity(identity)
            .lease_duration(config.lease_duration)
            .renew_deadline(config.renew_deadline)
            .retry_period(config.retry_period)
            .observe_timeout(config.observe_timeout)
            .create_grace(config.create_grace)
            .watch(profile.watch)
            .clock(self.clock.clock());
        if let Some(timeout) = config.renew_request_timeout {
            builder = builder.renew_request_timeout(timeout);
        }
        let election = builder.build();
        let incarnation = Arc::new(Incarnation::new(self.index, self.clock, election.state()));
        wire.belongs_to(&incarnation);
        self.world.checker().witnesses[self.index].watch(Arc::clone(&incarnation));
        self.world.note("starts", self.index, state.generation, 0);
        let random = Random::new(state.random.seed());
        let world = Arc::clone(&self.world);
        tokio::spawn(watch_state(Arc::clone(&world), Arc::clone(&incarnation)));
        let process = Process { world, incarnation: Arc::clone(&incarnation), election, random };
        let operator = profile.operator;
        state.process = Some(incarnation);
        state.program = Some(tokio::spawn(async move {
            if operator { runner::run(process).await } else { guarded::run(process).await }
        }));
    }

    /// Kills the process: nothing of it goes on.
    pub(crate) fn kill(&self) {
        let mut state = self.state();
        let Some(process) = state.process.take() else { return };
        process.kill();
        if let Some(program) = state.program.take() {
            // The runner's tasks go on by themselves, and end without any answer.
            if self.world.plan.profile.operator { process.ask_to_end() } else { program.abort() }
        }
        drop(state);
        self.world.checker().witnesses[self.index].forget();
        self.world.note("killed", self.index, 0, 0);
        self.world.look();
    }

    /// Asks the process to end what it is about.
    pub(crate) fn ask_to_end(&self) {
        let process = self.state().process.clone();
        if let Some(process) = process {
            self.world.note("asked to end", self.index, 0, 0);
            process.ask_to_end();
        }
    }

    /// Tells whether the process here has ended by itself, as the runner's does.
    pub(crate) fn has_ended(&self) -> bool {
        let state = self.state();
        state.process.is_some() && state.program.as_ref().is_some_and(JoinHandle::is_finished)
    }

    pub(crate) fn is_stubborn(&self) -> bool {
        self.state().process.as_ref().is_some_and(|process| process.is_stubborn())
    }

    /// Tells whether a process runs here.
    pub(crate) fn runs(&self) -> bool {
        let state = self.state();
        state.process.is_some() && state.program.as_ref().is_some_and(|task| !task.is_finished())
    }

    /// Lets the process stand still, or go on.
    pub(crate) fn freeze(&self, frozen: bool) {
        if frozen {
            self.clock.hold_timers();
        }
        self.world.link(self.index).freeze(frozen);
        self.world.checker().witnesses[self.index].freeze(frozen);
        self.world.note("frozen", self.index, u64::from(frozen), 0);
        self.world.look();
    }

    fn state(&self) -> MutexGuard<'_, MachineState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Looks whenever leadership may have changed.
async fn watch_state(world: Arc<World>, process: Arc<Incarnation>) {
    let mut state = process.state.clone();
    while process.is_alive() {
        state.changed().await;
        world.look();
        world.note("changed", process.replica, u64::from(state.is_leader()), 0);
        world.moved.notify_waiters();
    }
}

impl Process {
    pub(crate) fn enter(&self, stage: Stage) {
        self.world.enter(&self.incarnation, stage);
    }

    /// Changes what the checker knows of this process, as long as it lives.
    pub(crate) fn witness(&self, change: impl FnOnce(&mut crate::checker::Witness)) {
        self.world.witness(&self.incarnation, change);
    }
}
