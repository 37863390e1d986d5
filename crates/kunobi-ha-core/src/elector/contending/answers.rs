//! What an answer or a watch event means to a candidate.

use super::{Contending, RunningBid};
use crate::{
    elector::{
        answer::{Answer, Failed, ReadAnswer, WriteAnswer, Written},
        holding::Holding,
        in_flight::InFlight,
        next::Next,
        turn::Turn,
    },
    input::Refusal,
    leadership::{Failure, Leadership},
    lease::Lease,
    lease_view::{Freshness, ShownBy},
    notice::{Notice, Setback, Takeover},
    time::{Instant, Timestamp},
};

impl Contending {
    pub(in crate::elector) fn answered(
        &mut self,
        attempt: InFlight,
        answer: Answer,
        turn: &mut Turn<'_>,
    ) -> Next {
        match answer {
            Answer::Read(answer) => self.read_answered(&attempt, answer, turn),
            Answer::Write(answer) => self.write_answered(attempt, answer, turn),
        }
    }

    fn read_answered(&mut self, read: &InFlight, answer: ReadAnswer, turn: &mut Turn<'_>) -> Next {
        match answer {
            ReadAnswer::Found(lease) => {
                self.last_heard = turn.now();
                self.schedule.read_answered();
                self.read_showed(read, lease, turn)
            }
            ReadAnswer::Absent => {
                self.last_heard = turn.now();
                self.schedule.read_answered();
                self.prompt_reads.broken();
                self.found_absent(read, turn);
                Next::Stay
            }
            ReadAnswer::Failed(failed) => self.request_failed(read, failed, turn),
        }
    }

    fn read_showed(&mut self, read: &InFlight, lease: Lease, turn: &mut Turn<'_>) -> Next {
        let version = lease.version.clone();
        let next = self.shown(ShownBy::Read(read.id), lease, turn);
        // Rule O1: an old answer shows nothing.
        if turn.memory.view.version() == Some(&version) {
            self.count_prompt_read(turn);
        } else {
            self.prompt_reads.broken();
        }
        next
    }

    fn write_answered(
        &mut self,
        write: InFlight,
        answer: WriteAnswer,
        turn: &mut Turn<'_>,
    ) -> Next {
        match answer {
            WriteAnswer::Written(written) => {
                self.last_heard = turn.now();
                return self.written(&write, written, turn);
            }
            WriteAnswer::Conflict => {
                self.last_heard = turn.now();
                self.conflicted(&write, Setback::Conflict, turn);
            }
            WriteAnswer::Void(setback) => self.conflicted(&write, setback, turn),
            WriteAnswer::NoCreateByPut(setback) => {
                self.progress.failed(&write, setback, turn.now());
                // Rule 7: a POST follows at once, as an attempt of its own.
                turn.memory.writer.create_with_post();
            }
            WriteAnswer::Failed(failed) => {
                let next = self.request_failed(&write, failed, turn);
                if failed.may_be_applied() {
                    self.attempts.keep_unconfirmed(write);
                }
                return next;
            }
        }
        Next::Stay
    }

    fn request_failed(&mut self, attempt: &InFlight, failed: Failed, turn: &mut Turn<'_>) -> Next {
        if let Setback::Refused(refusal) = failed.setback {
            return self.refused(attempt, refusal, turn);
        }
        if let Some(wait) = failed.retry_after {
            self.schedule.told_to_wait(wait, turn);
        }
        self.failed(attempt, failed, turn);
        Next::Stay
    }

    /// Rule 11: a write has failed, and the Lease may have changed: a read comes first.
    fn conflicted(&mut self, write: &InFlight, setback: Setback, turn: &mut Turn<'_>) {
        self.prompt_reads.broken();
        self.progress.failed(write, setback, turn.now());
        if !self.schedule.reads_first() {
            self.attempts.drop_reads(&mut turn.step);
            self.schedule.conflicted(turn);
        }
    }

    fn refused(&mut self, attempt: &InFlight, refusal: Refusal, turn: &mut Turn<'_>) -> Next {
        let verb = attempt.verb();
        // Rule 12: after a silence it may be a server that has just started, and refuses everybody
        // for a moment: then a read has to be answered before a write is refused for good.
        let silence = attempt.sent.since(self.last_heard);
        let lasting = attempt.reads() || silence <= turn.config().retry_period * 2;
        if lasting && !turn.memory.contact.may_pass(verb, refusal) {
            return self.fail(Failure::Refused { verb, refusal }, turn);
        }
        self.prompt_reads.broken();
        self.progress.failed(attempt, Setback::Refused(refusal), turn.now());
        if turn.presses() {
            // Rule O1: the server has just started.
            self.ask_again(attempt, turn);
        } else {
            self.schedule.refused(turn);
        }
        Next::Stay
    }

