//! What an answer or a watch event means to a withdrawal.

use super::Withdrawing;
use crate::{
    elector::{
        answer::{Answer, ReadAnswer, WriteAnswer, Written},
        in_flight::InFlight,
        next::{Ending, Next},
        turn::Turn,
    },
    lease::{Lease, Tenure},
    lease_view::{Freshness, ShownBy},
    record::{LeaseRecord, LeaseTime},
};

impl Withdrawing {
    pub(in crate::elector) fn answered(
        &mut self,
        attempt: &InFlight,
        answer: Answer,
        turn: &mut Turn<'_>,
    ) -> Next {
        match answer {
            Answer::Read(ReadAnswer::Found(lease)) => {
                return self.shown(ShownBy::Read(attempt.id), lease, turn);
            }
            Answer::Read(ReadAnswer::Absent) => {
                if turn.memory.view.was_sent_after_newest(attempt.id) {
                    self.attempts.drop_updates(&mut turn.step);
                    turn.memory.view.adopt_absence(turn.now());
                }
                self.read(turn);
            }
            Answer::Write(WriteAnswer::Written(written)) => {
                return self.written(attempt, written, turn);
            }
            Answer::Write(WriteAnswer::Failed(failed)) if failed.may_be_applied() => {
                self.lost_sight(turn);
            }
            // An unconfirmed write may have been applied after the last read.
            Answer::Write(WriteAnswer::Conflict) if self.attempts.has_unconfirmed() => {
                self.lost_sight(turn);
            }
            // The other outstanding write may have been applied.
            Answer::Write(WriteAnswer::Conflict) => self.read_from = turn.now(),
            Answer::Read(ReadAnswer::Failed(_))
            | Answer::Write(
                WriteAnswer::Failed(_) | WriteAnswer::NoCreateByPut(_) | WriteAnswer::Void(_),
            ) => {
                let retry = turn.config().retry_period;
                self.read_from = turn.jittered(retry / 4);
            }
        }
        Next::Stay
    }

    /// A write that is not outstanding may have been applied: only a read sent from now on can tell.
    fn lost_sight(&mut self, turn: &mut Turn<'_>) {
        self.attempts.drop_reads(&mut turn.step);
        self.read_required = true;
        self.read_from = turn.now();
    }

    /// A read has shown no record of ours. What is outstanding may still be applied.
    fn read(&mut self, turn: &mut Turn<'_>) {
        self.read_required = false;
        let retry = turn.config().retry_period;
        self.read_from = turn.jittered(retry);
    }

    fn written(&mut self, write: &InFlight, written: Written, turn: &mut Turn<'_>) -> Next {
        let flaws = written.assess_bid(write, turn);
        let lease = written.lease;
        let applied = !flaws.overwrote && !flaws.wrote_nothing;
        let gone = turn.memory.view.has_passed(&lease);
        if applied && !gone && self.is_own(&lease.record, turn) {
            return self.won(lease, turn);
        }
        Next::Stay
    }

    pub(in crate::elector) fn event_showed(&mut self, lease: Lease, turn: &mut Turn<'_>) -> Next {
        self.shown(ShownBy::Event, lease, turn)
    }

    fn shown(&mut self, shown_by: ShownBy, lease: Lease, turn: &mut Turn<'_>) -> Next {
        match turn.memory.view.judge(shown_by, &lease.version) {
            Freshness::Current => {}
            Freshness::Stale => return Next::Stay,
            Freshness::Rewound { from, to } => {
                turn.rewind(from, to);
                turn.adopt_shown(lease);
                return self.end(turn);
            }
        }
        if self.is_own(&lease.record, turn) {
            return self.won(lease, turn);
        }
        self.attempts.drop_creates(&mut turn.step);
        self.attempts.supersede(&lease.version, &mut turn.step);
        turn.adopt_shown(lease);
        if let ShownBy::Read(_) = shown_by {
            self.read(turn);
        }
        Next::Stay
    }

    /// Rule 16: a record of ours is known by its holder and acquireTime.
    fn is_own(&self, record: &LeaseRecord, turn: &Turn<'_>) -> bool {
        turn.memory.writer.is_named_in(record)
            && record.acquire_time == LeaseTime::At(self.acquire_time)
    }

    /// Rule 16: a write was applied, and what it has won is released without ever leading.
    fn won(&mut self, lease: Lease, turn: &mut Turn<'_>) -> Next {
        let now = turn.now();
        // Nobody leads by this write, so it is enough that the grace is over now.
        turn.memory.grace.written(&lease.version.uid, now);
        if turn.memory.grace.covers(&lease.version.uid) {
            return self.end(turn);
        }
        self.attempts.supersede(&lease.version, &mut turn.step);
        let tenure = Tenure::begun_by(&lease, self.acquire_time);
        turn.memory.own_terms.claim(&tenure.uid, self.acquire_time);
        turn.adopt_own(lease);
        let attempts = core::mem::take(&mut self.attempts);
        let Self { deadline, held_until, .. } = *self;
        Next::Release(Ending { tenure, attempts, deadline, held_until })
    }
}
