//! A candidacy: looking at the Lease, and bidding for it when it may be taken.

mod following;
mod reading;

use alloc::boxed::Box;

use self::following::Following;
use super::{
    Phase,
    attempts::{Attempts, Kind, Try},
    kernel::Kernel,
    pace::Pace,
    progress::Progress,
    pursuit::Want,
    schedule::Schedule,
    withdrawal::Withdrawal,
};
use crate::{
    observation::{Observation, View},
    step::{Failure, Leadership, Request, Setback, Step},
    time::{ClockReading, Instant, Timestamp},
};

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct Candidacy {
    pub(super) attempts: Attempts,
    pub(super) progress: Progress,
    following: Following,
    schedule: Schedule,
    /// When the last usable answer came.
    heard: Instant,
    /// The acquireTime of the running takeover, shared by all its attempts.
    bid: Option<Timestamp>,
}

impl Candidacy {
    pub(super) fn begin(kernel: &Kernel, now: Instant, step: &mut Step) -> Self {
        // The end of a term that was noticed in this very step must be seen.
        step.publish.get_or_insert_with(|| following(kernel));
        Self { schedule: Schedule::starting(now, kernel.contend_from), ..Self::resuming(now) }
    }

    /// A candidacy that never stopped for its user.
    pub(super) fn resuming(now: Instant) -> Self {
        Self {
            attempts: Attempts::default(),
            progress: Progress::default(),
            following: Following::default(),
            schedule: Schedule::starting(now, now),
            heard: now,
            bid: None,
        }
    }

    /// Begins again: the clock that everything was measured by went back.
    pub(super) fn restart(mut self, now: Instant, step: &mut Step) -> Self {
        self.attempts.drop_all(step);
        Self::resuming(now)
    }

    pub(super) fn proceed(
        mut self: Box<Self>,
        kernel: &mut Kernel,
        reading: ClockReading,
        step: &mut Step,
    ) -> Phase {
        let now = reading.monotonic;
        let config = kernel.config();
        let (deadline, patience) = (config.renew_deadline, config.observe_timeout);
        if self.progress.hopeless_at(patience).is_some_and(|at| now >= at) {
            return self.fail(Failure::ObserveTimeout, step);
        }
        if let Some(old) = self.attempts.expire(now, deadline, step)
            // A create that has landed unanswered shows as a record.
            && (old.kind.reads() || old.base.as_ref() == kernel.sight.version())
        {
            self.failed(kernel, &old, Setback::Unanswered, now);
        }
        match self.schedule.next(now, &self.attempts, kernel) {
            Want::Look => {
                if self.attempts.open_writes().next().is_some() {
                    self.schedule.reads_instead(now);
                }
                let joins = self.attempts.open_looks().next().is_some();
                let pace = Pace::of_candidate(kernel.config(), now);
                kernel.look(&mut self.attempts, now, pace, step);
                if joins {
                    self.schedule.sent(kernel, now);
                } else {
                    self.schedule.looked(kernel, now);
                }
                self.progress.asked(now);
            }
            Want::Write => {
                self.write(kernel, reading, step);
                self.schedule.sent(kernel, now);
                self.progress.asked(now);
            }
            Want::Wait(_) => {}
        }
        let silence = self.attempts.silence();
        self.progress.tell(silence, kernel.config(), now, step);
        self.following.tell(&kernel.sight, kernel.config().retry_period, now, step);
        let next = self.schedule.next(now, &self.attempts, kernel).wake_at(now);
        let expires = self.attempts.open().map(|t| t.sent.after(deadline)).min();
        let wakes = [
            expires,
            self.progress.hopeless_at(patience),
            self.progress.tell_at(silence, kernel.config()),
            self.following.tell_at(&kernel.sight),
        ];
        step.wake_at = Some(wakes.into_iter().flatten().fold(next, Instant::min));
        Phase::Contending(self)
    }

    fn write(&mut self, kernel: &mut Kernel, reading: ClockReading, step: &mut Step) {
        let now = reading.monotonic;
        let pace = Pace::of_candidate(kernel.config(), now);
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
            kernel.creates(acquire_time);
            let record = kernel.record(0, acquire_time, None, reading);
            let via = kernel.create_via;
            (Kind::Create(via), Request::Create { record, via })
        };
        kernel.send(&mut self.attempts, kind, request, now, pace, step);
    }

    fn failed(&mut self, kernel: &mut Kernel, attempt: &Try, setback: Setback, now: Instant) {
        self.progress.failed(attempt, setback, now);
        if attempt.kind.reads() {
            self.schedule.read_failed(kernel, now);
        } else {
            self.schedule.write_failed(kernel, now);
        }
    }

    pub(super) fn heard_of_deletion(&mut self, now: Instant) {
        self.schedule.heard_of_deletion(now);
    }

    /// What is known now leaves nothing to write: all is well.
    fn judge_progress(&mut self, kernel: &Kernel, now: Instant) {
        // What is waited out is the own write, which something on the way has altered.
        let own = kernel.sight.present().is_some_and(|seen| kernel.is_under_our_name(&seen.record));
        if own && self.progress.is_altered() {
            return;
        }
        if kernel.sight.takeable_from().is_some_and(|at| now < at) {
            self.progress.made();
            self.schedule.progressed();
        }
    }

    /// Gives up; what was bid for is given back, if it is won.
    pub(super) fn step_down(mut self, kernel: &Kernel, now: Instant, step: &mut Step) -> Phase {
        match Withdrawal::of(&mut self.attempts, kernel, now, step) {
            Some(withdrawal) => Phase::Withdrawing(Box::new(withdrawal)),
            None => self.withdraw(step),
        }
    }

    pub(super) fn withdraw(mut self, step: &mut Step) -> Phase {
        self.attempts.drop_all(step);
        step.publish(Leadership::Withdrawn);
        Phase::Idle
    }

    fn fail(mut self, failure: Failure, step: &mut Step) -> Phase {
        self.attempts.drop_all(step);
        step.publish(Leadership::Failed(failure));
        step.wake_at = None;
        Phase::Idle
    }
}

pub(super) fn following(kernel: &Kernel) -> Leadership {
    let holder = kernel.sight.present().and_then(|seen| seen.record.holder.clone());
    Leadership::Following { holder }
}
