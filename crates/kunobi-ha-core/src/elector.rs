//! The machine, and its transition table.
//!
//! # Invariants
//!
//! 1. Decisions use the monotonic clock only; the wall clock is only written down (rule 1).
//! 2. Belief counts from the instant at which a successful write was *sent* (rule 2).
//! 3. The record of another holder ages from our own first sight of exactly that record (rule 4). It
//!    is taken before that age only after news of a death (rule C7), and our own lost one by a
//!    retake (rule O1).
//! 4. At most two requests are outstanding, and an answer counts only for its own request, and for
//!    the phase that sent it or took it over (rule 10).
//! 5. Every write over a Lease that was seen carries the uid and resourceVersion that were served
//!    together with the record that it replaces (rules 4 and 7).
//! 6. A term that has ended is never revived, and nothing is sent for it but its release (rule 2).
//! 7. One publication a step at most, and it comes before everything else in the step (rule 16).

mod answer;
mod attempts;
#[cfg(feature = "model")]
mod canonical;
mod contact;
mod contending;
mod grace;
mod holder;
mod holding;
mod in_flight;
mod jitter;
mod leading;
mod memory;
mod news;
mod next;
mod outstanding;
mod own_terms;
mod probation;
mod progress;
mod releasing;
mod retake;
mod schedule;
mod traffic;
mod turn;
mod withdrawing;
mod writer;

use alloc::boxed::Box;
use core::time::Duration;

use self::{
    answer::Answer, attempts::Attempts, contending::Contending, holder::Holder, leading::Leading,
    memory::Memory, next::Next, probation::Probation, progress::Progress, releasing::Releasing,
    turn::Turn, withdrawing::Withdrawing,
};
use crate::{
    input::{Input, Observed, Outcome},
    invalid_config::InvalidConfig,
    leadership::{Leadership, Release},
    lease::{Lease, Version},
    request::AttemptId,
    step::Step,
    time::{ClockReading, Instant},
    timing::Timing,
};

/// One participant of one election, for life (rule 16).
///
/// Tell it what happened and what time it is; do what the returned [`Step`] says, in the order of
/// its fields; come back when a request ends or `wake_at` arrives.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Elector {
    memory: Memory,
    phase: Phase,
}

/// Boxed: an idle elector needs none of them, and a process may have thousands of electors.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
enum Phase {
    /// The user does not want to lead.
    #[default]
    Idle,
    /// Reads, and writes when the Lease may be taken.
    Contending(Box<Contending>),
    /// The Lease is held, and its create grace is not over: nobody believes.
    Probation(Box<Probation>),
    /// The Lease is held, and readers see a leader.
    Leading(Box<Leading>),
    /// The term has ended, and the Lease is given back.
    Releasing(Box<Releasing>),
    /// The user does not want to lead any more; a write that was sent may still be applied.
    Withdrawing(Box<Withdrawing>),
}

impl Elector {
    /// Makes an elector that contends under `identity`; `seed` spreads its polls.
    ///
    /// # Errors
    ///
    /// [`InvalidConfig::IdentityEmpty`]: an empty holder counts as nobody.
    pub fn new(identity: &str, timing: Timing, seed: u64) -> Result<Self, InvalidConfig> {
        if identity.is_empty() {
            return Err(InvalidConfig::IdentityEmpty);
        }
        Ok(Self { memory: Memory::new(identity, timing, seed), phase: Phase::Idle })
    }

    /// Takes what happened, and returns what to do.
    pub fn handle(&mut self, reading: ClockReading, input: Input) -> Step {
        let Self { memory, phase } = self;
        let turn = &mut Turn::new(memory, reading);
        // Rule 2: time comes first. Nothing that happened may count for a term that is over.
        let next = phase.pass_time(turn);
        phase.follow(next, turn);
        if let Input::Answered { attempt, .. } = &input {
            // It is not outstanding, even if time has just ended what it was sent for.
            turn.step.drop.retain(|dropped| dropped != attempt);
        }
        let next = phase.take(input, turn);
        phase.follow(next, turn);
        let next = phase.proceed(turn);
        phase.follow(next, turn);
        core::mem::take(&mut turn.step)
    }

