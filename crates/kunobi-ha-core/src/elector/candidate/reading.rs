//! What an answer or a watch event means to a candidate.

use core::time::Duration;

use super::{Candidacy, fail, following};
use crate::{
    elector::{
        Phase,
        attempts::{Kind, Try},
        kernel::Kernel,
        pursuit::{CONFLICT_STEP, error_wait},
        reign::Reign,
    },
    observation::{Freshness, Source},
    record::{LeaseRecord, Version},
    step::{CreateVia, Failure, Leadership, Notice, Outcome, Refusal, Step, Verb},
    time::Instant,
};

impl Candidacy {
    pub(in crate::elector) fn answered(
        mut self,
        kernel: &mut Kernel,
        attempt: Try,
        outcome: Outcome,
        now: Instant,
        step: &mut Step,
    ) -> Phase {
        let verb = attempt.kind.verb();
        let read = attempt.kind.reads();
        match outcome {
            Outcome::Found { version, record } if read => {
                self.hear(kernel, &attempt, now);
                self.look_first = None;
                return self.saw(kernel, Source::Answer(attempt.id), version, record, now, step);
            }
            Outcome::Absent if read => {
                self.hear(kernel, &attempt, now);
                self.look_first = None;
                self.saw_nothing(kernel, &attempt, now, step);
            }
            Outcome::Written { version, record, created } if !read => {
                self.hear(kernel, &attempt, now);
                return self.written(kernel, &attempt, (version, record, created), now, step);
            }
            Outcome::Absent | Outcome::MethodNotAllowed
                if attempt.kind == Kind::Create(CreateVia::Put) =>
            {
                self.hear(kernel, &attempt, now);
                kernel.create_via = CreateVia::Post;
                self.write_from = now;
            }
            Outcome::Conflict | Outcome::Absent if !read => {
                self.hear(kernel, &attempt, now);
                self.conflicted(kernel, now);
            }
            Outcome::Refused(refusal) => {
                // After a silence it may be a server that has just started, and refuses everybody
                // for a moment: then a read has to be answered before a write is refused for good.
                let silence = attempt.sent.since(self.heard);
                let lasting = read || silence <= kernel.config().retry_period * 2;
                if lasting && !kernel.usable.get(verb) {
                    return fail(kernel, Failure::Refused { verb, refusal }, step);
                }
                self.refused(kernel, verb, refusal, now, step);
            }
            Outcome::Unknown { retry_after } => {
                kernel.attempts.doubt(attempt);
                self.failed(kernel, read, retry_after, now);
            }
            Outcome::Rejected { retry_after } => self.failed(kernel, read, retry_after, now),
            Outcome::Absent
            | Outcome::Conflict
            | Outcome::Found { .. }
            | Outcome::MethodNotAllowed
            | Outcome::Written { .. } => self.failed(kernel, read, None, now),
        }
        Phase::Contending(self)
    }

    fn hear(&mut self, kernel: &mut Kernel, attempt: &Try, now: Instant) {
        let verb = attempt.kind.verb();
        kernel.usable.set(verb);
        self.refused.take_if(|(refused, _)| *refused == verb);
        self.heard = now;
    }

    fn conflicted(&mut self, kernel: &mut Kernel, now: Instant) {
        self.conflicts = self.conflicts.saturating_add(1);
        let wait = error_wait(
            self.conflicts.min(CONFLICT_STEP),
            kernel.config().renew_deadline,
            None,
            kernel,
        );
        self.look_first = Some(now.after(wait));
    }

    /// Keeps the poll tick, so that recovery is as quick as polling.
    fn failed(
        &mut self,
        kernel: &mut Kernel,
        read: bool,
        retry_after: Option<Duration>,
        now: Instant,
    ) {
        if now >= self.tick {
            self.schedule_tick(kernel, now);
        }
        if let Some(wait) = retry_after {
            self.hold = self.hold.max(now.after(wait.min(LONGEST_RETRY_AFTER)));
        }
        if read {
            self.look_from = self.tick;
        } else {
            self.write_from = self.tick;
        }
        self.look_first = self.look_first.map(|_| self.tick);
    }

