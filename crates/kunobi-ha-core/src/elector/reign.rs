//! A term of ours: renewing it, and seeing that it is over.

mod reading;

use super::{
    Phase,
    attempts::{Kind, Try},
    candidate::{Candidacy, following},
    kernel::Kernel,
    pursuit::{Pursuit, Want},
    release::Releasing,
};
use crate::{
    record::{LeaseRecord, LeaseTime, Term, Uid, Version},
    step::{Leadership, Request, Step, StepDownReason},
    time::{ClockReading, Instant, Timestamp},
};

/// The Lease is ours; whether we believe in it is another matter while a grace runs.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct Reign {
    pub(super) term: Term,
    pub(super) uid: Uid,
    pub(super) valid_until: Instant,
    pub(super) pursuit: Pursuit,
    /// The newest `renewTime` that is known to have been written.
    renew_time: LeaseTime,
    /// Belief begins with a write that is sent at this instant or later.
    grace_until: Option<Instant>,
    began: Instant,
}

impl Reign {
    /// Begins the term that this write has won.
    pub(super) fn begin(
        kernel: &mut Kernel,
        won: &Try,
        version: Version,
        record: LeaseRecord,
        now: Instant,
        step: &mut Step,
    ) -> Self {
        let acquire_time = match record.acquire_time {
            LeaseTime::At(time) => time,
            LeaseTime::Absent | LeaseTime::Text(_) => Timestamp::from_unix_micros(0),
        };
        let term = Term::new(version.resource_version.get(), record.transitions(), acquire_time);
        let config = kernel.config();
        let (deadline, retry, grace) =
            (config.renew_deadline, config.retry_period, config.create_grace);
        let graced = matches!(won.kind, Kind::Create(_)) && !grace.is_zero();
        let reign = Self {
            term,
            uid: version.uid.clone(),
            valid_until: won.sent.after(deadline),
            pursuit: Pursuit::starting_at(won.sent.after(retry)),
            renew_time: record.renew_time.clone(),
            grace_until: graced.then(|| now.after(grace)),
            began: now,
        };
        kernel.attempts.drop_all(step);
        kernel.claim(&version.uid, acquire_time);
        kernel.wrote(version, record, now);
        if graced {
            step.publish = Some(following(kernel));
        }
        reign.publish(step);
        reign
    }

    fn publish(&self, step: &mut Step) {
        if self.grace_until.is_none() {
            step.publish =
                Some(Leadership::Leading { term: self.term, valid_until: self.valid_until });
        }
    }

    pub(super) fn proceed(
        mut self,
        kernel: &mut Kernel,
        reading: ClockReading,
        step: &mut Step,
    ) -> Phase {
        let now = reading.monotonic;
        match self.next(now, kernel) {
            Want::Look => kernel.look(now, self.valid_until, step),
            Want::Wait(until) => {
                step.wake_at = Some(until);
                return Phase::Leading(self);
            }
            Want::Write => {
                self.write(kernel, reading, step);
                self.pursuit.sent();
            }
        }
        step.wake_at = Some(self.next(now, kernel).wake_at(now));
        Phase::Leading(self)
    }

    fn next(&self, now: Instant, kernel: &Kernel) -> Want {
        self.pursuit.next(now, self.valid_until, &kernel.attempts, |_| true)
    }

    fn write(&self, kernel: &mut Kernel, reading: ClockReading, step: &mut Step) {
        let onto = kernel.sight.present().map(|seen| (seen.version.clone(), seen.record.clone()));
        let term = self.term;
        let record = kernel.record(
            term.transitions(),
            term.acquire_time(),
            onto.as_ref().map(|(_, record)| record),
            reading,
        );
        let (kind, request) = if let Some((version, _)) = onto {
            (Kind::Renew, Request::Update { version, record })
        } else {
            let via = kernel.create_via;
            (Kind::Recreate(via), Request::Create { record, via })
        };
        kernel.send(kind, request, reading.monotonic, self.valid_until, step);
    }

    pub(super) fn is_of_term(&self, record: &LeaseRecord, identity: &str) -> bool {
        record.holder.as_deref() == Some(identity)
            && record.transitions() == self.term.transitions()
            && record.acquire_time == LeaseTime::At(self.term.acquire_time())
    }

    pub(super) fn end(
        self,
        kernel: &mut Kernel,
        reason: StepDownReason,
        now: Instant,
        step: &mut Step,
    ) -> Phase {
        kernel.attempts.drop_all(step);
        if self.grace_until.is_some() {
            step.publish.get_or_insert_with(|| following(kernel));
            return Phase::Contending(Candidacy::resuming(now));
        }
        self.count_flap(kernel, reason, now);
        step.publish = Some(Leadership::Ended { term: self.term, reason });
        step.wake_at = None;
        Phase::Idle
    }

    fn count_flap(&self, kernel: &mut Kernel, reason: StepDownReason, now: Instant) {
        if now.since(self.began) >= kernel.config().lease_duration {
            kernel.flaps = 0;
        } else if reason != StepDownReason::Cancelled {
            kernel.flaps = kernel.flaps.saturating_add(1);
        }
    }

    /// Stops believing, then gives the Lease back.
    pub(super) fn step_down(self, kernel: &mut Kernel, now: Instant, step: &mut Step) -> Phase {
        if self.grace_until.is_some() {
            return self.withdraw(kernel, step);
        }
        self.count_flap(kernel, StepDownReason::Cancelled, now);
        step.publish =
            Some(Leadership::Ended { term: self.term, reason: StepDownReason::Cancelled });
        Phase::Releasing(Releasing::new(self, kernel, now))
    }

    pub(super) fn withdraw(self, kernel: &mut Kernel, step: &mut Step) -> Phase {
        kernel.attempts.drop_all(step);
        step.publish = Some(if self.grace_until.is_some() {
            Leadership::Withdrawn
        } else {
            Leadership::Ended { term: self.term, reason: StepDownReason::Cancelled }
        });
        Phase::Idle
    }
}
