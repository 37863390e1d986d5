//! What an answer or a watch event means to a leader.

use super::Reign;
use crate::{
    elector::{
        Phase,
        attempts::{Kind, Try},
        kernel::Kernel,
    },
    observation::{Freshness, Source, View},
    record::{LeaseRecord, Version},
    step::{CreateVia, Notice, Outcome, Step, StepDownReason},
    time::Instant,
};

impl Reign {
    pub(in crate::elector) fn answered(
        mut self,
        kernel: &mut Kernel,
        attempt: Try,
        outcome: Outcome,
        now: Instant,
        step: &mut Step,
    ) -> Phase {
        let read = attempt.kind.reads();
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
                kernel.create_via = CreateVia::Post;
                self.pursuit.cleared(now);
            }
            Outcome::Conflict | Outcome::Absent if !read => {
                self.pursuit.conflicted(now, self.valid_until, kernel);
            }
            Outcome::Refused(refusal) => {
                step.notices.push(Notice::Refused { verb: attempt.kind.verb(), refusal });
                self.pursuit.failed(read, now, self.valid_until, None, kernel);
            }
            Outcome::Unknown { retry_after } => {
                kernel.attempts.doubt(attempt);
                self.pursuit.failed(read, now, self.valid_until, retry_after, kernel);
            }
            Outcome::Rejected { retry_after } => {
                self.pursuit.failed(read, now, self.valid_until, retry_after, kernel);
            }
            Outcome::Absent
            | Outcome::Conflict
            | Outcome::Found { .. }
            | Outcome::MethodNotAllowed
            | Outcome::Written { .. } => {
                self.pursuit.failed(read, now, self.valid_until, None, kernel);
            }
        }
        Phase::Leading(self)
    }

    fn written(
        &mut self,
        kernel: &mut Kernel,
        attempt: Try,
        (version, record, created): (Version, LeaseRecord, bool),
        now: Instant,
        step: &mut Step,
    ) {
        let recreated = matches!(attempt.kind, Kind::Recreate(_));
        if recreated && !created {
            step.notices.push(Notice::CreateOverwrote);
            return self.pursuit.conflicted(now, self.valid_until, kernel);
        }
        let renews = attempt.base.as_ref().is_none_or(|base| {
            base.uid == version.uid && version.resource_version > base.resource_version
        });
        if !renews {
            step.notices.push(Notice::NothingWritten);
            return self.pursuit.conflicted(now, self.valid_until, kernel);
        }
        if attempt.record.as_ref() != Some(&record) {
            kernel.attempts.doubt(attempt);
            return self.pursuit.conflicted(now, self.valid_until, kernel);
        }
        kernel.attempts.drop_all(step);
        self.succeeded(kernel, attempt.sent, version, record, now, step);
    }

    /// A write of this term, sent then, is known to have been applied.
    fn succeeded(
        &mut self,
        kernel: &mut Kernel,
        sent: Instant,
        version: Version,
        record: LeaseRecord,
        now: Instant,
        step: &mut Step,
    ) {
        let config = kernel.config();
        let (deadline, retry) = (config.renew_deadline, config.retry_period);
        self.valid_until = self.valid_until.max(sent.after(deadline));
        self.pursuit.succeeded(sent.after(retry));
        self.renew_time = record.renew_time.clone();
        if self.uid != version.uid {
            self.uid = version.uid.clone();
            kernel.claim(&version.uid, self.term.acquire_time());
        }
        if self.grace_until.is_some_and(|until| sent >= until) {
            self.grace_until = None;
        }
        kernel.wrote(version, record, now);
        self.publish(step);
    }

    /// A record was read.
    pub(in crate::elector) fn saw(
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
                return Phase::Leading(self);
            }
            Freshness::Rewound { from, to } => {
                kernel.rewind(from, to, step);
                kernel.read(version, record, now, step);
                return self.end(kernel, StepDownReason::Rewound, now, step);
            }
        }
        let proved = kernel.attempts.prove(&version.uid, &record, step);
        if let Some(proved) = proved {
            self.succeeded(kernel, proved.sent, version, record, now, step);
            return Phase::Leading(self);
        }
        if version.uid != self.uid || !self.is_of_term(&record, &kernel.identity) {
            let recreating = matches!(kernel.sight.view, View::Absent { .. });
            kernel.read(version, record, now, step);
            let reason = if recreating {
                StepDownReason::RecreationLost
            } else {
                StepDownReason::HolderChanged
            };
            return self.end(kernel, reason, now, step);
        }
        if record.renew_time.is_before(&self.renew_time) {
            // Somebody wrote it by hand: to be asked again, but not without a pause.
            if let Source::Answer(_) = source {
                self.pursuit.conflicted(now, self.valid_until, kernel);
            }
            return Phase::Leading(self);
        }
        let voided = kernel.attempts.supersede(&version, step);
        self.renew_time = record.renew_time.clone();
        kernel.read(version, record, now, step);
        if voided || matches!(source, Source::Answer(_)) {
            self.pursuit.cleared(now);
        }
        Phase::Leading(self)
    }

    fn saw_nothing(&mut self, kernel: &mut Kernel, look: &Try, now: Instant, step: &mut Step) {
        if kernel.sight.heard_after_newest(look.id) {
            kernel.attempts.drop_sent_before(|t| t.kind == Kind::Renew, step);
            kernel.sight.absent(now);
        }
        self.pursuit.cleared(now);
    }

    /// A watch says that the Lease was deleted: look whether it still is.
    pub(in crate::elector) fn heard_of_deletion(&mut self, now: Instant) {
        self.pursuit.suspect(now);
    }
}
