//! The machine.
//!
//! # Invariants
//!
//! 1. Decisions use the monotonic clock only; the wall clock is only written down.
//! 2. Belief counts from the instant at which a successful write was *sent*.
//! 3. The record of another holder ages from our own first sight of exactly that record.
//! 4. At most two requests are outstanding, and an answer counts only for its own request, and for
//!    the candidacy, term or release that sent it.
//! 5. Every write over a Lease that was seen carries the uid and resourceVersion that were served
//!    together with the record whose age it relies on.
//! 6. A term that has ended is never revived, and nothing is sent for it but its release.
//! 7. One publication a step at most, and it comes before everything else in the step.

mod attempts;
mod candidate;
mod contact;
mod kernel;
pub(crate) mod pace;
mod progress;
mod pursuit;
mod reign;
mod release;
mod schedule;
mod withdrawal;

use alloc::boxed::Box;
use core::time::Duration;

use self::{
    attempts::Attempts, candidate::Candidacy, kernel::Kernel, progress::Progress, reign::Reign,
    release::Releasing, withdrawal::Withdrawal,
};
use crate::{
    input::{Input, Observed, Outcome},
    invalid_config::InvalidConfig,
    observation::Source,
    record::Version,
    step::{AttemptId, Leadership, Release, Step, StepDownReason},
    time::{ClockReading, Instant},
    timing::Timing,
};

/// One candidate of one election, for life.
///
/// Tell it what happened and what time it is; do what the returned [`Step`] says, in the order of
/// its fields; come back when a request ends or `wake_at` arrives.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Elector {
    kernel: Kernel,
    phase: Phase,
    now: Instant,
}