    /// Returns the version that the next update will be made against.
    ///
    /// A driver keeps the object that was served with this version, for an update must keep
    /// everything in it that the election does not own.
    #[must_use]
    pub fn version(&self) -> Option<&Version> {
        self.memory.view.version()
    }

    /// Returns when the record of a holder was first seen as it is now: the last sign of life of
    /// the leader.
    #[must_use]
    pub fn holder_seen_at(&self) -> Option<Instant> {
        let held = self.memory.view.present().filter(|seen| !seen.lease.record.is_free());
        held.map(|seen| seen.since)
    }

    /// Returns how long to wait before the next [`Input::Acquire`]: zero, or 1, 2, 4 … 60 s after
    /// that many terms in a row that were lost within one lease duration.
    #[must_use]
    pub fn flap_backoff(&self) -> Duration {
        self.memory.flap_backoff()
    }

    /// Tells whether a request has failed since the last progress. If none has, the last error that
    /// a driver shows is out of date.
    #[must_use]
    pub fn is_failing(&self) -> bool {
        self.phase.progress().is_some_and(Progress::is_failing)
    }

    /// Returns the durations of this elector.
    #[must_use]
    pub fn timing(&self) -> &Timing {
        &self.memory.timing
    }

    /// Returns the name under which this elector holds the Lease.
    #[must_use]
    pub fn identity(&self) -> &str {
        self.memory.writer.identity()
    }
}

impl Phase {
    /// The transition table: the phase that follows from what came of a turn.
    ///
    /// | phase | may return |
    /// | --- | --- |
    /// | idle | `Contend` |
    /// | contending | `Begin`, `Contend` (the clock went back), `Withdraw`, `End` |
    /// | probation | `Believe`, `Contend` (the Lease was lost), `End` |
    /// | leading | `Release` (stepped down), `End` (the term was lost) |
    /// | withdrawing | `Release` (a write was applied), `End` |
    /// | releasing | `End` |
    fn follow(&mut self, next: Next, turn: &mut Turn<'_>) {
        *self = match next {
            Next::Stay => return,
            Next::Contend(not_before) => {
                Self::Contending(Box::new(Contending::begin(not_before, turn)))
            }
            Next::Begin(holding) if turn.memory.grace.covers(&holding.tenure.uid) => {
                Self::Probation(Box::new(Probation::begin(holding, turn)))
            }
            Next::Begin(holding) | Next::Believe(holding) => {
                Self::Leading(Box::new(Leading::begin(holding, turn)))
            }
            Next::Withdraw(bid) => Self::Withdrawing(Box::new(Withdrawing::begin(bid, turn))),
            Next::Release(ending) => Self::Releasing(Box::new(Releasing::begin(ending, turn))),
            Next::End => Self::Idle,
        };
    }

    fn pass_time(&mut self, turn: &mut Turn<'_>) -> Next {
        match self {
            Self::Idle => Next::Stay,
            Self::Contending(phase) => phase.pass_time(turn),
            Self::Probation(phase) => phase.pass_time(turn),
            Self::Leading(phase) => phase.pass_time(turn),
            Self::Releasing(phase) => phase.pass_time(turn),
            Self::Withdrawing(phase) => phase.pass_time(turn),
        }
    }

    fn take(&mut self, input: Input, turn: &mut Turn<'_>) -> Next {
        match (self, input) {
            (phase, Input::Answered { attempt, outcome }) => phase.answered(attempt, outcome, turn),
            (phase, Input::Observed(Observed::Found(lease))) => phase.event_showed(lease, turn),
            (phase, Input::Observed(Observed::Deleted)) => phase.deletion_told(turn),
            (_, Input::HolderDied { holder, acquire_time }) => {
                turn.told_dead(holder, acquire_time);
                Next::Stay
            }

            (Self::Idle, Input::Acquire) => {
                turn.publish_following();
                Next::Contend(turn.memory.contend_from)
            }
            (Self::Idle, Input::StepDown) => {
                turn.step.publish.get_or_insert(Leadership::Released(Release::NotHeld));
                Next::Stay
            }

            (Self::Contending(phase), Input::StepDown) => phase.step_down(turn),
            (Self::Leading(phase), Input::StepDown) => phase.step_down(turn),
            (Self::Probation(phase), Input::StepDown | Input::Stop) => phase.stop(turn),

            (Self::Contending(phase), Input::Stop) => phase.stop(turn),
            (Self::Leading(phase), Input::Stop) => phase.stop(turn),
            (Self::Releasing(phase), Input::Stop) => phase.give_up(turn),
            (Self::Withdrawing(phase), Input::Stop) => phase.give_up(turn),

            (Self::Idle, Input::Stop | Input::Wake)
            | (Self::Releasing(_) | Self::Withdrawing(_), Input::StepDown)
            | (
                Self::Contending(_)
                | Self::Leading(_)
                | Self::Probation(_)
                | Self::Releasing(_)
                | Self::Withdrawing(_),
                Input::Acquire | Input::Wake,
            ) => Next::Stay,
        }
    }

