//! The end of contending while a write may still be applied: reads find out whether it was, and
//! what it has won is given back without ever being believed.

mod answers;

use super::{
    attempts::Attempts,
    in_flight::Purpose,
    next::{Bid, Next},
    outstanding::{Outstanding, Want},
    turn::Turn,
};
use crate::{
    leadership::{Leadership, Release},
    pace::Pace,
    request::Request,
    time::{Instant, Timestamp},
};

/// This elector does not lead, and will not.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct Withdrawing {
    /// The acquireTime of the term that the writes would begin.
    acquire_time: Timestamp,
    pub(super) attempts: Attempts,
    /// A write that is not outstanding may have been applied: a read has to show.
    read_required: bool,
    /// No read is sent before this.
    read_from: Instant,
    deadline: Instant,
    /// If the release fails, others may take the Lease from this instant on.
    held_until: Instant,
}

impl Withdrawing {
    pub(super) fn begin(bid: Bid, turn: &mut Turn<'_>) -> Self {
        let Bid { acquire_time, mut attempts, held_until } = bid;
        let read_required = attempts.has_unconfirmed();
        attempts.drop_reads(&mut turn.step);
        let deadline = turn.now().after(turn.config().release_timeout);
        let read_from = turn.now();
        Self { acquire_time, attempts, read_required, read_from, deadline, held_until }
    }

    pub(super) fn pass_time(&mut self, turn: &mut Turn<'_>) -> Next {
        if turn.clock_went_back() { self.give_up(turn) } else { Next::Stay }
    }

    pub(super) fn proceed(&mut self, turn: &mut Turn<'_>) -> Next {
        if !self.read_required && self.attempts.unproved_writes().next().is_none() {
            return self.end(turn);
        }
        // Rule 16: what became of the write is not known in time.
        if turn.now() >= self.deadline {
            return self.give_up(turn);
        }
        if let Want::Read = self.next(turn.now()) {
            let pace = Pace::of_release(turn.config(), self.deadline);
            turn.send(&mut self.attempts, Purpose::Contend, Request::Read, pace);
            // The write whose place it has taken may have been applied.
            self.read_required |= self.attempts.has_unconfirmed();
        }
        turn.step.wake_at = Some(self.next(turn.now()).wake_at(turn.now()));
        Next::Stay
    }

    /// Returns what to do next. A read joins the write that is outstanding.
    fn next(&self, now: Instant) -> Want {
        let due = match (self.attempts.writes(), self.attempts.reads()) {
            // Rule 10: a read takes the place of one of two writes when its time is up.
            (Outstanding::Two { replace_at }, Outstanding::None) => {
                Some(replace_at.max(self.read_from))
            }
            (_, Outstanding::Two { replace_at }) => Some(replace_at),
            (Outstanding::One { .. } | Outstanding::Two { .. }, Outstanding::One { .. }) => None,
            (Outstanding::One { hedge_at, .. }, Outstanding::None) => {
                Some(hedge_at.max(self.read_from))
            }
            (Outstanding::None, Outstanding::None) => Some(self.read_from),
            (Outstanding::None, Outstanding::One { hedge_at, .. }) => Some(hedge_at),
        };
        match due {
            Some(at) if now >= at => Want::Read,
            Some(at) => Want::Wait(at.min(self.deadline)),
            None => Want::Wait(self.deadline),
        }
    }

    /// Nothing was won.
    fn end(&mut self, turn: &mut Turn<'_>) -> Next {
        self.attempts.drop_all(&mut turn.step);
        turn.publish(Leadership::Withdrawn);
        Next::End
    }

    /// Whether anything was won can't be found out in time.
    pub(super) fn give_up(&mut self, turn: &mut Turn<'_>) -> Next {
        self.attempts.drop_all(&mut turn.step);
        let now = turn.now();
        turn.memory.contend_later(now);
        turn.publish(Leadership::Released(Release::StillHeld { until: self.held_until }));
        Next::End
    }
}

#[cfg(feature = "model")]
impl Withdrawing {
    pub(super) fn canonical(&mut self, horizon: core::time::Duration, frame: &crate::model::Frame) {
        self.attempts.canonical(horizon, frame);
        self.read_from = frame.due(self.read_from);
        self.deadline = frame.due(self.deadline);
        // Only what is told at the end depends on it.
        self.held_until = frame.shown_as;
    }

    pub(super) fn rename(&mut self, names: &mut dyn crate::model::Rename) {
        self.attempts.rename(names);
        names.acquire_time(&mut self.acquire_time);
    }
}
