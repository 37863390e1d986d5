//! A term of ours: renewing it, and seeing that it is over.

mod reading;

use alloc::boxed::Box;

use super::{
    Phase,
    attempts::{Attempts, Kind, Try},
    candidate::{Candidacy, following},
    kernel::Kernel,
    pace::Pace,
    progress::Progress,
    pursuit::{Pursuit, Want},
    release::Releasing,
};
use crate::{
    record::{LeaseRecord, LeaseTime, Tenure, Term, Version},
    step::{Leadership, Notice, Request, Step, StepDownReason},
    time::{ClockReading, Instant, Timestamp},
};

/// The Lease is ours; whether we believe in it is another matter while a grace runs.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct Reign {
    pub(super) attempts: Attempts,
    pub(super) progress: Progress,
    pub(super) tenure: Tenure,
    pub(super) valid_until: Instant,
    pub(super) pursuit: Pursuit,
    /// Whether the grace of the Lease, if it has one, is over.
    believes: bool,
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
        let (deadline, retry) = (config.renew_deadline, config.retry_period);
        let reign = Self {
            attempts: Attempts::default(),
            progress: Progress::default(),
            tenure: Tenure { term, uid: version.uid.clone() },
            valid_until: won.sent.after(deadline),
            pursuit: Pursuit::starting_at(won.sent.after(retry)),
            believes: kernel.may_believe(&version.uid, won.sent),
            began: now,
        };
        kernel.claim(&version.uid, acquire_time);
        kernel.wrote(version, record, now);
        if reign.believes {
            reign.publish(step);
        } else {
            step.publish(following(kernel));
        }
        reign
    }

    fn publish(&self, step: &mut Step) {
        step.publish(Leadership::Leading { term: self.tenure.term, valid_until: self.valid_until });
    }

    pub(super) fn proceed(
        mut self: Box<Self>,
        kernel: &mut Kernel,
        reading: ClockReading,
        step: &mut Step,
    ) -> Phase {
        let now = reading.monotonic;
        match self.next(now) {
            Want::Look => {
                let pace = Pace::of_leader(kernel.config(), self.valid_until);
                kernel.look(&mut self.attempts, now, pace, step);
            }
            Want::Write => {
                self.write(kernel, reading, step);
                self.pursuit.sent();
            }
            Want::Wait(_) => {}
        }
        let (silence, config) = (self.attempts.silence(), kernel.config());
        self.progress.tell(silence, config, now, step);
        let wake = self.next(now).wake_at(now);
        let tell_at = self.progress.tell_at(silence, config);
        step.wake_at = Some(tell_at.map_or(wake, |at| at.min(wake)));
        Phase::Leading(self)
    }

    fn next(&self, now: Instant) -> Want {
        self.pursuit.next(now, self.valid_until, &self.attempts, |_| true)
    }

    fn write(&mut self, kernel: &mut Kernel, reading: ClockReading, step: &mut Step) {
        let onto = kernel.sight.present().map(|seen| (seen.version.clone(), seen.record.clone()));
        let term = self.tenure.term;
        let record = kernel.record(
            term.transitions(),
            term.acquire_time(),
            onto.as_ref().map(|(_, record)| record),
            reading,
        );
        let (kind, request) = if let Some((version, _)) = onto {
            (Kind::Renew, Request::Update { version, record })
        } else {
            if !self.believes {
                kernel.creates(term.acquire_time());
            }
            let via = kernel.create_via;
            (Kind::Recreate(via), Request::Create { record, via })
        };
        let pace = Pace::of_leader(kernel.config(), self.valid_until);
        kernel.send(&mut self.attempts, kind, request, reading.monotonic, pace, step);
    }

    pub(super) fn end(
        mut self,
        kernel: &mut Kernel,
        reason: StepDownReason,
        now: Instant,
        step: &mut Step,
    ) -> Phase {
        let cause = self.progress.cause(self.attempts.silence(), kernel.config(), now);
        self.attempts.drop_all(step);
        if !self.believes {
            step.publish.get_or_insert_with(|| following(kernel));
            return Phase::Contending(Box::new(Candidacy::resuming(now)));
        }
        self.count_flap(kernel, reason, now);
        step.publish(Leadership::Ended { term: self.tenure.term, reason });
        if let (StepDownReason::RenewDeadlineExceeded, Some((verb, setback))) = (reason, cause) {
            step.notices.push(Notice::Lapsed { verb, setback });
        }
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
        if !self.believes {
            return self.withdraw(step);
        }
        self.count_flap(kernel, StepDownReason::Cancelled, now);
        step.publish(Leadership::Ended {
            term: self.tenure.term,
            reason: StepDownReason::Cancelled,
        });
        Phase::Releasing(Box::new(Releasing::new(self, kernel, now)))
    }

    pub(super) fn withdraw(mut self, step: &mut Step) -> Phase {
        self.attempts.drop_all(step);
        step.publish(if self.believes {
            Leadership::Ended { term: self.tenure.term, reason: StepDownReason::Cancelled }
        } else {
            Leadership::Withdrawn
        });
        Phase::Idle
    }
}
