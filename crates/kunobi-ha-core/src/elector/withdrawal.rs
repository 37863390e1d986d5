//! The end of a candidacy whose write may still be applied: it is found out, and what it has won is
//! given back without ever being believed.

use alloc::boxed::Box;

use super::{
    Phase,
    attempts::{Attempts, Kind, Try},
    kernel::Kernel,
    pace::Pace,
    pursuit::{Open, Want, join},
    release::Releasing,
};
use crate::{
    input::Outcome,
    observation::{Freshness, Source},
    record::{LeaseRecord, LeaseTime, Tenure, Term, Version},
    step::{Leadership, Notice, Release, Step},
    time::{Instant, Timestamp},
};

/// Nobody here believes, or will; a write of ours may have been applied, or may be yet.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct Withdrawal {
    /// The acquireTime of what was bid for.
    bid: Timestamp,
    pub(super) attempts: Attempts,
    /// Whether a write may have been applied that is not outstanding.
    in_doubt: bool,
    /// No read is sent before this.
    look_from: Instant,
    deadline: Instant,
    /// When others may take the Lease over if it is ours and is not released.
    held_until: Instant,
}

impl Withdrawal {
    /// Takes over what a candidate has under way, and may have an effect that can be undone.
    pub(super) fn of(
        attempts: &mut Attempts,
        kernel: &Kernel,
        now: Instant,
        step: &mut Step,
    ) -> Option<Self> {
        let last = attempts.last_write()?;
        let config = kernel.config();
        // What a creator released at once would be taken at once, by somebody without a grace.
        if matches!(last.kind, Kind::Create(_)) && !config.create_grace.is_zero() {
            return None;
        }
        let LeaseTime::At(bid) = last.record.as_ref()?.acquire_time else { return None };
        let held_until = last.sent.after(config.lease_duration);
        let in_doubt = attempts.has_doubtful();
        attempts.drop_looks(step);
        let deadline = now.after(config.release_timeout);
        let attempts = core::mem::take(attempts);
        Some(Self { bid, attempts, in_doubt, look_from: now, deadline, held_until })
    }

    pub(super) fn proceed(
        mut self: Box<Self>,
        kernel: &mut Kernel,
        now: Instant,
        step: &mut Step,
    ) -> Phase {
        if !self.in_doubt && self.attempts.open_writes().next().is_none() {
            return self.withdraw(step);
        }
        if now >= self.deadline {
            return self.give_up(kernel, now, step);
        }
        if let Want::Look = self.next(now) {
            let pace = Pace::of_release(kernel.config(), self.deadline);
            kernel.look(&mut self.attempts, now, pace, step);
            // The write that made room for it may have been applied.
            self.in_doubt |= self.attempts.has_doubtful();
        }
        step.wake_at = Some(self.next(now).wake_at(now));
        Phase::Withdrawing(self)
    }

    /// A read joins the write that is awaited; two writes leave no room for it.
    fn next(&self, now: Instant) -> Want {
        let due = match (join(self.attempts.open_writes()), join(self.attempts.open_looks())) {
            // Of two writes that are unanswered, one makes room for a read in the end.
            (Open::Two { replace_at }, Open::None) => Some(replace_at.max(self.look_from)),
            (_, Open::Two { replace_at }) => Some(replace_at),
            (Open::One { .. } | Open::Two { .. }, Open::One { .. }) => None,
            (Open::One { join_at, .. }, Open::None) => Some(join_at.max(self.look_from)),
            (Open::None, Open::None) => Some(self.look_from),
            (Open::None, Open::One { join_at, .. }) => Some(join_at),
        };
        match due {
            Some(at) if now >= at => Want::Look,
            Some(at) => Want::Wait(at.min(self.deadline)),
            None => Want::Wait(self.deadline),
        }
    }

    pub(super) fn answered(
        mut self: Box<Self>,
        kernel: &mut Kernel,
        attempt: &Try,
        outcome: Outcome,
        now: Instant,
        step: &mut Step,
    ) -> Phase {
        let read = attempt.kind.reads();
        match outcome {
            Outcome::Found { version, record } if read => {
                return self.saw(kernel, Source::Answer(attempt.id), version, record, now, step);
            }
            Outcome::Absent if read => {
                if kernel.sight.heard_after_newest(attempt.id) {
                    self.attempts.drop_void(Kind::Takeover, step);
                    kernel.sight.absent(now);
                }
                self.looked(kernel, now);
            }
            Outcome::Written { version, record, created } if !read => {
                return self.written(kernel, attempt, (version, record, created), now, step);
            }
            Outcome::Unknown { .. } if !read => self.doubt(now, step),
            // One that is not outstanding may have won since the last read.
            Outcome::Conflict if !read && self.attempts.has_doubtful() => self.doubt(now, step),
            // Its twin may have won.
            Outcome::Conflict if !read => self.look_from = now,
            Outcome::Absent
            | Outcome::Conflict
            | Outcome::Found { .. }
            | Outcome::MethodNotAllowed
            | Outcome::Refused(_)
            | Outcome::Rejected { .. }
            | Outcome::Unknown { .. }
            | Outcome::Written { .. } => {
                let retry = kernel.config().retry_period;
                self.look_from = now.after(kernel.jitter(retry / 4));
            }
        }
        Phase::Withdrawing(self)
    }