/// Boxed, for a step hands its phase on several times, and an idle elector needs none.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
enum Phase {
    /// Nobody wants to lead.
    #[default]
    Idle,
    Contending(Box<Candidacy>),
    Leading(Box<Reign>),
    Releasing(Box<Releasing>),
    /// Not contending any more, with a bid that may be won.
    Withdrawing(Box<Withdrawal>),
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
        let kernel = Kernel::new(identity, timing, seed);
        Ok(Self { kernel, phase: Phase::Idle, now: Instant::from_nanos(0) })
    }

    /// Takes what happened, and returns what to do.
    pub fn handle(&mut self, reading: ClockReading, input: Input) -> Step {
        let mut step = Step::default();
        let now = reading.monotonic;
        let phase = core::mem::take(&mut self.phase);
        let phase = self.pass_time(phase, now, &mut step);
        if let Input::Answered { attempt, .. } = &input {
            // It is not outstanding, even if time has just ended what it was sent for.
            step.drop.retain(|dropped| dropped != attempt);
        }
        let phase = self.take_input(phase, now, input, &mut step);
        self.phase = match phase {
            Phase::Idle => Phase::Idle,
            Phase::Contending(candidacy) => candidacy.proceed(&mut self.kernel, reading, &mut step),
            Phase::Leading(reign) => reign.proceed(&mut self.kernel, reading, &mut step),
            Phase::Releasing(releasing) => releasing.proceed(&mut self.kernel, reading, &mut step),
            Phase::Withdrawing(bid) => bid.proceed(&mut self.kernel, now, &mut step),
        };
        step
    }

    /// Ends what the time that has passed has ended, before anything that happened can count.
    fn pass_time(&mut self, phase: Phase, now: Instant, step: &mut Step) -> Phase {
        let kernel = &mut self.kernel;
        let went_back = now < self.now;
        self.now = now;
        if went_back {
            kernel.restart(now);
        }
        match phase {
            Phase::Leading(reign) if went_back => {
                reign.end(kernel, StepDownReason::ClockWentBack, now, step)
            }
            Phase::Leading(reign) if now >= reign.valid_until => {
                reign.end(kernel, StepDownReason::RenewDeadlineExceeded, now, step)
            }
            Phase::Contending(candidacy) if went_back => {
                Phase::Contending(Box::new(candidacy.restart(now, step)))
            }
            Phase::Releasing(releasing) if went_back => releasing.give_up(kernel, now, step),
            Phase::Withdrawing(bid) if went_back => bid.give_up(kernel, now, step),
            Phase::Contending(_)
            | Phase::Idle
            | Phase::Leading(_)
            | Phase::Releasing(_)
            | Phase::Withdrawing(_) => phase,
        }
    }

    fn take_input(&mut self, phase: Phase, now: Instant, input: Input, step: &mut Step) -> Phase {
        let kernel = &mut self.kernel;
        match (phase, input) {
            (Phase::Idle, Input::Acquire) => {
                Phase::Contending(Box::new(Candidacy::begin(kernel, now, step)))
            }
            (Phase::Idle, Input::StepDown) => {
                if step.publish.is_none() {
                    step.publish = Some(Leadership::Released(Release::NotHeld));
                }
                Phase::Idle
            }
            (phase, Input::Answered { attempt, outcome }) => {
                self.answered(phase, attempt, outcome, now, step)
            }
            (phase, Input::Observed(observed)) => self.observed(phase, observed, now, step),
            (Phase::Contending(candidacy), Input::StepDown) => {
                candidacy.step_down(kernel, now, step)
            }
            (Phase::Contending(candidacy), Input::Stop) => candidacy.withdraw(step),
            (Phase::Leading(reign), Input::StepDown) => reign.step_down(kernel, now, step),
            (Phase::Leading(reign), Input::Stop) => reign.withdraw(step),
            (Phase::Releasing(releasing), Input::Stop) => releasing.give_up(kernel, now, step),
            (Phase::Withdrawing(bid), Input::Stop) => bid.give_up(kernel, now, step),
            (Phase::Idle, Input::Stop | Input::Wake) => Phase::Idle,
            (
                phase @ (Phase::Contending(_)
                | Phase::Leading(_)
                | Phase::Releasing(_)
                | Phase::Withdrawing(_)),
                Input::Acquire | Input::Wake,
            )
            | (phase @ (Phase::Releasing(_) | Phase::Withdrawing(_)), Input::StepDown) => phase,
        }
    }

    fn answered(
        &mut self,
        mut phase: Phase,
        id: AttemptId,
        outcome: Outcome,
        now: Instant,
        step: &mut Step,
    ) -> Phase {
        let kernel = &mut self.kernel;
        let Some(attempts) = phase.attempts() else { return phase };
        let Some(attempt) = attempts.take(id) else { return phase };
        let definite = !matches!(outcome, Outcome::Unknown { .. });
        kernel.contact.heard(attempt.sent, definite, now);
        if attempt.kind.is_served_by(&outcome) {
            kernel.contact.used(attempt.kind.verb());
        }
        if attempt.settled {
            return phase;
        }
        if matches!(outcome, Outcome::Found { .. } | Outcome::Absent) && attempt.kind.reads() {
            attempts.drop_looks(step);
        }
        match phase {
            Phase::Idle => Phase::Idle,
            Phase::Contending(candidacy) => candidacy.answered(kernel, attempt, outcome, now, step),
            Phase::Leading(reign) => reign.answered(kernel, attempt, outcome, now, step),
            Phase::Releasing(releasing) => releasing.answered(kernel, attempt, outcome, now, step),
            Phase::Withdrawing(bid) => bid.answered(kernel, &attempt, outcome, now, step),
        }
    }

    fn observed(
        &mut self,
        phase: Phase,
        observed: Observed,
        now: Instant,
        step: &mut Step,
    ) -> Phase {
        let kernel = &mut self.kernel;
        match (phase, observed) {
            (Phase::Idle, Observed::Found { .. } | Observed::Deleted) => Phase::Idle,
            (Phase::Contending(candidacy), Observed::Found { version, record }) => {
                candidacy.saw(kernel, Source::Watch, version, record, now, step)
            }
            (Phase::Leading(reign), Observed::Found { version, record }) => {
                reign.saw(kernel, Source::Watch, version, record, now, step)
            }
            (Phase::Releasing(releasing), Observed::Found { version, record }) => {
                releasing.saw(kernel, Source::Watch, version, record, now, step)
            }
            (Phase::Withdrawing(bid), Observed::Found { version, record }) => {
                bid.saw(kernel, Source::Watch, version, record, now, step)
            }
            (Phase::Contending(mut candidacy), Observed::Deleted) => {
                candidacy.heard_of_deletion(now);
                Phase::Contending(candidacy)
            }
            (Phase::Leading(mut reign), Observed::Deleted) => {
                reign.heard_of_deletion(now);
                Phase::Leading(reign)
            }
            (Phase::Releasing(mut releasing), Observed::Deleted) => {
                releasing.heard_of_deletion(now);
                Phase::Releasing(releasing)
            }
            // It only waits.
            (phase @ Phase::Withdrawing(_), Observed::Deleted) => phase,
        }
    }

    /// Returns the version that the next update will be made against.
    ///
    /// A driver keeps the object that was served with this version, for an update must keep
    /// everything in it that the election does not own.
    #[must_use]
    pub fn version(&self) -> Option<&Version> {
        self.kernel.sight.version()
    }

    /// Returns when the record of a holder was first seen as it is now: the last sign of life of
    /// the leader.
    #[must_use]
    pub fn holder_seen_at(&self) -> Option<Instant> {
        self.kernel.sight.present().filter(|seen| !seen.record.is_free()).map(|seen| seen.since)
    }

    /// Returns how long to wait before the next [`Input::Acquire`]: zero, or 1, 2, 4 … 60 s after
    /// that many terms in a row that were lost within one lease duration.
    #[must_use]
    pub fn flap_backoff(&self) -> Duration {
        match self.kernel.flaps {
            0 => Duration::ZERO,
            flaps @ 1..=6 => Duration::from_secs(1 << (flaps - 1)),
            _ => LONGEST_BACKOFF,
        }
    }

    /// Tells whether requests have failed since the last one that led anywhere: what a driver
    /// shows as the last error is of today.
    #[must_use]
    pub fn is_failing(&self) -> bool {
        self.phase.progress().is_some_and(Progress::is_failing)
    }

    /// Returns the durations of this elector.
    #[must_use]
    pub fn timing(&self) -> &Timing {
        &self.kernel.timing
    }

    /// Returns the name under which this elector holds the Lease.
    #[must_use]
    pub fn identity(&self) -> &str {
        &self.kernel.identity
    }
}

impl Phase {
    fn attempts(&mut self) -> Option<&mut Attempts> {
        match self {
            Self::Idle => None,
            Self::Contending(candidacy) => Some(&mut candidacy.attempts),
            Self::Leading(reign) => Some(&mut reign.attempts),
            Self::Releasing(releasing) => Some(&mut releasing.attempts),
            Self::Withdrawing(bid) => Some(&mut bid.attempts),
        }
    }

    fn progress(&self) -> Option<&Progress> {
        match self {
            Self::Idle | Self::Withdrawing(_) => None,
            Self::Contending(candidacy) => Some(&candidacy.progress),
            Self::Leading(reign) => Some(&reign.progress),
            Self::Releasing(releasing) => Some(&releasing.progress),
        }
    }
}

const LONGEST_BACKOFF: Duration = Duration::from_secs(60);
