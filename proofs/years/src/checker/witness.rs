//! One replica as the oracles see it.

use std::{sync::Arc, time::Duration};

use super::excuse::Excuse;
use crate::{incarnation::Incarnation, phase::Phase};

/// One replica.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each was seen by itself")]
pub(crate) struct Witness {
    pub(crate) incarnation: Option<Arc<Incarnation>>,
    pub(crate) stage: Stage,
    /// The fence of the term in which it led at the last look.
    pub(super) led: Option<u64>,
    /// That of the last one that is over.
    led_last: Option<u64>,
    /// That of one that ended because of a clock which then was right again.
    resumes: Option<u64>,
    /// When the last applied write of this process was sent, by its own clock.
    last_backing: Option<Duration>,
    /// When a request to write was sent last.
    last_sent: Duration,
    /// It holds a Lease that it created, and has not led since.
    created: bool,
    work: Option<Work>,
    /// Work of the last term was aborted while it led: that Lease is left to run out.
    aborted: bool,
    pub(crate) frozen: bool,
    /// Its timers are late, after the machine was suspended.
    pub(crate) timers_late: bool,
    /// What its clock showed when it sent something last, or handled an answer.
    read_at: Option<Duration>,
    /// Its clock went back behind that, and it has sent nothing since.
    went_back: bool,
    /// It stood still before it could see that. Once the clock shows again what it showed before, the
    /// belief begins again, as after a snapshot of a machine: "Outside the theorem" says that a leader
    /// there goes on until its deadline.
    is_lost_in_time: bool,
    /// A fault that the theorem excludes struck in its term.
    excuse: Option<Excuse>,
    /// A planted bug believes until then.
    believes_until: Duration,
}

/// What a program does with its election.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Stage {
    #[default]
    Idle,
    /// It waits for a term.
    Acquiring,
    /// It does not want one any more, and waits for what becomes of its bids.
    Stopping,
    Leading,
    /// It waits for what becomes of its release.
    Releasing,
}

/// The leader work of one term.
#[derive(Debug)]
struct Work {
    fence: u64,
    /// It has heard of the loss, and stops.
    stopping: bool,
    /// Until when it may take to stop, although clocks run at different rates: the runner's own
    /// budgets presume equal ones.
    stops_until: Option<Duration>,
    /// The process stood still meanwhile, so that it has to ask before it goes on.
    was_frozen: bool,
}

impl Witness {
    /// Begins to watch a process.
    pub(crate) fn watch(&mut self, incarnation: Arc<Incarnation>) {
        self.forget();
        self.incarnation = Some(incarnation);
    }

    pub(crate) fn is(&self, incarnation: &Arc<Incarnation>) -> bool {
        self.incarnation.as_ref().is_some_and(|mine| Arc::ptr_eq(mine, incarnation))
    }

    /// The process is gone, and its work with it.
    pub(crate) fn forget(&mut self) {
        *self = Self { frozen: self.frozen, timers_late: self.timers_late, ..Self::default() };
    }

    /// Returns the fence of the term in which this replica leads now, and for how long it does.
    pub(super) fn belief(
        &mut self,
        at: Duration,
        extended: Option<Duration>,
    ) -> Option<(u64, Duration)> {
        let state = &self.incarnation.as_ref()?.state;
        let left = state.time_left();
        if self.is_lost_in_time {
            // It has seen its clock by now, and does not believe: from here on it is judged.
            self.is_lost_in_time = left.is_some() || self.went_back || self.frozen;
            return None;
        }
        if let Some(more) = extended {
            match left {
                Some(left) => self.believes_until = at + left + more,
                None if at < self.believes_until => {
                    return self.led.map(|term| (term, Duration::ZERO));
                }
                None => {}
            }
        }
        let left = left?;
        self.created = false;
        Some((state.term()?.fence(), left))
    }

    pub(super) const fn leads_no_more(&mut self) {
        if let Some(term) = self.led.take() {
            self.led_last = Some(term);
        }
    }

    /// Tells whether this term only goes on: its clock was wrong for a while, and is right again.
    pub(super) fn resumes(&self, term: u64) -> bool {
        self.resumes == Some(term)
    }

    /// rule 2: belief counts from the send of an applied write, for D at most.
    pub(super) fn is_backed(&self, left: Duration) -> bool {
        let Some(incarnation) = &self.incarnation else { return false };
        let until = incarnation.clock.elapsed() + left;
        self.last_backing.is_some_and(|backing| until <= backing)
    }

    /// A write of this process was applied, which gives belief until then, by its own clock.
    pub(crate) fn note_applied(&mut self, until: Duration, creates: bool) {
        self.last_backing = self.last_backing.max(Some(until));
        self.created |= creates;
        self.excuse = None;
        self.is_lost_in_time = false;
    }

    /// A fault that the theorem excludes struck: its term may go on beside the next one.
    pub(super) fn excuse(&mut self, margin: Duration) {
        let Some(now) = self.now() else { return };
        let backing = self.last_backing.filter(|backing| now < *backing + margin);
        if backing.is_some() || self.work.is_some() {
            self.excuse = Some(Excuse::new(now, backing, margin));
        }
    }