    /// What is read from now on tells whether a write was applied that is not outstanding any more.
    fn doubt(&mut self, now: Instant, step: &mut Step) {
        self.attempts.drop_looks(step);
        self.in_doubt = true;
        self.look_from = now;
    }

    /// A read has not shown what was bid for; what is outstanding may still be applied.
    fn looked(&mut self, kernel: &mut Kernel, now: Instant) {
        self.in_doubt = false;
        let retry = kernel.config().retry_period;
        self.look_from = now.after(kernel.jitter(retry));
    }

    fn written(
        self: Box<Self>,
        kernel: &mut Kernel,
        attempt: &Try,
        (version, record, created): (Version, LeaseRecord, bool),
        now: Instant,
        step: &mut Step,
    ) -> Phase {
        let is_create = matches!(attempt.kind, Kind::Create(_));
        if is_create && created {
            kernel.created(&version.uid, &record.acquire_time, now);
        }
        if is_create && !created {
            step.notices.push(Notice::CreateOverwrote);
        } else if !attempt.has_written(&version) {
            step.notices.push(Notice::NothingWritten);
        } else if self.is_bid(kernel, &record) && !kernel.sight.has_passed(&version) {
            return self.won(kernel, version, record, now, step);
        }
        Phase::Withdrawing(self)
    }

    /// A record was read.
    pub(super) fn saw(
        mut self: Box<Self>,
        kernel: &mut Kernel,
        source: Source,
        version: Version,
        record: LeaseRecord,
        now: Instant,
        step: &mut Step,
    ) -> Phase {
        match kernel.sight.judge(source, &version) {
            Freshness::Current => {}
            Freshness::Stale => return Phase::Withdrawing(self),
            Freshness::Rewound { from, to } => {
                kernel.rewind(from, to, step);
                kernel.read(version, record, now, step);
                return self.withdraw(step);
            }
        }
        if self.is_bid(kernel, &record) {
            return self.won(kernel, version, record, now, step);
        }
        self.attempts.drop_creates(step);
        self.attempts.supersede(&version, step);
        kernel.read(version, record, now, step);
        if let Source::Answer(_) = source {
            self.looked(kernel, now);
        }
        Phase::Withdrawing(self)
    }

    fn is_bid(&self, kernel: &Kernel, record: &LeaseRecord) -> bool {
        kernel.is_under_our_name(record) && record.acquire_time == LeaseTime::At(self.bid)
    }

    /// The write was applied: what would have been a term is given back.
    fn won(
        mut self,
        kernel: &mut Kernel,
        version: Version,
        record: LeaseRecord,
        now: Instant,
        step: &mut Step,
    ) -> Phase {
        if !kernel.may_believe(&version.uid, now) {
            return self.withdraw(step);
        }
        self.attempts.supersede(&version, step);
        let term = Term::new(version.resource_version.get(), record.transitions(), self.bid);
        let tenure = Tenure { term, uid: version.uid.clone() };
        kernel.claim(&version.uid, self.bid);
        kernel.wrote(version, record, now);
        let Self { attempts, deadline, held_until, .. } = self;
        Phase::Releasing(Box::new(Releasing::of(tenure, attempts, (now, deadline), held_until)))
    }

    pub(super) fn withdraw(mut self, step: &mut Step) -> Phase {
        self.attempts.drop_all(step);
        step.publish(Leadership::Withdrawn);
        step.wake_at = None;
        Phase::Idle
    }

    /// It can't be found out in time.
    pub(super) fn give_up(mut self, kernel: &mut Kernel, now: Instant, step: &mut Step) -> Phase {
        self.attempts.drop_all(step);
        kernel.contend_from = now.after(kernel.config().retry_period * 2);
        step.publish(Leadership::Released(Release::StillHeld { until: self.held_until }));
        step.wake_at = None;
        Phase::Idle
    }
}
