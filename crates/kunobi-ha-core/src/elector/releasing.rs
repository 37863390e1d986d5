//! Giving the Lease back after the term has ended: bounded, and truthful about what became of it.

mod answers;

use super::{
    in_flight::{InFlight, Purpose},
    next::{Ending, Next},
    outstanding::Want,
    traffic::Traffic,
    turn::Turn,
};
use crate::{
    leadership::{Leadership, Release},
    lease::Tenure,
    pace::Pace,
    request::Request,
    time::Instant,
};

/// This elector does not lead any more; the Lease may still name it.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct Releasing {
    /// The term that has ended: only its record may be released.
    ended: Tenure,
    /// The requests of the release, and the renewals that were under way when the term ended.
    pub(super) traffic: Traffic,
    deadline: Instant,
    /// If the release fails, others may take the Lease from this instant on.
    held_until: Instant,
}

impl Releasing {
    pub(super) fn begin(ending: Ending, turn: &Turn<'_>) -> Self {
        let Ending { tenure, attempts, deadline, held_until } = ending;
        let traffic = Traffic::starting_at(turn.now(), attempts);
        Self { ended: tenure, traffic, deadline, held_until }
    }

    pub(super) fn pass_time(&mut self, turn: &mut Turn<'_>) -> Next {
        if turn.clock_went_back() { self.give_up(turn) } else { Next::Stay }
    }

    pub(super) fn proceed(&mut self, turn: &mut Turn<'_>) -> Next {
        if let Some(release) = self.result(turn) {
            // One publication a step: readers must see the end of the term first (rule 16).
            if turn.step.publish.is_some() {
                turn.step.wake_at = Some(turn.now());
                return Next::Stay;
            }
            return self.finish(release, turn);
        }
        match self.next(turn) {
            Want::Read => {
                let pace = Pace::of_release(turn.config(), self.deadline);
                self.traffic.read(Purpose::Release, pace, turn);
            }
            Want::Write => self.write(turn),
            Want::Wait(_) => {}
        }
        self.traffic.tell(turn);
        self.traffic.set_wake(self.next(turn), turn);
        Next::Stay
    }

    /// Returns what became of the release, if that is known or time is up.
    fn result(&self, turn: &Turn<'_>) -> Option<Release> {
        let Traffic { attempts, schedule, .. } = &self.traffic;
        let gone = turn.memory.view.present().is_none();
        let pending = schedule.awaits_read() || attempts.unproved().next().is_some();
        if turn.now() >= self.deadline {
            Some(self.still_held(turn))
        } else if gone && !pending {
            Some(Release::NotOurs)
        } else {
            None
        }
    }

    fn next(&self, turn: &Turn<'_>) -> Want {
        let Traffic { attempts, schedule, .. } = &self.traffic;
        match schedule.next(turn.now(), self.deadline, attempts, InFlight::releases) {
            // The Lease was deleted; a write that would create it again is still outstanding.
            Want::Write if turn.memory.view.present().is_none() => Want::Wait(self.deadline),
            want @ (Want::Read | Want::Wait(_) | Want::Write) => want,
        }
    }

    /// Each renewal that may have been applied holds the Lease for L after its send.
    fn still_held(&self, turn: &Turn<'_>) -> Release {
        let last = self.traffic.attempts.last_write();
        let until = last.map(|last| last.sent.after(turn.config().lease_duration));
        Release::StillHeld { until: until.map_or(self.held_until, |at| at.max(self.held_until)) }
    }

    /// A renewal that was sent then was applied.
    fn renewed(&mut self, sent: Instant, turn: &Turn<'_>) {
        self.held_until = self.held_until.max(sent.after(turn.config().lease_duration));
    }

    fn write(&mut self, turn: &mut Turn<'_>) {
        let reading = turn.reading();
        let memory = &mut *turn.memory;
        if let Some(seen) = memory.view.present() {
            let record = memory.writer.release(&seen.lease, reading);
            let request = Request::Update { version: seen.lease.version.clone(), record };
            let pace = Pace::of_release(memory.timing.config(), self.deadline);
            self.traffic.write(Purpose::Release, request, pace, turn);
        }
    }

    pub(super) fn give_up(&mut self, turn: &mut Turn<'_>) -> Next {
        let release = self.still_held(turn);
        self.finish(release, turn)
    }

    fn finish(&mut self, release: Release, turn: &mut Turn<'_>) -> Next {
        self.traffic.attempts.drop_all(&mut turn.step);
        let now = turn.now();
        turn.memory.contend_later(now);
        turn.publish(Leadership::Released(release));
        Next::End
    }
}

#[cfg(feature = "model")]
impl Releasing {
    pub(super) fn canonical(&mut self, horizon: core::time::Duration, frame: &crate::model::Frame) {
        self.traffic.schedule.canonical(&self.traffic.attempts, horizon, frame);
        self.traffic.canonical(horizon, frame);
        self.deadline = frame.due(self.deadline);
        // Only what is told at the end depends on it.
        self.held_until = frame.shown_as;
    }

    pub(super) fn rename(&mut self, names: &mut dyn crate::model::Rename) {
        self.traffic.attempts.rename(names);
        self.ended.rename(names);
    }
}
