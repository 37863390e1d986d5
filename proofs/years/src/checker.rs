//! Watches that nothing of what is promised is broken.

mod chain;
mod excuse;
mod stopwatch;
mod witness;

use std::{sync::Arc, time::Duration};

use self::{chain::Chain, stopwatch::Stopwatch};
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
    /// For how long an overlap would have been excused.
    pub(crate) excused_time: Stopwatch,
    /// For how long work ran beside which other work would have been allowed.
    pub(crate) unjudged_time: Stopwatch,
    last_fence: u64,
    /// The newest version when a fault that the theorem excludes struck last.
    excluded_at: u64,
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
            excused_time: Stopwatch::default(),
            unjudged_time: Stopwatch::default(),
            last_fence: 0,
            excluded_at: 0,
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

    /// Something happened that the theorem excludes: these replicas may lead beside the next leader, and
    /// have so long to stop their work.
    pub(crate) fn excuse(&mut self, former: impl IntoIterator<Item = (usize, Duration)>) {
        self.excluded_at = self.chain.newest();
        for (index, margin) in former {
            self.witnesses[index].excuse(margin);
        }
    }

    /// Looks at all replicas: nothing has changed since the last look but what happened now.
    pub(crate) fn look(&mut self, at: Duration) {
        self.excused_time.look(at, self.witnesses.iter().any(Witness::may_lead_beside));
        self.unjudged_time.look(at, self.witnesses.iter().any(|w| w.works_unjudged(at)));
        let (mut leaders, mut unexcused) = (0, 0);
        for index in 0..self.witnesses.len() {
            let extended = self.has(Planted::LongBelief).then_some(LONG_BELIEF);
            let belief = self.witnesses[index].belief(at, extended);
            let Some((term, left)) = belief else {
                self.witnesses[index].leads_no_more();
                continue;
            };
            leaders += 1;
            unexcused += usize::from(!self.witnesses[index].may_lead_beside());
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
        if unexcused > 1 {
            let who = self.describe();
            self.deny(at, Promise::Overlap, || format!("{leaders} replicas lead: {who}"));
        } else if leaders > 1 {
            self.excused += 1;
        }
        self.check_work(at);
    }

    fn begin_term(&mut self, at: Duration, index: usize, fence: u64) {
        self.terms += 1;
        let fence = if self.has(Planted::SameFence) { 1 } else { fence };
        let last = self.last_fence;
        // The holder is erased and the next one leads, which is excluded. Then that Lease is deleted before
        // the former one's next renewal, which therefore brings its older term back. Only a term from before
        // the excluded fault can do that.
        let witness = &self.witnesses[index];
        let excused =
            fence <= self.excluded_at || witness.may_lead_beside() || witness.resumes(fence);
        if fence <= last && !excused {
            self.deny(at, Promise::Fence, || {
                format!("replica {index} leads with fence {fence} after {last}")
            });
        }
        self.last_fence = last.max(fence);
    }

    fn check_work(&mut self, at: Duration) {
        let working = self.witnesses.iter().filter(|w| w.works_judged(at)).count();
        if working > 1 {
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