    fn answered(&mut self, id: AttemptId, outcome: Outcome, turn: &mut Turn<'_>) -> Next {
        let answered =
            self.attempts().and_then(|attempts| Answer::take(attempts, id, outcome, turn));
        match (self, answered) {
            (Self::Idle, _) | (_, None) => Next::Stay,
            (Self::Contending(phase), Some((attempt, answer))) => {
                phase.answered(attempt, answer, turn)
            }
            (Self::Probation(phase), Some((attempt, answer))) => {
                phase.answered(attempt, answer, turn)
            }
            (Self::Leading(phase), Some((attempt, answer))) => {
                phase.answered(attempt, answer, turn)
            }
            (Self::Releasing(phase), Some((attempt, answer))) => {
                phase.answered(attempt, answer, turn)
            }
            (Self::Withdrawing(phase), Some((attempt, answer))) => {
                phase.answered(&attempt, answer, turn)
            }
        }
    }

    fn event_showed(&mut self, lease: Lease, turn: &mut Turn<'_>) -> Next {
        match self {
            Self::Idle => Next::Stay,
            Self::Contending(phase) => phase.event_showed(lease, turn),
            Self::Probation(phase) => phase.event_showed(lease, turn),
            Self::Leading(phase) => phase.event_showed(lease, turn),
            Self::Releasing(phase) => phase.event_showed(lease, turn),
            Self::Withdrawing(phase) => phase.event_showed(lease, turn),
        }
    }

    fn deletion_told(&mut self, turn: &Turn<'_>) -> Next {
        match self {
            // A withdrawal waits for its writes, and a deletion changes nothing about that.
            Self::Idle | Self::Withdrawing(_) => {}
            Self::Contending(phase) => phase.deletion_told(turn),
            Self::Probation(phase) => phase.holding.deletion_told(turn),
            Self::Leading(phase) => phase.holding.deletion_told(turn),
            Self::Releasing(phase) => phase.deletion_told(turn),
        }
        Next::Stay
    }

    /// Sends what is due, and says when to come back.
    fn proceed(&mut self, turn: &mut Turn<'_>) -> Next {
        match self {
            Self::Idle => {}
            Self::Contending(phase) => return phase.proceed(turn),
            Self::Probation(phase) => phase.proceed(turn),
            Self::Leading(phase) => phase.proceed(turn),
            Self::Releasing(phase) => return phase.proceed(turn),
            Self::Withdrawing(phase) => return phase.proceed(turn),
        }
        Next::Stay
    }

    fn attempts(&mut self) -> Option<&mut Attempts> {
        match self {
            Self::Idle => None,
            Self::Contending(phase) => Some(&mut phase.attempts),
            Self::Probation(phase) => Some(&mut phase.holding.traffic.attempts),
            Self::Leading(phase) => Some(&mut phase.holding.traffic.attempts),
            Self::Releasing(phase) => Some(&mut phase.traffic.attempts),
            Self::Withdrawing(phase) => Some(&mut phase.attempts),
        }
    }

    fn progress(&self) -> Option<&Progress> {
        match self {
            Self::Idle | Self::Withdrawing(_) => None,
            Self::Contending(phase) => Some(&phase.progress),
            Self::Probation(phase) => Some(&phase.holding.traffic.progress),
            Self::Leading(phase) => Some(&phase.holding.traffic.progress),
            Self::Releasing(phase) => Some(&phase.traffic.progress),
        }
    }
}
