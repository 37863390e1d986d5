//! What an answer or a watch event means to a holder of the Lease.

use super::{Held, Holding};
use crate::{
    elector::{
        answer::{Answer, ReadAnswer, WriteAnswer, Written},
        in_flight::InFlight,
        turn::Turn,
    },
    leadership::StepDownReason,
    lease::Lease,
    lease_view::{Freshness, Known, ShownBy},
    notice::Setback,
};

impl Holding {
    pub(in crate::elector) fn answered(
        &mut self,
        attempt: InFlight,
        answer: Answer,
        turn: &mut Turn<'_>,
    ) -> Held {
        match answer {
            Answer::Read(ReadAnswer::Found(lease)) => {
                return self.shown(ShownBy::Read(attempt.id), lease, turn);
            }
            Answer::Read(ReadAnswer::Absent) => self.found_absent(&attempt, turn),
            Answer::Write(WriteAnswer::Written(written)) => {
                return self.written(attempt, written, turn);
            }
            Answer::Write(WriteAnswer::NoCreateByPut(setback)) => {
                self.traffic.progress.failed(&attempt, setback, turn.now());
                turn.memory.writer.create_with_post();
                self.traffic.schedule.write_now(turn.now());
            }
            Answer::Write(WriteAnswer::Conflict) => {
                self.conflicted(&attempt, Setback::Conflict, turn);
            }
            Answer::Write(WriteAnswer::Void(setback)) => self.conflicted(&attempt, setback, turn),
            Answer::Read(ReadAnswer::Failed(failed))
            | Answer::Write(WriteAnswer::Failed(failed)) => {
                self.traffic.failed(attempt, failed, self.valid_until, turn);
            }
        }
        Held::On
    }

    fn conflicted(&mut self, write: &InFlight, setback: Setback, turn: &mut Turn<'_>) {
        self.traffic.conflicted(write, setback, self.valid_until, turn);
    }

    fn written(&mut self, write: InFlight, written: Written, turn: &mut Turn<'_>) -> Held {
        let flaws = written.assess(&write, turn);
        if flaws.are_none() {
            self.drop_all(turn);
            return self.succeeded(&write, written.lease, turn);
        }
        self.conflicted(&write, Setback::Unfit, turn);
        if !flaws.overwrote && !flaws.wrote_nothing {
            self.traffic.attempts.keep_unconfirmed(write);
        }
        Held::On
    }

    /// This write of this term is known to have been applied.
    fn succeeded(&mut self, applied: &InFlight, lease: Lease, turn: &mut Turn<'_>) -> Held {
        let (deadline, retry) = (turn.config().renew_deadline, turn.config().retry_period);
        self.traffic.progress.made();
        // Rules 2 and 13: from the send of this very attempt, and never back.
        self.valid_until = self.valid_until.max(applied.sent.after(deadline));
        // Rule 11: a renewal is due R after the send of the last success.
        self.traffic.schedule.succeeded(applied.sent.after(retry));
        let recreated = applied.creates();
        if recreated {
            self.tenure.uid = lease.version.uid.clone();
            turn.memory.own_terms.claim(&lease.version.uid, self.tenure.term.acquire_time());
        }
        turn.memory.grace.written(&lease.version.uid, applied.sent);
        turn.adopt_own(lease);
        if recreated { Held::Recreated } else { Held::Renewed }
    }

    /// A Lease was shown.
    pub(in crate::elector) fn shown(
        &mut self,
        shown_by: ShownBy,
        lease: Lease,
        turn: &mut Turn<'_>,
    ) -> Held {
        match turn.memory.view.judge(shown_by, &lease.version) {
            Freshness::Current => {}
            Freshness::Stale => {
                if let ShownBy::Read(_) = shown_by {
                    self.traffic.schedule.write_now(turn.now());
                }
                return Held::On;
            }
            Freshness::Rewound { from, to } => {
                turn.rewind(from, to);
                turn.adopt_shown(lease);
                return Held::Lost(StepDownReason::Rewound);
            }
        }
        if let Some(proved) = self.traffic.attempts.prove(&lease, &mut turn.step) {
            return self.succeeded(&proved, lease, turn);
        }
        // Rule 14: a Lease that does not show our term ends it at once.
        if !self.tenure.is_shown_by(&lease, turn.memory.writer.identity()) {
            let recreating = matches!(turn.memory.view.known, Known::Absent { .. });
            turn.adopt_shown(lease);
            return Held::Lost(if recreating {
                StepDownReason::RecreationLost
            } else {
                StepDownReason::HolderChanged
            });
        }
        // Rule 14: our term is kept, whatever renewTime somebody wrote by hand; a renewal goes out
        // over the version that was shown.
        let voided = self.traffic.attempts.supersede(&lease.version, &mut turn.step);
        turn.adopt_shown(lease);
        if voided || matches!(shown_by, ShownBy::Read(_)) {
            self.traffic.schedule.write_now(turn.now());
        }
        Held::On
    }

    fn found_absent(&mut self, read: &InFlight, turn: &mut Turn<'_>) {
        if turn.memory.view.was_sent_after_newest(read.id) {
            self.traffic.attempts.give_updates_up(&mut turn.step);
            turn.memory.view.adopt_absence(turn.now());
        }
        if self.traffic.attempts.unproved_writes().next().is_some() {
            self.traffic.schedule.read_done();
        } else {
            self.traffic.schedule.write_now(turn.now());
        }
    }

    /// A watch event told of a deletion. Rule 13: a read finds out whether that is still so.
    pub(in crate::elector) fn deletion_told(&mut self, turn: &Turn<'_>) {
        self.traffic.schedule.read_now(turn.now());
    }
}
