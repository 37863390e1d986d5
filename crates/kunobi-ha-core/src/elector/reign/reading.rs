//! What an answer or a watch event means to a leader.

use alloc::boxed::Box;
use core::time::Duration;

use super::Reign;
use crate::{
    elector::{
        Phase,
        attempts::{Kind, Try},
        kernel::Kernel,
    },
    input::Outcome,
    observation::{Freshness, Source, View},
    record::{LeaseRecord, Version},
    step::{CreateVia, Notice, Setback, Step, StepDownReason, Verb},
    time::Instant,
};

impl Reign {
    pub(in crate::elector) fn answered(
        mut self: Box<Self>,
        kernel: &mut Kernel,
        attempt: Try,
        outcome: Outcome,
        now: Instant,
        step: &mut Step,
    ) -> Phase {
        let read = attempt.kind.reads();
        let setback = Setback::of(&outcome);
        match outcome {
            Outcome::Found { version, record } if read => {
                return self.saw(kernel, Source::Answer(attempt.id), version, record, now, step);
            }
            Outcome::Absent if read => self.saw_nothing(kernel, &attempt, now, step),
            Outcome::Written { version, record, created } if !read => {
                self.written(kernel, attempt, (version, record, created), now, step);
            }
            Outcome::Absent | Outcome::MethodNotAllowed
                if attempt.kind == Kind::Recreate(CreateVia::Put) =>
            {
                self.progress.failed(&attempt, setback, now);
                kernel.create_via = CreateVia::Post;
                self.pursuit.cleared(now);
            }
            Outcome::MethodNotAllowed if attempt.kind.verb() == Verb::Create => {
                self.conflicted(kernel, &attempt, setback, now);
            }
            Outcome::Conflict | Outcome::Absent if !read => {
                self.conflicted(kernel, &attempt, setback, now);
            }
            Outcome::Rejected { retry_after } | Outcome::Unknown { retry_after } => {
                self.failed(kernel, attempt, setback, retry_after, now);
            }
            Outcome::Absent
            | Outcome::Conflict
            | Outcome::Found { .. }
            | Outcome::MethodNotAllowed
            | Outcome::Refused(_)
            | Outcome::Written { .. } => self.failed(kernel, attempt, setback, None, now),
        }
        Phase::Leading(self)
    }

    fn failed(
        &mut self,
        kernel: &mut Kernel,
        attempt: Try,
        setback: Setback,
        retry_after: Option<Duration>,
        now: Instant,
    ) {
        self.progress.failed(&attempt, setback, now);
        let read = attempt.kind.reads();
        self.pursuit.failed(read, now, self.valid_until, retry_after, kernel);
        if setback == Setback::Unknown {
            self.attempts.doubt(attempt);
        }
    }

    fn conflicted(&mut self, kernel: &mut Kernel, attempt: &Try, setback: Setback, now: Instant) {
        self.progress.failed(attempt, setback, now);
        if let Kind::Recreate(CreateVia::Post) = attempt.kind {
            kernel.create_via = CreateVia::Put;
        }
        self.pursuit.conflicted(now, self.valid_until, kernel);
    }

    fn written(
        &mut self,
        kernel: &mut Kernel,
        attempt: Try,
        (version, record, created): (Version, LeaseRecord, bool),
        now: Instant,
        step: &mut Step,
    ) {
        let overwrote = matches!(attempt.kind, Kind::Recreate(_)) && !created;
        let renews = attempt.has_written(&version);
        if overwrote {
            step.notices.push(Notice::CreateOverwrote);
        } else if !renews {
            step.notices.push(Notice::NothingWritten);
        }
        let altered = attempt.record.as_ref() != Some(&record);
        if altered {
            step.notices.push(Notice::Altered { verb: attempt.kind.verb() });
        }
        if overwrote || !renews || altered {
            self.conflicted(kernel, &attempt, Setback::Unfit, now);
            if !overwrote && renews {
                self.attempts.doubt(attempt);
            }
            return;
        }
        self.attempts.drop_all(step);
        self.succeeded(kernel, &attempt, version, record, now, step);
    }

    /// This write of this term is known to have been applied.
    fn succeeded(
        &mut self,
        kernel: &mut Kernel,
        applied: &Try,
        version: Version,
        record: LeaseRecord,
        now: Instant,
        step: &mut Step,
    ) {
        let config = kernel.config();
        let (deadline, retry) = (config.renew_deadline, config.retry_period);
        self.progress.made();
        self.valid_until = self.valid_until.max(applied.sent.after(deadline));
        self.pursuit.succeeded(applied.sent.after(retry));
        if self.tenure.uid != version.uid {
            self.tenure.uid = version.uid.clone();
            kernel.claim(&version.uid, self.tenure.term.acquire_time());
            if !self.believes {
                kernel.created(&version.uid, &record.acquire_time, now);
            }
        }
        self.believes |= kernel.may_believe(&self.tenure.uid, applied.sent);
        kernel.wrote(version, record, now);
        if self.believes {
            self.publish(step);
        }
    }

    /// A record was read.
    pub(in crate::elector) fn saw(
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
            Freshness::Stale => {
                if let Source::Answer(_) = source {
                    self.pursuit.cleared(now);
                }
                return Phase::Leading(self);
            }
            Freshness::Rewound { from, to } => {
                kernel.rewind(from, to, step);
                kernel.read(version, record, now, step);
                return self.end(kernel, StepDownReason::Rewound, now, step);
            }
        }
        if let Some(proved) = self.attempts.prove(&version.uid, &record, step) {
            self.succeeded(kernel, &proved, version, record, now, step);
            return Phase::Leading(self);
        }
        if !self.tenure.is_shown_by(&version, &record, &kernel.identity) {
            let recreating = matches!(kernel.sight.view, View::Absent { .. });
            kernel.read(version, record, now, step);
            let reason = if recreating {
                StepDownReason::RecreationLost
            } else {
                StepDownReason::HolderChanged
            };
            return self.end(kernel, reason, now, step);
        }
        // Whatever renewTime somebody wrote by hand: it is renewed over, with a later one.
        let voided = self.attempts.supersede(&version, step);
        kernel.read(version, record, now, step);
        if voided || matches!(source, Source::Answer(_)) {
            self.pursuit.cleared(now);
        }
        Phase::Leading(self)
    }

    fn saw_nothing(&mut self, kernel: &mut Kernel, look: &Try, now: Instant, step: &mut Step) {
        if kernel.sight.heard_after_newest(look.id) {
            self.attempts.drop_doubtful(Kind::Renew, step);
            kernel.sight.absent(now);
        }
        if self.attempts.open_writes().next().is_some() {
            self.pursuit.looked();
        } else {
            self.pursuit.cleared(now);
        }
    }

    /// A watch says that the Lease was deleted: look whether it still is.
    pub(in crate::elector) fn heard_of_deletion(&mut self, now: Instant) {
        self.pursuit.suspect(now);
    }
}
