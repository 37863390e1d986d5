//! The requests of one phase: at most two outstanding, and those that may have been applied.

use alloc::vec::Vec;
use core::time::Duration;

use super::{
    in_flight::InFlight,
    outstanding::{MOST_OUTSTANDING, Outstanding, Silence},
};
use crate::{
    lease::{Lease, Version},
    record::LeaseRecord,
    request::AttemptId,
    step::Step,
    time::Instant,
};

/// They end with their phase, so that no answer can count for what came after it (rule 2).
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub(super) struct Attempts {
    /// Outstanding, oldest first; never more than two.
    outstanding: Vec<InFlight>,
    /// Writes that are not outstanding, have no definite answer, and may have been applied.
    unconfirmed: Vec<InFlight>,
    /// Since when nothing was answered.
    silence: Option<Silence>,
}

impl Attempts {
    /// Rule 10: at most two are outstanding.
    pub(super) fn push(&mut self, new: InFlight, step: &mut Step) {
        while self.outstanding.len() >= MOST_OUTSTANDING {
            self.make_room(&new, step);
        }
        // Reserves room for two only, because a process may have thousands of electors.
        self.silence.get_or_insert(Silence { since: new.sent, verb: new.verb() });
        self.outstanding.reserve_exact(MOST_OUTSTANDING - self.outstanding.len());
        self.outstanding.push(new);
    }

    /// Rule 10: drops a proved attempt, else one of another kind, else the one whose time is up
    /// first.
    fn make_room(&mut self, new: &InFlight, step: &mut Step) {
        let position =
            |wanted: &dyn Fn(&InFlight) -> bool| self.outstanding.iter().position(wanted);
        let replaced = position(&|t| t.proved)
            .or_else(|| position(&|t| !t.is_like(new)))
            .or_else(|| {
                let expires_first =
                    self.outstanding.iter().enumerate().min_by_key(|(_, t)| t.kept_until);
                expires_first.map(|(position, _)| position)
            })
            .unwrap_or(0);
        let replaced = self.outstanding.remove(replaced);
        step.drop.push(replaced.id);
        self.keep_unconfirmed(replaced);
    }

    /// Removes the attempt that was answered; `None` if it was dropped before.
    pub(super) fn take(&mut self, id: AttemptId) -> Option<InFlight> {
        let position = self.outstanding.iter().position(|t| t.id == id)?;
        self.silence = None;
        Some(self.outstanding.remove(position))
    }

    /// Keeps a write without a definite answer: a read can prove it, or show what is to be released.
    pub(super) fn keep_unconfirmed(&mut self, attempt: InFlight) {
        if attempt.proved || attempt.reads() {
            return;
        }
        if self.unconfirmed.len() >= MOST_UNCONFIRMED {
            self.unconfirmed.remove(0);
        }
        self.unconfirmed.push(attempt);
    }

    /// Rule 15: returns the attempt that wrote exactly this record, and counts it as answered. All
    /// others are void: they were guarded by the version that it replaced.
    pub(super) fn prove(&mut self, lease: &Lease, step: &mut Step) -> Option<InFlight> {
        let Lease { version, record, .. } = lease;
        let mut all = self.outstanding.iter().chain(&self.unconfirmed);
        let proved = all.find(|t| t.is_proved_by(&version.uid, record))?.clone();
        self.unconfirmed.clear();
        self.silence = None;
        self.outstanding.retain_mut(|t| {
            t.proved |= t.id == proved.id;
            if !t.proved {
                step.drop.push(t.id);
            }
            t.proved
        });
        Some(proved)
    }

    /// Drops the reads: another was answered, or what they say is older than a conflict.
    pub(super) fn drop_reads(&mut self, step: &mut Step) {
        self.drop_if(InFlight::reads, step);
    }

    /// Drops the updates: the Lease that they were to update is gone, so that they were not
    /// applied, and can't be any more.
    pub(super) fn drop_updates(&mut self, step: &mut Step) {
        self.drop_if(|t| t.base().is_some(), step);
        self.unconfirmed.retain(|t| t.base().is_none());
    }

    /// Drops the outstanding updates after a 404, and keeps them as unconfirmed: the 404 may be older
    /// than their success.
    pub(super) fn give_updates_up(&mut self, step: &mut Step) {
        let outstanding = core::mem::take(&mut self.outstanding);
        let (dropped, outstanding) = outstanding.into_iter().partition(|t| t.base().is_some());
        self.outstanding = outstanding;
        let dropped: Vec<InFlight> = dropped;
        for attempt in dropped {
            step.drop.push(attempt.id);
            self.keep_unconfirmed(attempt);
        }
    }

