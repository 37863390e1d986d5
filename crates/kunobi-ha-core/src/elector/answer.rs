//! The answer to a request, in the form that fits the request.

use core::time::Duration;

use super::{attempts::Attempts, in_flight::InFlight, turn::Turn};
use crate::{
    input::Outcome,
    lease::Lease,
    notice::{Notice, Setback},
    request::{AttemptId, CreateVia, Request, Verb},
};

pub(super) enum Answer {
    Read(ReadAnswer),
    Write(WriteAnswer),
}

pub(super) enum ReadAnswer {
    Found(Lease),
    Absent,
    Failed(Failed),
}

pub(super) enum WriteAnswer {
    Written(Written),
    /// Another version is there than the one that the write was made against.
    Conflict,
    /// Rule 7: the server creates nothing on PUT.
    NoCreateByPut(Setback),
    /// An update found no Lease (404), or a POST was answered with 404 or 405. Rule 11: it is
    /// treated like a conflict.
    Void(Setback),
    Failed(Failed),
}

/// The server says that it has carried the write out, and shows the Lease.
pub(super) struct Written {
    pub(super) lease: Lease,
    /// Whether the status was 201.
    pub(super) created: bool,
}

/// What is wrong with the answer to a write that the server says it has carried out.
#[derive(Clone, Copy)]
pub(super) struct Flaws {
    /// Rule 7: a create was answered with 200, so that it has overwritten something.
    pub(super) overwrote: bool,
    /// Rule 8: the version is not a new one.
    pub(super) wrote_nothing: bool,
    /// Rule 8: the record is not the one that was sent.
    pub(super) altered: bool,
}

/// The request has failed.
#[derive(Clone, Copy)]
pub(super) struct Failed {
    pub(super) setback: Setback,
    pub(super) retry_after: Option<Duration>,
}

impl Answer {
    /// Takes the attempt out that is answered, and notes what every answer tells; `None` if the phase
    /// has nothing to judge.
    pub(super) fn take(
        attempts: &mut Attempts,
        id: AttemptId,
        outcome: Outcome,
        turn: &mut Turn<'_>,
    ) -> Option<(InFlight, Self)> {
        let attempt = attempts.take(id)?;
        let (now, contact) = (turn.now(), &mut turn.memory.contact);
        contact.heard(attempt.sent, !matches!(outcome, Outcome::Unknown { .. }), now);
        let answer = Self::new(&attempt, outcome);
        if answer.is_usable() {
            contact.used(attempt.verb());
        }
        if let Self::Write(WriteAnswer::Conflict | WriteAnswer::Void(_)) = &answer {
            turn.memory.writer.create_failed(&attempt.request);
        }
        if attempt.proved {
            return None;
        }
        if let (Self::Read(_), true) = (&answer, answer.is_usable()) {
            attempts.drop_reads(&mut turn.step);
        }
        Some((attempt, answer))
    }

    /// An outcome of another kind than the request expects is a failure.
    pub(super) fn new(to: &InFlight, outcome: Outcome) -> Self {
        if to.reads() {
            Self::Read(ReadAnswer::new(outcome))
        } else {
            Self::Write(WriteAnswer::new(&to.request, outcome))
        }
    }

    /// Rule 12: tells whether the server did what was asked, or found that it could not. An elector
    /// that is answered so has the right to ask.
    pub(super) const fn is_usable(&self) -> bool {
        match self {
            Self::Read(ReadAnswer::Absent | ReadAnswer::Found(_))
            | Self::Write(WriteAnswer::Conflict | WriteAnswer::Written(_)) => true,
            Self::Read(ReadAnswer::Failed(_))
            | Self::Write(
                WriteAnswer::Failed(_) | WriteAnswer::NoCreateByPut(_) | WriteAnswer::Void(_),
            ) => false,
        }
    }
}

