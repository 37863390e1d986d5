//! The requests of one phase: at most two outstanding, and those that may have been applied.

use alloc::vec::Vec;
use core::time::Duration;

use super::{
    in_flight::InFlight,
    outstanding::{Outstanding, Silence},
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
    live: Vec<InFlight>,
    /// Writes that are not outstanding, have no definite answer, and may have been applied.
    unconfirmed: Vec<InFlight>,
    /// Since when nothing was answered.
    silence: Option<Silence>,
}

impl Attempts {
    /// Rule 10: at most two are outstanding.
    pub(super) fn push(&mut self, new: InFlight, step: &mut Step) {
        while self.live.len() >= MOST_OUTSTANDING {
            self.make_room(&new, step);
        }
        // Room for two is all that a leader ever needs, and there may be thousands of electors.
        self.silence.get_or_insert(Silence { since: new.sent, verb: new.verb() });
        self.live.reserve_exact(MOST_OUTSTANDING - self.live.len());
        self.live.push(new);
    }

    /// Drops the one that is missed least: proved, then of another sort, then the one that has had
    /// its time.
    fn make_room(&mut self, new: &InFlight, step: &mut Step) {
        let position = |wanted: &dyn Fn(&InFlight) -> bool| self.live.iter().position(wanted);
        let victim = position(&|t| t.proved)
            .or_else(|| position(&|t| !t.is_like(new)))
            .or_else(|| {
                let expires_first = self.live.iter().enumerate().min_by_key(|(_, t)| t.kept_until);
                expires_first.map(|(position, _)| position)
            })
            .unwrap_or(0);
        let victim = self.live.remove(victim);
        step.drop.push(victim.id);
        self.keep_unconfirmed(victim);
    }

    /// Takes the attempt that was answered out, unless it was dropped before.
    pub(super) fn take(&mut self, id: AttemptId) -> Option<InFlight> {
        let position = self.live.iter().position(|t| t.id == id)?;
        self.silence = None;
        Some(self.live.remove(position))
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
        let Lease { version, record } = lease;
        let mut all = self.live.iter().chain(&self.unconfirmed);
        let proved = all.find(|t| t.is_proved_by(&version.uid, record))?.clone();
        self.unconfirmed.clear();
        self.silence = None;
        self.live.retain_mut(|t| {
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

    /// Drops the updates that wait for an answer, because nothing is left to update; an old 404 may
    /// say so, and then they were applied all the same.
    pub(super) fn give_updates_up(&mut self, step: &mut Step) {
        let live = core::mem::take(&mut self.live);
        let (dropped, live) = live.into_iter().partition(|t| t.base().is_some());
        self.live = live;
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
        if !self.live.iter().chain(&self.unconfirmed).any(old) {
            return None;
        }
        let expired = self.open().filter(|t| old(t)).last().cloned();
        self.drop_if(old, step);
        self.unconfirmed.retain(|t| !old(t));
        expired
    }

    /// Rule 10: drops the writes that a newer version has made void; tells whether any was
    /// outstanding.
    pub(super) fn supersede(&mut self, newest: &Version, step: &mut Step) -> bool {
        let outstanding = self.live.len();
        let void = |t: &InFlight| t.base().is_some_and(|base| base != newest) && !t.proved;
        self.drop_if(void, step);
        self.unconfirmed.retain(|t| !void(t));
        self.live.len() < outstanding
    }

    /// Rule 7: drops the creates that bid for the Lease, for a record was read that none of them
    /// wrote.
    pub(super) fn drop_creates(&mut self, step: &mut Step) {
        self.drop_if(InFlight::creates, step);
    }

    /// Tells whether this record is what an outstanding create would write.
    pub(super) fn would_create(&self, record: &LeaseRecord) -> bool {
        self.live.iter().any(|t| t.creates() && t.record() == Some(record))
    }

    pub(super) fn drop_all(&mut self, step: &mut Step) {
        self.drop_if(|_| true, step);
        self.unconfirmed.clear();
    }

    /// Returns the last write, releases apart, that may have been applied for all that is known.
    pub(super) fn last_write(&self) -> Option<&InFlight> {
        let writes = self.open_writes().chain(&self.unconfirmed);
        writes.filter(|t| !t.releases()).max_by_key(|t| t.sent)
    }

    /// Returns what waits for an answer for longest, if nothing was answered since.
    pub(super) fn silence(&self) -> Option<Silence> {
        self.silence.filter(|_| self.open().next().is_some())
    }

    pub(super) const fn has_unconfirmed(&self) -> bool {
        !self.unconfirmed.is_empty()
    }

    pub(super) fn clear_unconfirmed(&mut self) {
        self.unconfirmed.clear();
    }

    fn drop_if(&mut self, dropped: impl Fn(&InFlight) -> bool, step: &mut Step) {
        self.live.retain(|t| {
            let gone = dropped(t);
            if gone {
                step.drop.push(t.id);
            }
            !gone
        });
    }

    /// The outstanding attempts whose success is not known yet, oldest first.
    pub(super) fn open(&self) -> impl Iterator<Item = &InFlight> {
        self.live.iter().filter(|t| !t.proved)
    }

    pub(super) fn open_reads(&self) -> impl Iterator<Item = &InFlight> {
        self.open().filter(|t| t.reads())
    }

    pub(super) fn open_writes(&self) -> impl Iterator<Item = &InFlight> {
        self.open().filter(|t| !t.reads())
    }

    /// The reads that wait for an answer, in number.
    pub(super) fn reads(&self) -> Outstanding {
        Outstanding::of(self.open_reads())
    }

    /// The writes that wait for an answer, in number.
    pub(super) fn writes(&self) -> Outstanding {
        Outstanding::of(self.open_writes())
    }
}

const MOST_OUTSTANDING: usize = 2;
/// More than fit into a renew deadline with the usual settings; losing one loses no safety.
const MOST_UNCONFIRMED: usize = 16;
