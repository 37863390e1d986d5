//! What is told of deaths: true news of processes that have crashed, or rumours.

use kunobi_ha_core::{Input, LeaseTime, Timestamp};

use crate::simulation::{
    clock::SECOND,
    profile::News,
    replica::Replica,
    world::{Happening, World},
};

/// A term, or a bid for one, of a process that has ended: its holder and acquireTime.
pub(crate) type Death = (Box<str>, Timestamp);

impl World {
    /// A process ends. Its certificates reach some of the others soon, and some never; the container
    /// that is started in its place reads them, too.
    pub(crate) fn dies(&mut self, who: usize) {
        let deaths = self.replicas[who].certificates();
        self.replicas[who].crash();
        if self.profile.news != News::True {
            return;
        }
        for by in 0..self.replicas.len() {
            if self.rng.chance(700) {
                let delay = self.rng.below(3 * SECOND);
                self.schedule(delay, Happening::Heard { by, deaths: deaths.clone() });
            }
        }
    }

    /// Rule C3: the driver tells what fits the record that the elector knows, at whatever time both are
    /// known. Now and then it tells more than that.
    pub(crate) fn hear(&mut self, by: usize, deaths: Vec<Death>) {
        if self.rng.chance(200)
            && let Some((holder, acquire_time)) = deaths.last().cloned()
        {
            self.tell_later(by, 0, Input::HolderDied { holder, acquire_time });
        }
        self.replicas[by].heard.extend(deaths);
        self.replicas[by].compared = None;
        self.compare_news(by);
    }

    pub(crate) fn compare_news(&mut self, by: usize) {
        let replica = &self.replicas[by];
        let version = replica.elector.as_ref().and_then(|elector| elector.version());
        if replica.heard.is_empty() || version == replica.compared.as_ref() {
            return;
        }
        let version = version.cloned();
        let followed = version.as_ref().and_then(|version| self.ledger.record_at(version));
        let dead = replica.heard.iter().rev().find(|(holder, time)| {
            followed.is_some_and(|record| {
                record.holder.as_ref() == Some(holder)
                    && record.acquire_time == LeaseTime::At(*time)
            })
        });
        // Of renewals of one term, the first is enough.
        let news = dead.filter(|dead| replica.told.as_ref() != Some(dead)).cloned();
        let is_of_another = dead.is_none();
        let replica = &mut self.replicas[by];
        replica.compared = version;
        if is_of_another {
            replica.told = None;
        }
        if let Some((holder, acquire_time)) = news {
            replica.told = Some((holder.clone(), acquire_time));
            let delay = self.rng.below(SECOND / 10);
            self.tell_later(by, delay, Input::HolderDied { holder, acquire_time });
        }
    }

    /// Somebody claims that the holder is dead.
    pub(crate) fn spread_rumour(&mut self) {
        let Some((_, record)) = self.server.stored().clone() else { return };
        let (Some(holder), LeaseTime::At(acquire_time)) = (record.holder, record.acquire_time)
        else {
            return;
        };
        for to in 0..self.replicas.len() {
            if self.rng.chance(500) {
                let delay = self.rng.below(3 * SECOND);
                let holder = holder.clone();
                self.tell_later(to, delay, Input::HolderDied { holder, acquire_time });
            }
        }
    }
}

impl Replica {
    /// What stands in the file of this process: the last bids (rule C1).
    fn certificates(&self) -> Vec<Death> {
        let last = self.witness.bids().rev().take(MOST_CERTIFICATES);
        let mut deaths: Vec<Death> =
            last.map(|time| (self.identity.as_str().into(), time)).collect();
        deaths.reverse();
        deaths
    }
}

const MOST_CERTIFICATES: usize = 5;