impl ReadAnswer {
    fn new(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Found(lease) => Self::Found(lease),
            Outcome::Absent => Self::Absent,
            Outcome::Conflict => Self::Failed(Failed::with(Setback::Conflict)),
            Outcome::MethodNotAllowed => Self::Failed(Failed::with(Setback::MethodNotAllowed)),
            Outcome::Written { .. } => Self::Failed(Failed::with(Setback::Unfit)),
            Outcome::Refused(refusal) => Self::Failed(Failed::with(Setback::Refused(refusal))),
            Outcome::Rejected { retry_after } => Self::Failed(Failed::rejected(retry_after)),
            Outcome::Unknown { retry_after } => Self::Failed(Failed::unknown(retry_after)),
        }
    }
}

impl WriteAnswer {
    fn new(to: &Request, outcome: Outcome) -> Self {
        let missing = match outcome {
            Outcome::Written { lease, created } => {
                return Self::Written(Written { lease, created });
            }
            Outcome::Conflict => return Self::Conflict,
            Outcome::Found(_) => return Self::Failed(Failed::with(Setback::Unfit)),
            Outcome::Refused(refusal) => {
                return Self::Failed(Failed::with(Setback::Refused(refusal)));
            }
            Outcome::Rejected { retry_after } => {
                return Self::Failed(Failed::rejected(retry_after));
            }
            Outcome::Unknown { retry_after } => return Self::Failed(Failed::unknown(retry_after)),
            Outcome::Absent => Setback::Absent,
            Outcome::MethodNotAllowed => Setback::MethodNotAllowed,
        };
        match (to, missing) {
            (Request::Create { via: CreateVia::Put, .. }, _) => Self::NoCreateByPut(missing),
            (Request::Update { .. }, Setback::MethodNotAllowed) => {
                Self::Failed(Failed::with(missing))
            }
            (
                Request::Create { via: CreateVia::Post, .. }
                | Request::Read
                | Request::Update { .. },
                _,
            ) => Self::Void(missing),
        }
    }
}

impl Written {
    /// Judges the answer to a bid, and reports what is wrong with it. A create that was carried out
    /// begins the grace of its Lease.
    pub(super) fn assess_bid(&self, bid: &InFlight, turn: &mut Turn<'_>) -> Flaws {
        if bid.creates() && self.created {
            let Lease { version, record, .. } = &self.lease;
            let now = turn.now();
            turn.memory.grace.created(&version.uid, &record.acquire_time, now);
        }
        self.assess(bid, turn)
    }

    /// Judges the answer, and reports what is wrong with it.
    pub(super) fn assess(&self, write: &InFlight, turn: &mut Turn<'_>) -> Flaws {
        let flaws = self.flaws(write);
        flaws.report(write.verb(), turn);
        flaws
    }

    fn flaws(&self, write: &InFlight) -> Flaws {
        Flaws {
            overwrote: write.creates() && !self.created,
            wrote_nothing: !write.has_written(&self.lease.version),
            altered: write.record() != Some(&self.lease.record),
        }
    }
}

impl Flaws {
    pub(super) const fn are_none(self) -> bool {
        !self.overwrote && !self.wrote_nothing && !self.altered
    }

    /// Reports them; `verb` is what was asked.
    fn report(self, verb: Verb, turn: &mut Turn<'_>) {
        if self.overwrote {
            turn.notice(Notice::CreateOverwrote);
        } else if self.wrote_nothing {
            turn.notice(Notice::NothingWritten);
        }
        if self.altered {
            turn.notice(Notice::Altered { verb });
        }
    }
}

impl Failed {
    pub(super) const fn with(setback: Setback) -> Self {
        Self { setback, retry_after: None }
    }

    const fn rejected(retry_after: Option<Duration>) -> Self {
        Self { setback: Setback::Rejected, retry_after }
    }

    const fn unknown(retry_after: Option<Duration>) -> Self {
        Self { setback: Setback::Unknown, retry_after }
    }

    /// Tells whether a write that was answered so may have been applied.
    pub(super) fn may_be_applied(self) -> bool {
        self.setback == Setback::Unknown
    }
}
