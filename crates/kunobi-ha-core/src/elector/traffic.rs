//! The requests of a phase that holds the Lease: which are outstanding, whether they make progress,
//! and what is due.

use super::{
    answer::Failed,
    attempts::Attempts,
    in_flight::{InFlight, Purpose},
    outstanding::Want,
    progress::Progress,
    schedule::Schedule,
    turn::Turn,
};
use crate::{notice::Setback, pace::Pace, request::Request, time::Instant};

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct Traffic {
    pub(super) attempts: Attempts,
    pub(super) progress: Progress,
    pub(super) schedule: Schedule,
}

impl Traffic {
    /// The first write is due at that instant.
    pub(super) fn starting_at(write: Instant, attempts: Attempts) -> Self {
        Self { attempts, progress: Progress::default(), schedule: Schedule::starting_at(write) }
    }

    pub(super) fn read(&mut self, purpose: Purpose, pace: Pace, turn: &mut Turn<'_>) {
        turn.send(&mut self.attempts, purpose, Request::Read, pace);
    }

    pub(super) fn write(
        &mut self,
        purpose: Purpose,
        request: Request,
        pace: Pace,
        turn: &mut Turn<'_>,
    ) {
        turn.send(&mut self.attempts, purpose, request, pace);
        self.schedule.sent();
    }

    /// This attempt has failed.
    pub(super) fn failed(
        &mut self,
        attempt: InFlight,
        failed: Failed,
        deadline: Instant,
        turn: &mut Turn<'_>,
    ) {
        self.progress.failed(&attempt, failed.setback, turn.now());
        self.schedule.failed(&attempt, deadline, failed.retry_after, turn);
        if failed.may_be_applied() {
            self.attempts.keep_unconfirmed(attempt);
        }
    }

    /// This write has failed, and the Lease may have changed.
    pub(super) fn conflicted(
        &mut self,
        attempt: &InFlight,
        setback: Setback,
        deadline: Instant,
        turn: &mut Turn<'_>,
    ) {
        self.progress.failed(attempt, setback, turn.now());
        self.schedule.conflicted(deadline, turn);
    }

    /// Says when to come back.
    pub(super) fn set_wake(&mut self, next: Want, turn: &mut Turn<'_>) {
        let wake = next.wake_at(turn.now());
        let silence = self.attempts.silence();
        let tell_at = self.progress.tell_at(silence, turn.config());
        turn.step.wake_at = Some(tell_at.map_or(wake, |at| at.min(wake)));
    }

    pub(super) fn tell(&mut self, turn: &mut Turn<'_>) {
        let silence = self.attempts.silence();
        self.progress.tell(silence, turn);
    }
}

#[cfg(feature = "model")]
impl Traffic {
    pub(super) fn canonical(&mut self, horizon: core::time::Duration, frame: &crate::model::Frame) {
        self.attempts.canonical(horizon, frame);
        // Only a candidate's progress has consequences.
        self.progress = Progress::default();
    }
}
