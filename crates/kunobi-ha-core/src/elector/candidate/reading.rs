//! What an answer or a watch event means to a candidate.

use alloc::boxed::Box;

use super::{Candidacy, following};
use crate::{
    elector::{
        Phase,
        attempts::{Kind, Try},
        kernel::Kernel,
        reign::Reign,
    },
    input::{Outcome, Refusal},
    observation::{Freshness, Source},
    record::{LeaseRecord, Version},
    step::{CreateVia, Failure, Leadership, Notice, Setback, Step, Verb},
    time::Instant,
};

impl Candidacy {
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
                self.heard = now;
                self.schedule.read();
                return self.saw(kernel, Source::Answer(attempt.id), version, record, now, step);
            }
            Outcome::Absent if read => {
                self.heard = now;
                self.schedule.read();
                self.saw_nothing(kernel, &attempt, now, step);
            }
            Outcome::Written { version, record, created } if !read => {
                self.heard = now;
                return self.written(kernel, &attempt, (version, record, created), now, step);
            }
            Outcome::Absent | Outcome::MethodNotAllowed
                if attempt.kind == Kind::Create(CreateVia::Put) =>
            {
                self.progress.failed(&attempt, setback, now);
                // A POST follows at once, as an attempt of its own.
                kernel.create_via = CreateVia::Post;
            }
            Outcome::Conflict if !read => {
                self.heard = now;
                self.conflicted(kernel, &attempt, setback, now, step);
            }
            Outcome::MethodNotAllowed if attempt.kind.verb() == Verb::Create => {
                self.conflicted(kernel, &attempt, setback, now, step);
            }
            Outcome::Absent if !read => {
                self.conflicted(kernel, &attempt, setback, now, step);
            }
            Outcome::Refused(refusal) => {
                return self.refused(kernel, &attempt, refusal, now, step);
            }
            Outcome::Rejected { retry_after } | Outcome::Unknown { retry_after } => {
                if let Some(wait) = retry_after {
                    self.schedule.told_to_wait(wait, now);
                }
                self.failed(kernel, &attempt, setback, now);
                if setback == Setback::Unknown {
                    self.attempts.doubt(attempt);
                }
            }
            Outcome::Absent
            | Outcome::Conflict
            | Outcome::Found { .. }
            | Outcome::MethodNotAllowed
            | Outcome::Written { .. } => self.failed(kernel, &attempt, setback, now),
        }
        Phase::Contending(self)
    }

    /// A write led nowhere, and the Lease may not be what it was: it is looked at.
    fn conflicted(
        &mut self,
        kernel: &mut Kernel,
        attempt: &Try,
        setback: Setback,
        now: Instant,
        step: &mut Step,
    ) {
        self.progress.failed(attempt, setback, now);
        if let Kind::Create(CreateVia::Post) = attempt.kind {
            kernel.create_via = CreateVia::Put;
        }
        if !self.schedule.reads_first() {
            self.attempts.drop_looks(step);
            self.schedule.conflicted(kernel, now);
        }
    }

    fn refused(
        mut self: Box<Self>,
        kernel: &mut Kernel,
        attempt: &Try,
        refusal: Refusal,
        now: Instant,
        step: &mut Step,
    ) -> Phase {
        let verb = attempt.kind.verb();
        // After a silence it may be a server that has just started, and refuses everybody
        // for a moment: then a read has to be answered before a write is refused for good.
        let silence = attempt.sent.since(self.heard);
        let lasting = attempt.kind.reads() || silence <= kernel.config().retry_period * 2;
        if lasting && !kernel.contact.was_usable(verb, refusal) {
            return self.fail(Failure::Refused { verb, refusal }, step);
        }
        self.progress.failed(attempt, Setback::Refused(refusal), now);
        self.schedule.refused(kernel, now);
        Phase::Contending(self)
    }

    fn saw_nothing(&mut self, kernel: &mut Kernel, look: &Try, now: Instant, step: &mut Step) {
        if kernel.sight.heard_after_newest(look.id) {
            if kernel.sight.present().is_some() {
                self.attempts.drop_void(Kind::Takeover, step);
                self.bid = None;
            }
            let before = following(kernel);
            kernel.sight.absent(now);
            publish_change(&before, kernel, step);
        }
        self.judge_progress(kernel, now);
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
        if let Source::Watch = source {
            self.heard = now;
        }
        if !self.attempts.is_of_create(&record) {
            self.attempts.drop_creates(step);
        }
        match kernel.sight.judge(source, &version) {
            Freshness::Current => {}
            Freshness::Stale => {
                if let Source::Answer(_) = source {
                    self.judge_progress(kernel, now);
                }
                return Phase::Contending(self);
            }
            Freshness::Rewound { from, to } => {
                kernel.rewind(from, to, step);
                self.attempts.drop_all(step);
                self.bid = None;
            }
        }
        if let Source::Watch = source {
            self.schedule.heard_news(kernel.config().retry_period, now);
        }
        let deadline = kernel.config().renew_deadline;
        if let Some(proved) = self.attempts.prove(&version.uid, &record, step)
            && now < proved.sent.after(deadline)
        {
            return self.won(kernel, &proved, version, record, now, step);
        }
        self.adopt(kernel, version, record, now, step);
        self.judge_progress(kernel, now);
        Phase::Contending(self)
    }

    fn adopt(
        &mut self,
        kernel: &mut Kernel,
        version: Version,
        record: LeaseRecord,
        now: Instant,
        step: &mut Step,
    ) {
        self.attempts.supersede(&version, step);
        let same = kernel
            .sight
            .present()
            .is_some_and(|seen| seen.version.uid == version.uid && seen.record == record);
        if !same {
            self.attempts.clear_doubtful();
            self.bid = None;
        }
        let before = following(kernel);
        kernel.read(version, record, now, step);
        publish_change(&before, kernel, step);
    }

    fn written(
        mut self: Box<Self>,
        kernel: &mut Kernel,
        attempt: &Try,
        (version, record, created): (Version, LeaseRecord, bool),
        now: Instant,
        step: &mut Step,
    ) -> Phase {
        let is_create = matches!(attempt.kind, Kind::Create(_));
        let overwrote = is_create && !created;
        if is_create && created {
            kernel.created(&version.uid, &record.acquire_time, now);
        }
        // The create was sent twice, and the Lease deleted between: this answers the first copy.
        let gone = kernel.sight.has_passed(&version);
        let renews = attempt.has_written(&version);
        if overwrote {
            step.notices.push(Notice::CreateOverwrote);
        } else if !renews {
            step.notices.push(Notice::NothingWritten);
        }
        let in_time = now < attempt.sent.after(kernel.config().renew_deadline);
        let altered = attempt.record.as_ref() != Some(&record);
        if altered {
            step.notices.push(Notice::Altered { verb: attempt.kind.verb() });
        }
        if overwrote || !renews || !in_time || gone || altered {
            self.conflicted(kernel, attempt, Setback::Unfit, now, step);
            return Phase::Contending(self);
        }
        self.won(kernel, attempt, version, record, now, step)
    }

    fn won(
        mut self,
        kernel: &mut Kernel,
        won: &Try,
        version: Version,
        record: LeaseRecord,
        now: Instant,
        step: &mut Step,
    ) -> Phase {
        self.attempts.drop_all(step);
        Phase::Leading(Box::new(Reign::begin(kernel, won, version, record, now, step)))
    }
}

fn publish_change(before: &Leadership, kernel: &Kernel, step: &mut Step) {
    let after = following(kernel);
    if *before != after {
        step.publish(after);
    }
}
