//! What an answer or a watch event means to a release.

use alloc::boxed::Box;
use core::time::Duration;

use super::Releasing;
use crate::{
    elector::{
        Phase,
        attempts::{Kind, Try},
        kernel::Kernel,
    },
    input::Outcome,
    observation::{Freshness, Source},
    record::{LeaseRecord, Version},
    step::{Release, Setback, Step},
    time::Instant,
};

impl Releasing {
    pub(in crate::elector) fn answered(
        mut self: Box<Self>,
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
        let setback = Setback::of(&outcome);
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
            Outcome::Written { version, record, created: _ }
                if !read && attempt.has_written(&version) =>
            {
                kernel.wrote(version, record, now);
                return self.finish(kernel, Release::Released, now, step);
            }
            Outcome::Conflict | Outcome::Absent | Outcome::Written { .. } if !read => {
                self.progress.failed(&attempt, setback, now);
                self.pursuit.conflicted(now, self.deadline, kernel);
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
        Phase::Releasing(self)
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
        self.pursuit.failed(read, now, self.deadline, retry_after, kernel);
        if setback == Setback::Unknown {
            self.attempts.doubt(attempt);
        }
    }

    /// A renewal that was under way when the term ended has an answer: it may have moved the
    /// version that the release needs.
    fn renewal_answered(
        mut self: Box<Self>,
        kernel: &mut Kernel,
        attempt: Try,
        outcome: Outcome,
        now: Instant,
        step: &mut Step,
    ) -> Phase {
        match outcome {
            Outcome::Written { version, record, created: _ } if attempt.has_written(&version) => {
                self.attempts.supersede(&version, step);
                self.ended.uid = version.uid.clone();
                self.renewed(attempt.sent, kernel);
                kernel.wrote(version, record, now);
                self.pursuit.cleared(now);
            }
            Outcome::Unknown { .. } => {
                self.attempts.doubt(attempt);
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
                return Phase::Releasing(self);
            }
            Freshness::Rewound { from, to } => {
                kernel.rewind(from, to, step);
                kernel.read(version, record, now, step);
                return self.finish(kernel, Release::NotOurs, now, step);
            }
        }
        let proved = self.attempts.prove(&version.uid, &record, step);
        let released = proved.as_ref().is_some_and(|proved| proved.kind == Kind::Release);
        if let Some(renewal) = proved.filter(|_| !released) {
            self.ended.uid = version.uid.clone();
            self.renewed(renewal.sent, kernel);
        }
        let still_ours = self.ended.is_shown_by(&version, &record, &kernel.identity);
        let voided = self.attempts.supersede(&version, step);
        kernel.read(version, record, now, step);
        if released {
            return self.finish(kernel, Release::Released, now, step);
        }
        if !still_ours {
            return self.finish(kernel, Release::NotOurs, now, step);
        }
        if voided || matches!(source, Source::Answer(_)) {
            self.pursuit.cleared(now);
        }
        Phase::Releasing(self)
    }

    pub(in crate::elector) fn heard_of_deletion(&mut self, now: Instant) {
        self.pursuit.suspect(now);
    }
}
