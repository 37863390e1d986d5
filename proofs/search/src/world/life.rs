//! Processes that end and start, and news of it.

use kunobi_ha_core::{Input, LeaseTime, Notice, Step, Timestamp};

use super::{
    Action, Call, Dead, LIFE, Served, World, author, fresh,
    names::{Bury, Collected},
};
use crate::{marks::Mark, setup::Setup};

impl World {
    /// A process ends; what it has sent may still be handled.
    pub(super) fn end(&mut self, who: usize, setup: &Setup) {
        for Call { sent, stage, .. } in std::mem::take(&mut self.replicas[who].calls) {
            self.orphan(None, sent, stage, setup);
        }
        for orphan in self.orphans.iter_mut().filter(|orphan| orphan.by == Some(who)) {
            orphan.by = None;
        }
        let replica = &mut self.replicas[who];
        replica.elector = fresh(&setup.replicas[who]);
        replica.leads = false;
        replica.until = None;
        replica.applied_until = None;
        replica.digits = 1;
        replica.led_in = None;
        replica.has_ended = true;
        if setup.faults.deaths > 0 {
            self.certify(who, setup.replicas[who].identity);
        }
        let mut bury = Bury::new(who, self);
        self.rename(&mut bury);
    }

    /// Another process takes its place.
    pub(super) fn start(&mut self, who: usize, setup: &Setup) {
        self.replicas[who].has_ended = false;
        self.tell(who, Input::Acquire, setup);
    }

    /// Everything goes well until it leads.
    pub(super) fn let_the_first_lead(&mut self, setup: &Setup) {
        let (of, to, call) = (0, 0, 0);
        while !self.replicas[0].leads && self.broken.is_none() {
            while !self.replicas[0].calls.is_empty() {
                self.perform(&Action::Handle { of, call, served: Served::Properly }, setup);
                self.perform(&Action::Answer { to, call }, setup);
            }
            if !self.replicas[0].leads {
                self.perform(&Action::Tick { fast: 0, paused: 0 }, setup);
            }
        }
    }

    /// Notes the terms of a process that has ended.
    fn certify(&mut self, who: usize, holder: &'static str) {
        let mut known = Collected::new(self.replicas.len());
        self.rename(&mut known);
        let terms = known.terms_of(who).into_iter();
        self.register.dead.extend(terms.map(|acquire_time| Dead { holder, acquire_time }));
    }

    pub(super) fn tell_of_death(&mut self, to: usize, of: usize, setup: &Setup) {
        let Dead { holder, acquire_time } = self.register.dead[of].clone();
        self.tell(to, Input::HolderDied { holder: holder.into(), acquire_time }, setup);
    }

    pub(super) fn spread_a_rumour(&mut self, to: usize, setup: &Setup) {
        if let Some((holder, acquire_time)) = self.living_holder().zip(self.held_since()) {
            let holder = setup.replicas[holder].identity.into();
            self.tell(to, Input::HolderDied { holder, acquire_time }, setup);
        }
    }

    /// Returns the replica that has begun the term which the Lease shows, if it lives.
    pub(super) fn living_holder(&self) -> Option<usize> {
        let record = &self.register.lease.as_ref()?.record;
        let life = author(record).filter(|_| !record.is_free())?;
        let who = usize::try_from(life).ok()?.checked_sub(1)?;
        (who < self.replicas.len()).then_some(who)
    }

    fn held_since(&self) -> Option<Timestamp> {
        match self.register.lease.as_ref()?.record.acquire_time {
            LeaseTime::At(time) => Some(time),
            LeaseTime::Absent | LeaseTime::Text(_) => None,
        }
    }

    /// Rule C4: a leader says so if it is told of its own end.
    pub(super) fn judge_news(&mut self, who: usize, news: &Input, step: &Step, setup: &Setup) {
        let Input::HolderDied { acquire_time, .. } = news else { return };
        let own = acquire_time.as_unix_micros() / LIFE == u64::try_from(who).unwrap_or(0) + 1;
        let says_so = step.notices.contains(&Notice::ToldDead);
        setup.marks.set_if(Mark::ToldDead, says_so);
        if says_so != own && self.replicas[who].leads {
            self.breaks("rule C4: a term of its own has not ended");
        }
    }
}