    /// Drops what was sent so long ago that no answer can count; returns the last of them.
    pub(super) fn expire(
        &mut self,
        now: Instant,
        after: Duration,
        step: &mut Step,
    ) -> Option<InFlight> {
        let old = |t: &InFlight| now >= t.sent.after(after);
        if !self.outstanding.iter().chain(&self.unconfirmed).any(old) {
            return None;
        }
        let expired = self.unproved().filter(|t| old(t)).last().cloned();
        self.drop_if(old, step);
        self.unconfirmed.retain(|t| !old(t));
        expired
    }

    /// Rule 10: drops the writes that a newer version has made void; tells whether any was
    /// outstanding.
    pub(super) fn supersede(&mut self, newest: &Version, step: &mut Step) -> bool {
        let outstanding = self.outstanding.len();
        let void = |t: &InFlight| t.base().is_some_and(|base| base != newest) && !t.proved;
        self.drop_if(void, step);
        self.unconfirmed.retain(|t| !void(t));
        self.outstanding.len() < outstanding
    }

    /// Drops the creates: a record was shown that none of them wrote.
    pub(super) fn drop_creates(&mut self, step: &mut Step) {
        self.drop_if(InFlight::creates, step);
    }

    /// Tells whether this record is what an outstanding create would write.
    pub(super) fn would_create(&self, record: &LeaseRecord) -> bool {
        self.outstanding.iter().any(|t| t.creates() && t.record() == Some(record))
    }

    pub(super) fn drop_all(&mut self, step: &mut Step) {
        self.drop_if(|_| true, step);
        self.unconfirmed.clear();
    }

    /// Returns the last write, releases apart, that may have been applied.
    pub(super) fn last_write(&self) -> Option<&InFlight> {
        let writes = self.unproved_writes().chain(&self.unconfirmed);
        writes.filter(|t| !t.releases()).max_by_key(|t| t.sent)
    }

    /// Returns what waits for an answer for longest, if nothing was answered since.
    pub(super) fn silence(&self) -> Option<Silence> {
        self.silence.filter(|_| self.unproved().next().is_some())
    }

    pub(super) const fn has_unconfirmed(&self) -> bool {
        !self.unconfirmed.is_empty()
    }

    pub(super) fn clear_unconfirmed(&mut self) {
        self.unconfirmed.clear();
    }

    fn drop_if(&mut self, dropped: impl Fn(&InFlight) -> bool, step: &mut Step) {
        self.outstanding.retain(|t| {
            let gone = dropped(t);
            if gone {
                step.drop.push(t.id);
            }
            !gone
        });
    }

    /// The outstanding attempts that no read has proved, oldest first.
    pub(super) fn unproved(&self) -> impl Iterator<Item = &InFlight> {
        self.outstanding.iter().filter(|t| !t.proved)
    }

    pub(super) fn unproved_reads(&self) -> impl Iterator<Item = &InFlight> {
        self.unproved().filter(|t| t.reads())
    }

    pub(super) fn unproved_writes(&self) -> impl Iterator<Item = &InFlight> {
        self.unproved().filter(|t| !t.reads())
    }

    /// The outstanding reads, in number.
    pub(super) fn reads(&self) -> Outstanding {
        Outstanding::of(self.unproved_reads())
    }

    /// The outstanding writes, in number.
    pub(super) fn writes(&self) -> Outstanding {
        Outstanding::of(self.unproved_writes())
    }
}

/// More than fit into a renew deadline with the usual settings; losing one loses no safety.
const MOST_UNCONFIRMED: usize = 16;

#[cfg(feature = "model")]
impl Attempts {
    pub(super) fn canonical(&mut self, horizon: Duration, frame: &crate::model::Frame) {
        self.outstanding.iter_mut().for_each(|t| t.canonical(horizon, frame));
        self.unconfirmed.iter_mut().for_each(|t| t.canonical_unconfirmed(horizon, frame));
        // Only notices depend on it.
        self.silence = None;
    }

    pub(super) fn rename(&mut self, names: &mut dyn crate::model::Rename) {
        let all = self.outstanding.iter_mut().chain(&mut self.unconfirmed);
        all.for_each(|t| t.rename(names));
    }

    pub(super) fn outstanding_reads(&self) -> impl Iterator<Item = AttemptId> + Clone {
        self.outstanding.iter().filter(|t| t.reads()).map(|t| t.id)
    }

    pub(super) fn outstanding_ids(&self) -> impl Iterator<Item = AttemptId> {
        self.outstanding.iter().map(|t| t.id)
    }

    pub(super) fn unconfirmed_requests(&self) -> impl Iterator<Item = &crate::request::Request> {
        self.unconfirmed.iter().map(|t| &t.request)
    }
}
