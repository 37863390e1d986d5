//! Worlds that nothing tells apart become equal.

use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

use kunobi_ha_core::{
    Instant, Outcome,
    model::{Frame, Rename},
};

use super::{Call, Orphan, Replica, START, Stage, World, names::Collected};
use crate::setup::{Setup, TICK};

impl World {
    /// Settles what is certain to happen, and removes what can't have an effect.
    pub(crate) fn prune(&mut self, setup: &Setup) {
        let Self { register, replicas, orphans, .. } = self;
        for call in replicas.iter_mut().flat_map(|replica| &mut replica.calls) {
            let passed = match &call.stage {
                Stage::Asked(request) => register.has_passed(request, setup),
                Stage::Answered(_) => false,
            };
            if passed {
                setup.marks.set(crate::marks::Mark::Conflict);
                call.stage = Stage::Answered(Outcome::Conflict);
            }
        }
        orphans.retain(|orphan| !register.has_passed(&orphan.request, setup));
        for orphan in orphans.iter_mut() {
            let known = orphan.by.is_some_and(|who| replicas[who].may_learn_of(orphan));
            if !known {
                (orphan.by, orphan.sent) = (None, START);
            }
        }
        if !self.register.dead.is_empty() {
            let mut known = Collected::new(self.replicas.len());
            self.rename(&mut known);
            self.register.dead.retain(|dead| known.knows(dead.acquire_time));
        }
    }

    pub(crate) fn canonical(&mut self, setup: &Setup) {
        for (who, replica) in self.replicas.iter_mut().enumerate() {
            let now = replica.now;
            replica.moved(setup, who);
            let deadline = setup.replicas[who].timing.config().renew_deadline;
            let frame = frame(now, START, who, setup);
            for orphan in self.orphans.iter_mut().filter(|orphan| orphan.by == Some(who)) {
                orphan.sent = frame.within(deadline, orphan.sent);
            }
        }
        let mut collected = Collected::new(self.replicas.len());
        self.rename(&mut collected);
        let mut ranks = collected.ranks(setup.faults.deletions > 0);
        self.register.version = ranks.versions();
        for who in 0..self.replicas.len() {
            let replica = &mut self.replicas[who];
            let ids: Vec<u64> = replica.calls.iter().map(|call| call.id.get()).collect();
            ranks.of_attempts(ids.into_iter());
            replica.rename(&mut ranks);
            replica.digits = 1 + ranks.draws_of(who);
        }
        self.rename_rest(&mut ranks);
        if self.orphans.len() > 1 {
            let hasher = BuildHasherDefault::<DefaultHasher>::default();
            self.orphans.sort_by_key(|orphan| hasher.hash_one(orphan));
        }
    }

    /// Gives every number its name.
    pub(super) fn rename(&mut self, names: &mut dyn Rename) {
        self.rename_rest(names);
        self.replicas.iter_mut().for_each(|replica| replica.rename(names));
    }

    fn rename_rest(&mut self, names: &mut dyn Rename) {
        let register = &mut self.register;
        names.mark(&mut register.fence);
        for dead in &mut register.dead {
            names.remembered(&mut dead.acquire_time);
        }
        for lease in [&mut register.lease, &mut register.previous].into_iter().flatten() {
            lease.rename(names);
        }
        self.orphans.iter_mut().for_each(|orphan| orphan.request.rename(names));
    }
}

impl Replica {
    fn moved(&mut self, setup: &Setup, who: usize) {
        let frame = frame(self.now, START, who, setup);
        let config = setup.replicas[who].timing.config();
        self.elector.canonical(&frame);
        for call in &mut self.calls {
            call.sent = frame.within(config.renew_deadline, call.sent);
        }
        let extra = TICK * u32::try_from(setup.extra_belief).unwrap_or(u32::MAX);
        let now = self.now;
        self.until = self.until.filter(|until| now < until.after(extra)).map(|at| frame.moved(at));
        self.applied_until = self.applied_until.filter(|at| *at > now).map(|at| frame.moved(at));
        self.now = START;
    }

    fn rename(&mut self, names: &mut dyn Rename) {
        self.elector.rename(names);
        for Call { id, stage, .. } in &mut self.calls {
            id.rename(names);
            match stage {
                Stage::Asked(request) => request.rename(names),
                Stage::Answered(Outcome::Found(lease) | Outcome::Written { lease, .. }) => {
                    lease.rename(names);
                }
                Stage::Answered(
                    Outcome::Absent
                    | Outcome::Conflict
                    | Outcome::MethodNotAllowed
                    | Outcome::Refused(_)
                    | Outcome::Rejected { .. }
                    | Outcome::Unknown { .. },
                ) => {}
            }
        }
    }

    /// Tells whether a read can prove this write, or an answer to the call that it is a copy of.
    fn may_learn_of(&self, orphan: &Orphan) -> bool {
        let copied = |call: &Call| match &call.stage {
            Stage::Asked(request) => *request == orphan.request,
            // The copied write may have been answered with a conflict.
            Stage::Answered(_) => call.sent == orphan.sent,
        };
        self.elector.may_prove(&orphan.request) || self.calls.iter().any(copied)
    }
}

pub(super) fn frame(now: Instant, shown_as: Instant, who: usize, setup: &Setup) -> Frame {
    let (refusals, latency) = (setup.faults.refusals > 0, setup.faults.latency);
    let (retakes, deaths) = (who < setup.faults.retakes, setup.has_news());
    Frame { now, shown_as, tick: TICK, refusals, latency, retakes, deaths }
}
