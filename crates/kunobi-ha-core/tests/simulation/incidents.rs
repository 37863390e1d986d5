//! What happens to processes, links, clocks and the Lease while a storm lasts.

use kunobi_ha_core::{Input, LeaseTime};

use crate::simulation::{
    clock::SECOND,
    profile::{Faults, Vandal},
    world::{Event, World},
};

#[derive(Clone, Copy, Debug)]
pub(crate) enum Incident {
    Crash(usize),
    Restart(usize),
    Cut(usize),
    Pause(usize),
    Tell(usize, UserWish),
    Relabel,
    Drift(usize),
    Delete,
    Edit,
    Restore,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum UserWish {
    StepDown,
    Stop,
}

impl World {
    pub(crate) fn next_incident(&mut self) {
        if self.faults.incident_every == u64::MAX {
            return;
        }
        let wait = self.rng.between(1, 2 * self.faults.incident_every);
        self.schedule(wait, Event::NextIncident);
        if let Some(incident) = self.draw_incident() {
            self.strike(incident);
        }
    }

    fn draw_incident(&mut self) -> Option<Incident> {
        let replicas = self.replicas.len() as u64;
        let who = usize::try_from(self.rng.below(replicas)).unwrap();
        let vandal = self.profile.vandal == Vandal::DoesAnything;
        let weights = &self.faults.weights;
        let choices = [
            (weights.crash, Incident::Crash(who)),
            (weights.cut, Incident::Cut(who)),
            (weights.pause, Incident::Pause(who)),
            (weights.step_down, Incident::Tell(who, UserWish::StepDown)),
            (weights.stop, Incident::Tell(who, UserWish::Stop)),
            (weights.relabel, Incident::Relabel),
            (weights.drift, Incident::Drift(who)),
            (u64::from(vandal), Incident::Delete),
            (u64::from(vandal), Incident::Edit),
            (u64::from(vandal), Incident::Restore),
        ];
        let total: u64 = choices.iter().map(|(weight, _)| weight).sum();
        let mut ticket = self.rng.below(total.max(1));
        choices.into_iter().find_map(|(weight, incident)| {
            let drawn = ticket < weight;
            ticket = ticket.saturating_sub(weight);
            drawn.then_some(incident)
        })
    }

    pub(crate) fn strike(&mut self, incident: Incident) {
        self.stats.incidents += 1;
        self.note(&incident);
        let lasting = self.rng.between(SECOND / 10, 40 * SECOND);
        match incident {
            Incident::Crash(who) => {
                self.replicas[who].crash();
                self.schedule(lasting, Event::Incident(Incident::Restart(who)));
            }
            Incident::Restart(who) => {
                if self.replicas[who].elector.is_none() {
                    self.start(who);
                }
            }
            Incident::Cut(who) => self.replicas[who].cut_until = self.now + lasting,
            Incident::Pause(who) => {
                self.replicas[who].paused_until = self.now + lasting;
                self.set_rate(who);
                self.schedule(lasting, Event::Resumes(who));
            }
            Incident::Tell(who, UserWish::StepDown) => self.tell_later(who, 0, Input::StepDown),
            Incident::Tell(who, UserWish::Stop) => self.tell_later(who, 0, Input::Stop),
            Incident::Relabel => self.change(|world| world.server.edit_metadata()),
            Incident::Drift(who) => {
                let error = self.profile.rate_error;
                let error = self.rng.pick(&[-error, 0, error]);
                self.replicas[who].clock.run_at(self.now, error);
                self.set_timer(who);
            }
            Incident::Delete => self.change(|world| world.server.delete()),
            Incident::Restore => {
                let age = usize::try_from(self.rng.between(1, 5)).unwrap();
                self.change(|world| world.server.restore(age));
            }
            Incident::Edit => self.change(Self::scribble),
        }
    }

    fn change(&mut self, change: impl FnOnce(&mut Self)) {
        change(self);
        self.notify_watchers();
    }

    fn scribble(&mut self) {
        let nonsense = self.rng.pick(&[None, Some(0), Some(-1), Some(1), Some(i64::MAX)]);
        let kind = self.rng.below(5);
        self.server.edit(|record| match kind {
            0 => record.holder = Some("a hand".into()),
            1 => record.holder = None,
            2 => record.duration_seconds = nonsense.map(|seconds| seconds.min(20)),
            3 => record.renew_time = LeaseTime::Text("yesterday".into()),
            _ => record.transitions = nonsense,
        });
    }

    /// From now on, everything works, and everybody wants to lead.
    pub(crate) fn calm(&mut self) {
        self.faults = Faults::none();
        for index in 0..self.replicas.len() {
            self.replicas[index].cut_until = 0;
            self.replicas[index].paused_until = self.replicas[index].paused_until.min(self.now);
            self.set_rate(index);
            if self.replicas[index].elector.is_none() {
                self.start(index);
            }
            let delay = self.rng.below(SECOND);
            self.tell_later(index, delay, Input::Acquire);
        }
    }
}
