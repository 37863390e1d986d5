//! Holding the Lease: renewing it, and noticing when it is lost. The phase says whether the holder
//! believes in its term.

mod answers;

use super::{
    attempts::Attempts, in_flight::Purpose, outstanding::Want, traffic::Traffic, turn::Turn,
    writer::TermFields,
};
use crate::{
    leadership::{Leadership, StepDownReason},
    lease::{Lease, Tenure},
    notice::Setback,
    pace::Pace,
    request::{Request, Verb},
    time::{Instant, Timestamp},
};

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct Holding {
    pub(super) traffic: Traffic,
    pub(super) tenure: Tenure,
    pub(super) valid_until: Instant,
}

/// What comes of a turn for a Lease that is held.
#[derive(Clone, Copy)]
#[must_use]
pub(super) enum Held {
    /// Nothing is new.
    On,
    /// It is ours for longer.
    Renewed,
    /// The same, in a Lease that we have created again.
    Recreated,
    /// The term is over.
    Lost(StepDownReason),
}

impl Holding {
    /// Begins the term with this acquireTime. The write that won it was sent at `sent`.
    pub(super) fn begin(
        lease: Lease,
        acquire_time: Timestamp,
        sent: Instant,
        turn: &mut Turn<'_>,
    ) -> Self {
        let tenure = Tenure::begun_by(&lease, acquire_time);
        let (deadline, retry) = (turn.config().renew_deadline, turn.config().retry_period);
        turn.memory.grace.written(&tenure.uid, sent);
        turn.memory.own_terms.claim(&tenure.uid, acquire_time);
        turn.adopt_own(lease);
        let traffic = Traffic::starting_at(sent.after(retry), Attempts::default());
        // Rule 2: the deadline counts from the send.
        Self { traffic, tenure, valid_until: sent.after(deadline) }
    }

    /// What readers of a term that is believed in see.
    pub(super) const fn leadership(&self) -> Leadership {
        Leadership::Leading { term: self.tenure.term, valid_until: self.valid_until }
    }

    /// Rule 3: tells whether time has ended the term.
    pub(super) fn pass_time(&self, turn: &Turn<'_>) -> Held {
        if turn.clock_went_back() {
            // Rule 3: no deadline of a clock that steps back can be trusted.
            Held::Lost(StepDownReason::ClockWentBack)
        } else if turn.now() >= self.valid_until {
            Held::Lost(StepDownReason::RenewDeadlineExceeded)
        } else {
            Held::On
        }
    }

    /// Sends what is due, a renewal or a read.
    pub(super) fn proceed(&mut self, turn: &mut Turn<'_>) {
        match self.next(turn.now()) {
            Want::Read => {
                let pace = Pace::of_leader(turn.config(), self.valid_until);
                self.traffic.read(Purpose::Hold, pace, turn);
            }
            Want::Write => self.write(turn),
            Want::Wait(_) => {}
        }
        self.traffic.tell(turn);
        self.traffic.set_wake(self.next(turn.now()), turn);
    }

    pub(super) fn next(&self, now: Instant) -> Want {
        let Traffic { attempts, schedule, .. } = &self.traffic;
        schedule.next(now, self.valid_until, attempts, |_| true)
    }

    fn write(&mut self, turn: &mut Turn<'_>) {
        let reading = turn.reading();
        let term = TermFields::from(self.tenure.term);
        let memory = &mut *turn.memory;
        let request = if let Some(seen) = memory.view.present() {
            let record = memory.writer.record(term, Some(&seen.lease.record), reading);
            Request::Update { version: seen.lease.version.clone(), record }
        } else {
            let record = memory.writer.record(term, None, reading);
            Request::Create { record, via: memory.writer.create_via }
        };
        let pace = Pace::of_leader(turn.config(), self.valid_until);
        self.traffic.write(Purpose::Hold, request, pace, turn);
    }

    /// Returns what has kept the term from being renewed.
    pub(super) fn cause(&self, turn: &Turn<'_>) -> Option<(Verb, Setback)> {
        let Traffic { attempts, progress, .. } = &self.traffic;
        progress.cause(attempts.silence(), turn.config(), turn.now())
    }

    pub(super) fn drop_all(&mut self, turn: &mut Turn<'_>) {
        self.traffic.attempts.drop_all(&mut turn.step);
    }
}

#[cfg(feature = "model")]
impl Holding {
    pub(super) fn canonical(&mut self, horizon: core::time::Duration, frame: &crate::model::Frame) {
        self.traffic.schedule.canonical(&self.traffic.attempts, horizon, frame);
        self.traffic.canonical(horizon, frame);
        self.valid_until = frame.due(self.valid_until);
    }

    pub(super) fn rename(&mut self, names: &mut dyn crate::model::Rename) {
        self.traffic.attempts.rename(names);
        self.tenure.rename(names);
    }
}
