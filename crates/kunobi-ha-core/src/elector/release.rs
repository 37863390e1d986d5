//! Giving the Lease back after the term has ended: bounded, and truthful about what became of it.

use super::{
    Phase,
    attempts::{Kind, Try},
    kernel::Kernel,
    pursuit::{Pursuit, Want},
    reign::Reign,
};
use crate::{
    observation::{Freshness, Source, View},
    record::{LeaseRecord, Version},
    step::{Leadership, Notice, Outcome, Release, Request, Step},
    time::{ClockReading, Instant},
};

/// Nobody here believes any more; the Lease may still carry our name.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct Releasing {
    /// The term that has ended: only its record may be released.
    ended: Reign,
    pursuit: Pursuit,
    deadline: Instant,
    /// When others may take the Lease over if the release fails.
    held_until: Instant,
}

impl Releasing {
    pub(super) fn new(ended: Reign, kernel: &Kernel, now: Instant) -> Self {
        let config = kernel.config();
        let remaining = config.lease_duration.saturating_sub(config.renew_deadline);
        Self {
            pursuit: Pursuit::starting_at(now),
            deadline: now.after(config.release_timeout),
            held_until: ended.valid_until.after(remaining),
            ended,
        }
    }

    pub(super) fn proceed(
        mut self,
        kernel: &mut Kernel,
        reading: ClockReading,
        step: &mut Step,
    ) -> Phase {
        let now = reading.monotonic;
        let gone = !matches!(kernel.sight.view, View::Present(_));
        let pending = self.pursuit.awaits_look() || kernel.attempts.open().next().is_some();
        let over = if now >= self.deadline {
            Some(self.still_held(kernel))
        } else if gone && !pending {
            Some(Release::NotOurs)
        } else {
            None
        };
        if let Some(release) = over {
            // One publication a step: readers must see the end of the term first.
            if step.publish.is_some() {
                step.wake_at = Some(now);
                return Phase::Releasing(self);
            }
            return finish(kernel, release, now, step);
        }
        match self.next(now, kernel) {
            Want::Look => kernel.look(now, self.deadline, step),
            Want::Write => {
                self.write(kernel, reading, step);
                self.pursuit.sent();
            }
            Want::Wait(until) => {
                step.wake_at = Some(until);
                return Phase::Releasing(self);
            }
        }
        step.wake_at = Some(self.next(now, kernel).wake_at(now));
        Phase::Releasing(self)
    }

    fn next(&self, now: Instant, kernel: &Kernel) -> Want {
        let own = |kind| kind == Kind::Release;
        match self.pursuit.next(now, self.deadline, &kernel.attempts, own) {
            // The Lease was deleted; what would create it anew is still under way.
            Want::Write if kernel.sight.present().is_none() => Want::Wait(self.deadline),
            want @ (Want::Look | Want::Wait(_) | Want::Write) => want,
        }
    }

    /// Every write that may still be applied holds the Lease for as long again.
    fn still_held(&self, kernel: &Kernel) -> Release {
        let lease = kernel.config().lease_duration;
        let sent =
            kernel.attempts.open_writes().filter(|t| t.kind != Kind::Release).map(|t| t.sent);
        let until = sent.map(|sent| sent.after(lease)).max().unwrap_or(self.held_until);
        Release::StillHeld { until: until.max(self.held_until) }
    }

    fn write(&self, kernel: &mut Kernel, reading: ClockReading, step: &mut Step) {
        let Some(seen) = kernel.sight.present() else {
            return;
        };
        let (version, read) = (seen.version.clone(), seen.record.clone());
        let record = kernel.release_record(&read, reading);
        let request = Request::Update { version, record };
        kernel.send(Kind::Release, request, reading.monotonic, self.deadline, step);
    }

