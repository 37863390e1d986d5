//! What an answer or a watch event means to a release.

use super::Releasing;
use crate::{
    elector::{
        answer::{Answer, ReadAnswer, WriteAnswer},
        in_flight::InFlight,
        next::Next,
        turn::Turn,
    },
    leadership::Release,
    lease::Lease,
    lease_view::{Freshness, ShownBy},
    notice::Setback,
};

impl Releasing {
    pub(in crate::elector) fn answered(
        &mut self,
        attempt: InFlight,
        answer: Answer,
        turn: &mut Turn<'_>,
    ) -> Next {
        match answer {
            Answer::Read(answer) => self.read_answered(attempt, answer, turn),
            Answer::Write(answer) if attempt.releases() => {
                self.release_answered(attempt, answer, turn)
            }
            Answer::Write(answer) => {
                self.renewal_answered(attempt, answer, turn);
                Next::Stay
            }
        }
    }

    fn read_answered(&mut self, read: InFlight, answer: ReadAnswer, turn: &mut Turn<'_>) -> Next {
        match answer {
            ReadAnswer::Found(lease) => return self.shown(ShownBy::Read(read.id), lease, turn),
            ReadAnswer::Absent => {
                if turn.memory.view.was_sent_after_newest(read.id) {
                    turn.memory.view.adopt_absence(turn.now());
                }
                self.traffic.schedule.write_now(turn.now());
            }
            ReadAnswer::Failed(failed) => self.traffic.failed(read, failed, self.deadline, turn),
        }
        Next::Stay
    }

    fn release_answered(
        &mut self,
        release: InFlight,
        answer: WriteAnswer,
        turn: &mut Turn<'_>,
    ) -> Next {
        let setback = match answer {
            WriteAnswer::Written(written) => {
                let flaws = written.assess(&release, turn);
                // Rule 8: what was altered on the way may still name a holder.
                if !flaws.wrote_nothing && written.lease.record.is_free() {
                    turn.adopt_own(written.lease);
                    return self.finish(Release::Released, turn);
                }
                Setback::Unfit
            }
            WriteAnswer::Conflict => Setback::Conflict,
            WriteAnswer::NoCreateByPut(setback) | WriteAnswer::Void(setback) => setback,
            WriteAnswer::Failed(failed) => {
                self.traffic.failed(release, failed, self.deadline, turn);
                return Next::Stay;
            }
        };
        self.traffic.conflicted(&release, setback, self.deadline, turn);
        Next::Stay
    }

    /// A renewal that was under way when the term ended has an answer: it may have moved the
    /// version that the release needs.
    fn renewal_answered(&mut self, renewal: InFlight, answer: WriteAnswer, turn: &mut Turn<'_>) {
        match answer {
            WriteAnswer::Written(written) => {
                let flaws = written.assess(&renewal, turn);
                if !flaws.are_none() {
                    // Rule 8: only a read can tell whether the record is still that of our term.
                    self.traffic.schedule.read_now(turn.now());
                    return;
                }
                let lease = written.lease;
                self.traffic.attempts.supersede(&lease.version, &mut turn.step);
                self.ended.uid = lease.version.uid.clone();
                self.renewed(renewal.sent, turn);
                turn.adopt_own(lease);
                self.traffic.schedule.write_now(turn.now());
            }
            WriteAnswer::Failed(failed) if failed.may_be_applied() => {
                self.traffic.attempts.keep_unconfirmed(renewal);
                self.traffic.schedule.read_now(turn.now());
            }
            WriteAnswer::Conflict
            | WriteAnswer::Failed(_)
            | WriteAnswer::NoCreateByPut(_)
            | WriteAnswer::Void(_) => {}
        }
    }

    pub(in crate::elector) fn event_showed(&mut self, lease: Lease, turn: &mut Turn<'_>) -> Next {
        self.shown(ShownBy::Event, lease, turn)
    }

    fn shown(&mut self, shown_by: ShownBy, lease: Lease, turn: &mut Turn<'_>) -> Next {
        match turn.memory.view.judge(shown_by, &lease.version) {
            Freshness::Current => {}
            Freshness::Stale => {
                if let ShownBy::Read(_) = shown_by {
                    self.traffic.schedule.write_now(turn.now());
                }
                return Next::Stay;
            }
            Freshness::Rewound { from, to } => {
                turn.rewind(from, to);
                turn.adopt_shown(lease);
                return self.finish(Release::NotOurs, turn);
            }
        }
        let proved = self.traffic.attempts.prove(&lease, &mut turn.step);
        let released = proved.as_ref().is_some_and(InFlight::releases);
        if let Some(renewal) = proved.filter(|_| !released) {
            self.ended.uid = lease.version.uid.clone();
            self.renewed(renewal.sent, turn);
        }
        let still_ours = self.ended.is_shown_by(&lease, turn.memory.writer.identity());
        let voided = self.traffic.attempts.supersede(&lease.version, &mut turn.step);
        turn.adopt_shown(lease);
        if released {
            return self.finish(Release::Released, turn);
        }
        // Rule 16: only a record of the term that has ended is given back.
        if !still_ours {
            return self.finish(Release::NotOurs, turn);
        }
        if voided || matches!(shown_by, ShownBy::Read(_)) {
            self.traffic.schedule.write_now(turn.now());
        }
        Next::Stay
    }

    /// A watch event told of a deletion. Rule 13: a read finds out whether that is still so.
    pub(in crate::elector) fn deletion_told(&mut self, turn: &Turn<'_>) {
        self.traffic.schedule.read_now(turn.now());
    }
}
