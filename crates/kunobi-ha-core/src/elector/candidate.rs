//! A candidacy: looking at the Lease, and bidding for it when it may be taken.

mod reading;

use core::time::Duration;

use super::{
    Phase,
    attempts::Kind,
    kernel::Kernel,
    pursuit::{Want, join},
};
use crate::{
    observation::{Observation, View},
    step::{Failure, Leadership, Request, Step, Verb},
    time::{ClockReading, Instant, Timestamp},
};

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct Candidacy {
    /// When the next look is due.
    tick: Instant,
    /// Nothing is sent before this.
    hold: Instant,
    /// No read and no write is sent before these: others have failed.
    look_from: Instant,
    write_from: Instant,
    /// A read is due at this instant, and no write before its answer.
    look_first: Option<Instant>,
    /// When the last usable answer came.
    heard: Instant,
    conflicts: u32,
    /// What was refused last, and how long that was waited for.
    refused: Option<(Verb, Duration)>,
    /// The acquireTime of the running takeover, shared by all its attempts.
    bid: Option<Timestamp>,
}

impl Candidacy {
    pub(super) fn begin(kernel: &Kernel, now: Instant, step: &mut Step) -> Self {
        // The end of a term that was noticed in this very step must be seen.
        step.publish.get_or_insert_with(|| following(kernel));
        Self { hold: kernel.contend_from, ..Self::resuming(now) }
    }

    /// A candidacy that never stopped for its user.
    pub(super) fn resuming(now: Instant) -> Self {
        Self {
            tick: now,
            hold: now,
            look_from: now,
            write_from: now,
            look_first: Some(now),
            heard: now,
            conflicts: 0,
            refused: None,
            bid: None,
        }
    }

    pub(super) fn proceed(
        mut self,
        kernel: &mut Kernel,
        reading: ClockReading,
        step: &mut Step,
    ) -> Phase {
        let now = reading.monotonic;
        if now >= self.give_up_at(kernel) {
            return fail(kernel, Failure::ObserveTimeout, step);
        }
        let deadline = kernel.config().renew_deadline;
        kernel.attempts.drop_sent_before(|t| now >= t.sent.after(deadline), step);
        match self.next(now, kernel) {
            Want::Look => {
                kernel.look(now, now.after(deadline), step);
                self.schedule_tick(kernel, now);
            }
            Want::Write => {
                self.write(kernel, reading, step);
                if now >= self.tick {
                    self.schedule_tick(kernel, now);
                }
            }
            Want::Wait(_) => {}
        }
        let next = self.next(now, kernel).wake_at(now);
        let dropped = kernel.attempts.open().map(|t| t.sent.after(deadline)).min();
        step.wake_at = Some(dropped.map_or(next, |at| at.min(next)).min(self.give_up_at(kernel)));
        Phase::Contending(self)
    }

    fn give_up_at(&self, kernel: &Kernel) -> Instant {
        self.heard.after(kernel.config().observe_timeout)
    }

    fn schedule_tick(&mut self, kernel: &mut Kernel, now: Instant) {
        let retry = kernel.config().retry_period;
        self.tick = now.after(kernel.jitter(retry));
    }

    fn next(&self, now: Instant, kernel: &Kernel) -> Want {
        let looks = join(kernel.attempts.open_looks());
        let writes = join(kernel.attempts.open_writes());
        let bid = kernel.attempts.open_writes().next();
        let bidding = bid.is_some();
        // A create that has landed unanswered shows as a record: nothing may join it then.
        let joinable = bid.is_some_and(|t| t.base.as_ref() == kernel.sight.version());
        let look_at = match (self.look_first, bidding) {
            (Some(at), _) => looks.due(at),
            (None, true) => None,
            (None, false) => looks.due(self.tick),
        };
        let write_at = match self.look_first {
            Some(_) => None,
            None if joinable => writes.due(now).map(|at| at.max(self.write_from)),
            None if bidding => None,
            None => kernel
                .sight
                .takeable_from(kernel.config().lease_duration)
                .map(|at| at.max(self.write_from)),
        };
        let look_at = look_at.map(|at| at.max(self.look_from));
        let due = |at: Option<Instant>| at.map(|at| at.max(self.hold));
        let (look_at, write_at) = (due(look_at), due(write_at));
        if write_at.is_some_and(|at| now >= at) {
            Want::Write
        } else if look_at.is_some_and(|at| now >= at) {
            Want::Look
        } else {
            let wake = [look_at, write_at].into_iter().flatten().min();
            Want::Wait(wake.unwrap_or_else(|| self.give_up_at(kernel)))
        }
    }

    fn write(&mut self, kernel: &mut Kernel, reading: ClockReading, step: &mut Step) {
        let now = reading.monotonic;
        let deadline = now.after(kernel.config().renew_deadline);
        let acquire_time =
            *self.bid.get_or_insert_with(|| reading.wall.with_digits(reading.digits));
        let seen = match &kernel.sight.view {
            View::Present(Observation { version, record, .. }) => {
                Some((version.clone(), record.clone()))
            }
            View::Absent { .. } | View::Unknown => None,
        };
        let (kind, request) = if let Some((version, seen)) = seen {
            kernel.claim(&version.uid, acquire_time);
            let transitions = seen.transitions().saturating_add(1);
            let record = kernel.record(transitions, acquire_time, Some(&seen), reading);
            (Kind::Takeover, Request::Update { version, record })
        } else {
            let record = kernel.record(0, acquire_time, None, reading);
            let via = kernel.create_via;
            (Kind::Create(via), Request::Create { record, via })
        };
        kernel.send(kind, request, now, deadline, step);
    }
}

pub(super) fn withdraw(kernel: &mut Kernel, step: &mut Step) -> Phase {
    kernel.attempts.drop_all(step);
    step.publish = Some(Leadership::Withdrawn);
    Phase::Idle
}

pub(super) fn following(kernel: &Kernel) -> Leadership {
    let holder = kernel.sight.present().and_then(|seen| seen.record.holder.clone());
    Leadership::Following { holder }
}

fn fail(kernel: &mut Kernel, failure: Failure, step: &mut Step) -> Phase {
    kernel.attempts.drop_all(step);
    step.publish = Some(Leadership::Failed(failure));
    step.wake_at = None;
    Phase::Idle
}