    fn refused(
        &mut self,
        kernel: &mut Kernel,
        verb: Verb,
        refusal: Refusal,
        now: Instant,
        step: &mut Step,
    ) {
        step.notices.push(Notice::Refused { verb, refusal });
        // An API server that has just started refuses everybody for a moment, until it knows who may
        // do what; what an administrator must change is soon asked for rarely.
        let period = match self.refused {
            Some((_, last)) => last.saturating_mul(2),
            None => kernel.config().retry_period,
        };
        let period = period.min(REFUSED_PERIOD);
        self.refused = Some((verb, period));
        self.hold = now.after(kernel.jitter(period));
        self.failed(kernel, true, None, now);
        // What is known has aged meanwhile: a write that rests on it would ask too much.
        self.look_first = Some(self.hold);
    }

    fn saw_nothing(&mut self, kernel: &mut Kernel, look: &Try, now: Instant, step: &mut Step) {
        if !kernel.sight.heard_after_newest(look.id) {
            return;
        }
        if kernel.sight.present().is_some() {
            kernel.attempts.drop_sent_before(|t| t.kind == Kind::Takeover, step);
            self.bid = None;
        }
        let before = following(kernel);
        kernel.sight.absent(now);
        publish_change(&before, kernel, step);
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
        if let Source::Watch = source {
            self.heard = now;
            // As long as events come, there is no need to ask.
            self.tick = now.after(kernel.config().retry_period * 2);
        }
        if !kernel.attempts.is_of_create(&record) {
            kernel.attempts.drop_creates(step);
        }
        match kernel.sight.judge(source, &version) {
            Freshness::Current => {}
            Freshness::Stale => return Phase::Contending(self),
            Freshness::Rewound { from, to } => {
                kernel.rewind(from, to, step);
                self.bid = None;
            }
        }
        let deadline = kernel.config().renew_deadline;
        if let Some(proved) = kernel.attempts.prove(&version.uid, &record, step)
            && now < proved.sent.after(deadline)
        {
            return Phase::Leading(Reign::begin(kernel, &proved, version, record, now, step));
        }
        kernel.attempts.supersede(&version, step);
        let same = kernel
            .sight
            .present()
            .is_some_and(|seen| seen.version.uid == version.uid && seen.record == record);
        if !same {
            kernel.attempts.clear_doubtful();
            self.bid = None;
            self.conflicts = 0;
        }
        let before = following(kernel);
        kernel.read(version, record, now, step);
        publish_change(&before, kernel, step);
        Phase::Contending(self)
    }

    fn written(
        mut self,
        kernel: &mut Kernel,
        attempt: &Try,
        (version, record, created): (Version, LeaseRecord, bool),
        now: Instant,
        step: &mut Step,
    ) -> Phase {
        if matches!(attempt.kind, Kind::Create(_)) && !created {
            step.notices.push(Notice::CreateOverwrote);
            self.conflicted(kernel, now);
            return Phase::Contending(self);
        }
        let renews = attempt.base.as_ref().is_none_or(|base| {
            base.uid == version.uid && version.resource_version > base.resource_version
        });
        if !renews {
            step.notices.push(Notice::NothingWritten);
        }
        let in_time = now < attempt.sent.after(kernel.config().renew_deadline);
        if !renews || !in_time || attempt.record.as_ref() != Some(&record) {
            self.conflicted(kernel, now);
            return Phase::Contending(self);
        }
        Phase::Leading(Reign::begin(kernel, attempt, version, record, now, step))
    }

    pub(in crate::elector) fn heard_of_deletion(&mut self, now: Instant) {
        self.look_first = Some(self.look_first.map_or(now, |at| at.min(now)));
    }
}

fn publish_change(before: &Leadership, kernel: &Kernel, step: &mut Step) {
    let after = following(kernel);
    if *before != after {
        step.publish = Some(after);
    }
}

const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(30);
/// How often is asked, in the end, what only an administrator can change.
const REFUSED_PERIOD: Duration = Duration::from_secs(30);
