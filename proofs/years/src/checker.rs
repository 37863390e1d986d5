//! Watches that nothing of what is promised is broken.

mod chain;
mod witness;

use std::{sync::Arc, time::Duration};

use self::chain::Chain;
pub(crate) use self::{
    chain::{Attempted, version},
    witness::{Stage, Witness},
};
use crate::{
    incarnation::Incarnation,
    phase::Phase,
    promise::{Broken, Planted, Promise},
};

/// All replicas as the oracles see them.
#[derive(Debug)]
pub(crate) struct Checker {
    pub(crate) witnesses: Vec<Witness>,
    pub(crate) chain: Chain,
    pub(crate) terms: u64,
    pub(crate) releases: u64,
    pub(crate) losses: u64,
    /// Overlaps after faults that the theorem excludes.
    pub(crate) excused: u64,
    /// For how long overlaps were excused.
    pub(crate) excused_time: Duration,
    excused_until: Duration,
    last_fence: u64,
    planted: Option<Planted>,
    watched: Option<Promise>,
    pub(crate) broken: Option<Broken>,
}

impl Checker {
    pub(crate) fn new(replicas: usize, planted: Option<(Planted, Promise)>) -> Self {
        Self {
            witnesses: (0..replicas).map(|_| Witness::default()).collect(),
            chain: Chain::default(),
            terms: 0,
            releases: 0,
            losses: 0,
            excused: 0,
            excused_time: Duration::ZERO,
            excused_until: Duration::ZERO,
            last_fence: 0,
            planted: planted.map(|(bug, _)| bug),
            watched: planted.map(|(_, promise)| promise),
            broken: None,
        }
    }

    pub(crate) fn has(&self, planted: Planted) -> bool {
        self.planted == Some(planted)
    }

    /// Notes a promise that is broken, if it is the first one.
    pub(crate) fn deny(&mut self, at: Duration, promise: Promise, what: impl FnOnce() -> String) {
        let watched = self.watched.is_none_or(|watched| watched == promise);
        if watched && self.broken.is_none() {
            self.broken = Some(Broken { promise, what: what(), at });
        }
    }

    /// Something happened that the theorem excludes: until then, two may lead.
    pub(crate) fn excuse(&mut self, at: Duration, until: Duration) {
        self.excused_time += until.saturating_sub(at.max(self.excused_until));
        self.excused_until = self.excused_until.max(until);
    }

    /// Looks at all replicas: nothing has changed since the last look but what happened now.
    pub(crate) fn look(&mut self, at: Duration) {
        let mut leaders = 0;
        for index in 0..self.witnesses.len() {
            let extended = self.has(Planted::LongBelief).then_some(LONG_BELIEF);
            let belief = self.witnesses[index].belief(at, extended);
            let Some((term, left)) = belief else {
                self.witnesses[index].led = None;
                continue;
            };
            leaders += 1;
            let more = if self.has(Planted::ExtendedBelief) { EXTENSION } else { Duration::ZERO };
            if !self.witnesses[index].is_backed(left + more) {
                self.deny(at, Promise::Backing, || {
                    format!("replica {index} leads for {left:?} more without a write for it")
                });
            }
            if self.witnesses[index].led.replace(term) != Some(term) {
                self.begin_term(at, index, term);
            }
        }
        if leaders > 1 {
            if at < self.excused_until {
                self.excused += 1;
            } else {
                let who = self.describe();
                self.deny(at, Promise::Overlap, || format!("{leaders} replicas lead: {who}"));
            }
        }
        self.check_work(at);
    }

    fn begin_term(&mut self, at: Duration, index: usize, fence: u64) {
        self.terms += 1;
        let fence = if self.has(Planted::SameFence) { 1 } else { fence };
        let last = self.last_fence;
        // Erased, then deleted: a former leader can bring its term back.
        if fence <= last && at >= self.excused_until {
            self.deny(at, Promise::Fence, || {
                format!("replica {index} leads with fence {fence} after {last}")
            });
        }
        self.last_fence = last.max(fence);
    }

    fn check_work(&mut self, at: Duration) {
        let working = self.witnesses.iter().filter(|witness| witness.works(at)).count();
        if working > 1 && at >= self.excused_until {
            let who = self.describe();
            self.deny(at, Promise::Work, || format!("{working} replicas work: {who}"));
        }
    }

    /// An attempt to free the Lease is on its way.
    pub(crate) fn check_release(&mut self, at: Duration, index: usize, by: &Arc<Incarnation>) {
        let witness = &self.witnesses[index];
        if !witness.is(by) {
            return;
        }
        let works = witness.has_work() || witness.has_aborted();
        let leads = by.state.is_leader();
        if works || leads {
            self.deny(at, Promise::Release, || {
                format!("replica {index} releases while it works, or after an abort ({works}), or leads ({leads})")
            });
        }
    }

    /// The program of this replica has heard that its term is over.
    pub(crate) fn check_lost(&mut self, at: Duration, index: usize, by: &Arc<Incarnation>) {
        self.losses += 1;
        if by.state.is_leader() || self.has(Planted::EarlyLoss) {
            self.deny(at, Promise::Lost, || format!("replica {index} heard of a loss and leads"));
        }
    }

    pub(crate) fn phase(&self, index: usize) -> Option<Phase> {
        self.witnesses[index].phase()
    }

    /// Returns a replica in this phase, this one first.
    pub(crate) fn find(&self, phase: Phase, first: usize) -> Option<usize> {
        let count = self.witnesses.len();
        let order = (0..count).map(|offset| (first + offset) % count);
        order.into_iter().find(|index| self.phase(*index) == Some(phase))
    }

    fn describe(&self) -> String {
        let each = self.witnesses.iter().enumerate();
        each.map(|(index, witness)| format!("{index}: {}", witness.describe()))
            .collect::<Vec<_>>()
            .join("; ")
    }
}

const LONG_BELIEF: Duration = Duration::from_secs(30);
const EXTENSION: Duration = Duration::from_secs(1);