    pub(super) fn answered(
        mut self,
        kernel: &mut Kernel,
        attempt: Try,
        outcome: Outcome,
        now: Instant,
        step: &mut Step,
    ) -> Phase {
        let read = attempt.kind.reads();
        if !read && attempt.kind != Kind::Release {
            return self.renewal_answered(kernel, attempt, outcome, now, step);
        }
        match outcome {
            Outcome::Found { version, record } if read => {
                return self.saw(kernel, Source::Answer(attempt.id), version, record, now, step);
            }
            Outcome::Absent if read => {
                if kernel.sight.heard_after_newest(attempt.id) {
                    kernel.sight.absent(now);
                }
                self.pursuit.cleared(now);
            }
            Outcome::Written { version, record, created: _ } if !read => {
                if is_newer(&version, &attempt) {
                    kernel.wrote(version, record, now);
                    return finish(kernel, Release::Released, now, step);
                }
                self.pursuit.conflicted(now, self.deadline, kernel);
            }
            Outcome::Conflict | Outcome::Absent if !read => {
                self.pursuit.conflicted(now, self.deadline, kernel);
            }
            Outcome::Refused(refusal) => {
                step.notices.push(Notice::Refused { verb: attempt.kind.verb(), refusal });
                self.pursuit.failed(read, now, self.deadline, None, kernel);
            }
            Outcome::Unknown { retry_after } => {
                kernel.attempts.doubt(attempt);
                self.pursuit.failed(read, now, self.deadline, retry_after, kernel);
            }
            Outcome::Rejected { retry_after } => {
                self.pursuit.failed(read, now, self.deadline, retry_after, kernel);
            }
            Outcome::Absent
            | Outcome::Conflict
            | Outcome::Found { .. }
            | Outcome::MethodNotAllowed
            | Outcome::Written { .. } => {
                self.pursuit.failed(read, now, self.deadline, None, kernel);
            }
        }
        Phase::Releasing(self)
    }

    /// A renewal that was under way when the term ended has an answer: it may have moved the
    /// version that the release needs.
    fn renewal_answered(
        mut self,
        kernel: &mut Kernel,
        attempt: Try,
        outcome: Outcome,
        now: Instant,
        step: &mut Step,
    ) -> Phase {
        match outcome {
            Outcome::Written { version, record, created: _ } if is_newer(&version, &attempt) => {
                kernel.attempts.supersede(&version, step);
                self.ended.uid = version.uid.clone();
                kernel.wrote(version, record, now);
                self.pursuit.cleared(now);
            }
            Outcome::Unknown { .. } => {
                kernel.attempts.doubt(attempt);
                self.pursuit.suspect(now);
            }
            Outcome::Absent
            | Outcome::Conflict
            | Outcome::Found { .. }
            | Outcome::MethodNotAllowed
            | Outcome::Refused(_)
            | Outcome::Rejected { .. }
            | Outcome::Written { .. } => {}
        }
        Phase::Releasing(self)
    }

    pub(super) fn saw(
        mut self,
        kernel: &mut Kernel,
        source: Source,
        version: Version,
        record: LeaseRecord,
        now: Instant,
        step: &mut Step,
    ) -> Phase {
        match kernel.sight.judge(source, &version) {
            Freshness::Current => {}
            Freshness::Stale => {
                if let Source::Answer(_) = source {
                    self.pursuit.cleared(now);
                }
                return Phase::Releasing(self);
            }
            Freshness::Rewound { from, to } => {
                kernel.rewind(from, to, step);
                kernel.read(version, record, now, step);
                return finish(kernel, Release::NotOurs, now, step);
            }
        }
        let proved = kernel.attempts.prove(&version.uid, &record, step);
        let released = proved.is_some_and(|proved| proved.kind == Kind::Release);
        let still_ours =
            version.uid == self.ended.uid && self.ended.is_of_term(&record, &kernel.identity);
        let voided = kernel.attempts.supersede(&version, step);
        kernel.read(version, record, now, step);
        if released {
            return finish(kernel, Release::Released, now, step);
        }
        if !still_ours {
            return finish(kernel, Release::NotOurs, now, step);
        }
        if voided || matches!(source, Source::Answer(_)) {
            self.pursuit.cleared(now);
        }
        Phase::Releasing(self)
    }

    pub(super) fn heard_of_deletion(&mut self, now: Instant) {
        self.pursuit.suspect(now);
    }

    pub(super) fn give_up(self, kernel: &mut Kernel, now: Instant, step: &mut Step) -> Phase {
        let release = self.still_held(kernel);
        finish(kernel, release, now, step)
    }
}

fn is_newer(version: &Version, attempt: &Try) -> bool {
    attempt.base.as_ref().is_none_or(|base| version.resource_version > base.resource_version)
}

fn finish(kernel: &mut Kernel, release: Release, now: Instant, step: &mut Step) -> Phase {
    kernel.attempts.drop_all(step);
    // Whoever gives a Lease up and contends at once would mostly win it back.
    kernel.contend_from = now.after(kernel.config().retry_period * 2);
    step.publish = Some(Leadership::Released(release));
    step.wake_at = None;
    Phase::Idle
}