    pub(crate) fn may_lead_beside(&self) -> bool {
        self.now().zip(self.excuse).is_some_and(|(now, excuse)| excuse.may_lead(now))
    }

    fn may_work_beside(&self) -> bool {
        self.now().zip(self.excuse).is_some_and(|(now, excuse)| excuse.may_work(now))
    }

    fn now(&self) -> Option<Duration> {
        Some(self.incarnation.as_ref()?.clock.elapsed())
    }

    /// What it measured by a clock that has gone back says nothing.
    pub(crate) fn clock_goes_back(&mut self, step: Duration) {
        if let Some(excuse) = &mut self.excuse {
            excuse.go_back(step);
        }
        if self.is_behind(self.now().map(|now| now.saturating_sub(step))) {
            self.last_backing = None;
            self.went_back = true;
            self.is_lost_in_time |= self.frozen;
        } else {
            // It was not read since it had gone ahead, or since the process stood still.
            self.is_lost_in_time = true;
            self.resumes = self.led.or(self.led_last);
        }
    }

    /// Tells whether a clock that shows this shows less than when it was certainly read.
    fn is_behind(&self, shows: Option<Duration>) -> bool {
        shows < self.read_at
    }

    pub(crate) fn clock_goes_ahead(&mut self, step: Duration) {
        // It may show again what it showed before it went back, and nobody has read it meanwhile.
        if self.went_back && !self.is_behind(self.now().map(|now| now + step)) {
            self.is_lost_in_time = true;
            self.resumes = self.led.or(self.led_last);
        }
        if let Some(excuse) = &mut self.excuse {
            excuse.go_ahead(step);
        }
    }

    pub(crate) fn sends(&mut self, at: Duration, writes: bool) {
        self.went_back = false;
        self.reads_clock();
        if writes {
            self.last_sent = at;
        }
    }

    pub(crate) fn reads_clock(&mut self) {
        self.read_at = self.now();
    }

    pub(crate) fn begin_work(&mut self, fence: u64) {
        self.aborted = false;
        self.work = Some(Work {
            fence,
            stopping: false,
            stops_until: None,
            was_frozen: self.frozen || self.timers_late,
        });
    }

    /// Work has heard of the loss; what it does after `until` is not judged.
    pub(crate) fn stop_work(&mut self, until: Option<Duration>) {
        if let Some(work) = &mut self.work {
            work.stopping = true;
            work.stops_until = until;
        }
    }

    pub(crate) fn end_work(&mut self, fence: u64) {
        self.work = self.work.take().filter(|work| work.fence != fence);
    }

    /// Work has ended, and not by itself. If it was aborted because its term is over already, a later
    /// release is of another term, which this candidate has won but does not want any more.
    pub(crate) fn abort_work(&mut self, fence: u64) {
        let leads = self.incarnation.as_ref().is_some_and(|mine| mine.state.is_leader());
        self.aborted |= leads && self.work.as_ref().is_some_and(|work| work.fence == fence);
        self.end_work(fence);
    }

    pub(super) const fn has_aborted(&self) -> bool {
        self.aborted
    }

    pub(crate) fn freeze(&mut self, frozen: bool) {
        self.frozen = frozen;
        self.is_lost_in_time |= self.went_back;
        if let Some(work) = &mut self.work {
            work.was_frozen = true;
        }
    }

    pub(crate) const fn last_sent(&self) -> Duration {
        self.last_sent
    }

    pub(super) const fn has_work(&self) -> bool {
        self.work.is_some()
    }

    /// Tells whether work runs now. After the process stood still, and while its timers are late, it asks
    /// `is_leader()` before it goes on: rule 3 says that this is right at once, and that `lost()` resolves at
    /// the next wake-up of the election only.
    fn works(&self, at: Duration) -> bool {
        let Some(incarnation) = &self.incarnation else { return false };
        let Some(work) = &self.work else { return false };
        if work.stops_until.is_some_and(|until| at >= until) {
            return false;
        }
        let leads = incarnation.state.is_leader() && !self.is_lost_in_time;
        !self.frozen && (!work.was_frozen || work.stopping || leads)
    }

    /// Tells whether no other work may run now.
    pub(super) fn works_judged(&self, at: Duration) -> bool {
        self.works(at) && !self.may_work_beside()
    }

    /// Tells whether other work may run beside that of this process, which does not stand still.
    pub(super) fn works_unjudged(&self, at: Duration) -> bool {
        self.has_work() && !self.frozen && !self.works_judged(at)
    }

    pub(super) fn phase(&self) -> Option<Phase> {
        let incarnation = self.incarnation.as_ref()?;
        match self.stage {
            Stage::Acquiring | Stage::Leading if incarnation.state.is_leader() => {
                Some(Phase::Leading)
            }
            Stage::Acquiring if self.created => Some(Phase::Probation),
            Stage::Acquiring => Some(Phase::Contending),
            Stage::Idle | Stage::Leading => None,
            Stage::Stopping => Some(Phase::Withdrawing),
            Stage::Releasing => Some(Phase::Releasing),
        }
    }

    pub(super) fn describe(&self) -> String {
        let left = self.incarnation.as_ref().and_then(|mine| mine.state.time_left());
        format!("{:?}, led {:?} for {left:?}, work {:?}", self.stage, self.led, self.work)
    }
}
