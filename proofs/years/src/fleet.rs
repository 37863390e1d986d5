//! All replicas of a run.

mod healing;
mod strike;

use std::{sync::Arc, time::Duration};

use tokio::time::{sleep, sleep_until, timeout};

use crate::{machine::Machine, outcome::Outcome, phase::Phase, plan::Incident, world::World};

/// All replicas of a run.
#[derive(Clone)]
pub(crate) struct Fleet {
    world: Arc<World>,
    machines: Arc<Vec<Machine>>,
}

impl Fleet {
    pub(crate) fn new(world: Arc<World>) -> Self {
        let count = world.plan.profile.replicas;
        let machines = (0..count).map(|index| Machine::new(&world, index)).collect();
        Self { world, machines: Arc::new(machines) }
    }

    /// Goes through the storms and healings of the plan, until a promise is broken.
    pub(crate) async fn run(&self) -> Outcome {
        for machine in self.machines.iter() {
            machine.start(true);
        }
        let kubelet = tokio::spawn(self.clone().restart_what_ended());
        let profile = &self.world.plan.profile;
        let mut begin = Duration::ZERO;
        while begin < self.world.plan.length && self.world.broken().is_none() {
            let storm_end = begin + profile.storm;
            self.weather(begin, storm_end).await;
            self.sleep_until(storm_end).await;
            self.heal().await;
            begin += profile.cycle();
            self.sleep_until(begin).await;
        }
        kubelet.abort();
        self.outcome()
    }

    /// Lets the faults of this storm happen.
    async fn weather(&self, begin: Duration, end: Duration) {
        let incidents = self.world.plan.incidents.clone();
        let ours = incidents.into_iter().filter(|i| i.at >= begin && i.at < end);
        for incident in ours {
            self.sleep_until(incident.at).await;
            if self.world.broken().is_some() {
                return;
            }
            tokio::spawn(self.clone().meet(incident, end));
        }
    }

    /// Strikes when a replica is in the phase that the fault is aimed at, if that is before `end`.
    async fn meet(self, incident: Incident, end: Duration) {
        let left = end.saturating_sub(self.world.now()).min(PATIENCE);
        let who = match incident.aim {
            None => incident.who,
            Some(aim) => match timeout(left, self.meet_in(aim, &incident)).await {
                Ok(who) => who,
                Err(_) => return,
            },
        };
        // A probation may be over by now.
        let phase = self.world.checker().phase(who);
        self.strike(&incident, who, phase, end).await;
    }

    /// Waits for a replica in this phase, or brings one there.
    async fn meet_in(&self, aim: Phase, incident: &Incident) -> usize {
        match aim {
            Phase::Contending | Phase::Leading => {}
            Phase::Releasing => {
                let leader = self.wait_for(Phase::Leading, incident.who).await;
                self.machines[leader].ask_to_end();
            }
            Phase::Withdrawing => {
                *lock(&self.world.catches_bids) = true;
                let leader = self.wait_for(Phase::Leading, incident.who).await;
                self.machines[leader].ask_to_end();
            }
            Phase::Probation => self.provoke_a_create(incident).await,
        }
        let who = self.wait_for(aim, incident.who).await;
        if aim == Phase::Probation {
            sleep(Duration::from_millis(incident.seed % 4_000)).await;
        }
        who
    }

    async fn wait_for(&self, phase: Phase, first: usize) -> usize {
        loop {
            let moved = self.world.moved.notified();
            if let Some(who) = self.world.checker().find(phase, first) {
                return who;
            }
            moved.await;
        }
    }

    /// The kubelet: starts again what has ended.
    async fn restart_what_ended(self) {
        loop {
            sleep(Duration::from_secs(2)).await;
            for machine in self.machines.iter().filter(|machine| machine.has_ended()) {
                machine.start(false);
            }
        }
    }

    async fn sleep_until(&self, at: Duration) {
        sleep_until(self.world.began + at).await;
    }

    fn outcome(&self) -> Outcome {
        self.world.look();
        let coverage = lock(&self.world.coverage).clone();
        let checker = self.world.checker();
        let trace = self.world.trace();
        Outcome {
            broken: checker.broken.clone(),
            hash: trace.hash(),
            events: trace.events(),
            simulated: self.world.now(),
            terms: checker.terms,
            writes: checker.chain.writes,
            releases: checker.releases,
            losses: checker.losses,
            excused: checker.excused,
            excused_time: checker.excused_time.total(),
            unjudged_time: checker.unjudged_time.total(),
            faults: coverage.total(),
            coverage,
        }
    }
}

fn lock<T>(mutex: &std::sync::Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// How long a fault waits for the phase that it is aimed at.
const PATIENCE: Duration = Duration::from_secs(180);