    fn found_absent(&mut self, read: &InFlight, turn: &mut Turn<'_>) {
        if turn.memory.view.was_sent_after_newest(read.id) {
            if turn.memory.view.present().is_some() {
                self.attempts.drop_updates(&mut turn.step);
                self.bid = None;
            }
            let before = turn.memory.following();
            turn.memory.view.adopt_absence(turn.now());
            publish_change(&before, turn);
        }
        self.judge_progress(turn);
    }

    pub(in crate::elector) fn event_showed(&mut self, lease: Lease, turn: &mut Turn<'_>) -> Next {
        self.last_heard = turn.now();
        self.shown(ShownBy::Event, lease, turn)
    }

    fn shown(&mut self, shown_by: ShownBy, lease: Lease, turn: &mut Turn<'_>) -> Next {
        match turn.memory.view.judge(shown_by, &lease.version) {
            Freshness::Current => {}
            Freshness::Stale => {
                if let ShownBy::Read(_) = shown_by {
                    self.judge_progress(turn);
                }
                return Next::Stay;
            }
            Freshness::Rewound { from, to } => {
                turn.rewind(from, to);
                self.attempts.drop_all(&mut turn.step);
                self.bid = None;
            }
        }
        // Rule 7: a create no longer counts once another record than it would write is shown.
        if !self.attempts.would_create(&lease.record) {
            self.attempts.drop_creates(&mut turn.step);
        }
        if let ShownBy::Event = shown_by {
            self.schedule.event_brought_news(turn);
        }
        let deadline = turn.config().renew_deadline;
        if let Some(proved) = self.attempts.prove(&lease, &mut turn.step)
            // Rule 2: a proof that comes after the deadline makes no leader.
            && turn.now() < proved.sent.after(deadline)
            && let Some(acquire_time) = proved.acquire_time()
        {
            if let Some(RunningBid { how, .. }) = self.bid {
                turn.notice(Notice::TermBegan { how });
            }
            return self.won(lease, acquire_time, proved.sent, turn);
        }
        self.adopt(lease, turn);
        self.judge_progress(turn);
        Next::Stay
    }

    fn adopt(&mut self, lease: Lease, turn: &mut Turn<'_>) {
        self.attempts.supersede(&lease.version, &mut turn.step);
        if !turn.memory.view.shows_same_record(&lease) {
            self.attempts.clear_unconfirmed();
            self.bid = None;
            self.prompt_reads.broken();
        }
        let before = turn.memory.following();
        turn.adopt_shown(lease);
        publish_change(&before, turn);
    }

    /// Notes progress if the Lease may not be taken yet: then there is nothing to write (rule 12).
    fn judge_progress(&mut self, turn: &Turn<'_>) {
        let memory = &*turn.memory;
        // The record that is waited for may be our own write, altered on the way. That is no
        // progress.
        let own =
            memory.view.present().is_some_and(|seen| memory.writer.is_named_in(&seen.lease.record));
        if own && self.progress.last_was_unfit() {
            return;
        }
        if self.claim(turn).is_some_and(|claim| turn.now() < claim.from) {
            self.progress.made();
            self.schedule.progressed();
        }
    }

    fn written(&mut self, write: &InFlight, written: Written, turn: &mut Turn<'_>) -> Next {
        let flaws = written.assess_bid(write, turn);
        let lease = written.lease;
        // Rule 13: a create may be carried out twice, with a deletion between. Then this answers the
        // first, and the Lease is another by now.
        let gone = turn.memory.view.has_passed(&lease);
        // Rule 2: an answer that is handled after its deadline makes no leader.
        let in_time = turn.now() < write.sent.after(turn.config().renew_deadline);
        match write.acquire_time() {
            Some(acquire_time) if flaws.are_none() && in_time && !gone => {
                // An event that showed what we created has ended the bid.
                let how = self.bid.map_or(Takeover::Created, |bid| bid.how);
                turn.notice(Notice::TermBegan { how });
                self.won(lease, acquire_time, write.sent, turn)
            }
            Some(_) | None => {
                self.conflicted(write, Setback::Unfit, turn);
                Next::Stay
            }
        }
    }

    fn won(
        &mut self,
        lease: Lease,
        acquire_time: Timestamp,
        sent: Instant,
        turn: &mut Turn<'_>,
    ) -> Next {
        self.attempts.drop_all(&mut turn.step);
        Next::Begin(Holding::begin(lease, acquire_time, sent, turn))
    }
}

fn publish_change(before: &Leadership, turn: &mut Turn<'_>) {
    let after = turn.memory.following();
    if *before != after {
        turn.publish(after);
    }
}
