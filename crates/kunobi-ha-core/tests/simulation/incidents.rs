//! What happens to processes, links, clocks and the Lease while a storm lasts.

use kunobi_ha_core::Input;

use crate::simulation::{
    clock::SECOND,
    ledger::Author,
    profile::{Faults, News},
    world::{Happening, World},
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
    StepBack(usize),
    Delete,
    Edit,
    Free,
    Replace,
    Restore,
    /// Somebody claims that the holder is dead.
    Rumour,
    /// Somebody wishes that another replica leads, or does not wish it any more.
    Wish,
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
        self.schedule(wait, Happening::NextIncident);
        if let Some(incident) = self.draw_incident() {
            self.strike(incident);
        }
    }

    fn draw_incident(&mut self) -> Option<Incident> {
        let replicas = self.replicas.len() as u64;
        let who = usize::try_from(self.rng.below(replicas)).unwrap();
        let weights = &self.faults.weights;
        let choices = [
            (weights.crash, Incident::Crash(who)),
            (weights.cut, Incident::Cut(who)),
            (weights.pause, Incident::Pause(who)),
            (weights.step_down, Incident::Tell(who, UserWish::StepDown)),
            (weights.stop, Incident::Tell(who, UserWish::Stop)),
            (weights.relabel, Incident::Relabel),
            (weights.drift, Incident::Drift(who)),
            (weights.step_back, Incident::StepBack(who)),
            (weights.delete, Incident::Delete),
            (weights.edit, Incident::Edit),
            (weights.free, Incident::Free),
            (weights.replace, Incident::Replace),
            (weights.restore, Incident::Restore),
            (weights.rumour, Incident::Rumour),
            (weights.wish, Incident::Wish),
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
                self.dies(who);
                // In a calm everybody is back.
                if self.profile.news == News::None || self.rng.chance(700) {
                    self.schedule(lasting, Happening::Incident(Incident::Restart(who)));
                }
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
                self.schedule(lasting, Happening::Resumes(who));
            }
            Incident::Tell(who, UserWish::StepDown) => self.tell_later(who, 0, Input::StepDown),
            Incident::Tell(who, UserWish::Stop) => self.tell_later(who, 0, Input::Stop),
            Incident::Relabel => {
                self.server.edit_metadata();
                self.changed(Author::Administrator);
            }
            Incident::Drift(who) => {
                let error = self.profile.rate_error;
                let error = self.rng.pick(&[-error, 0, error]);
                self.replicas[who].clock.run_at(self.now, error);
                self.set_timer(who);
            }
            Incident::StepBack(who) => {
                self.replicas[who].clock.step_back(self.now, lasting);
                self.clocks_went_back = true;
                self.set_timer(who);
            }
            Incident::Rumour => self.spread_rumour(),
            Incident::Wish => {
                let whom = self.somebody();
                self.server.wish(whom);
                self.changed(Author::Administrator);
            }
            Incident::Delete
            | Incident::Edit
            | Incident::Free
            | Incident::Replace
            | Incident::Restore => {
                self.vandalise(incident);
                self.changed(Author::Vandal);
            }
        }
    }

    fn changed(&mut self, author: Author) {
        if self.ledger.newest() == Some(self.server.stored()) {
            return;
        }
        self.ledger.record(self.server.stored().clone(), author);
        self.notify_watchers();
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
