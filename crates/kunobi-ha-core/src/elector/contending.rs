//! Contending: reading the Lease, and bidding for it when it may be taken.

mod answers;
mod claim;
mod following;
mod prompt;
mod schedule;

use self::{
    claim::{Claim, Standing},
    following::Following,
    prompt::PromptReads,
    schedule::PollSchedule,
};
use super::{
    answer::Failed,
    attempts::Attempts,
    in_flight::{InFlight, Purpose},
    next::{Bid, Next},
    outstanding::Want,
    progress::Progress,
    turn::Turn,
    writer::TermFields,
};
use crate::{
    leadership::{Failure, Leadership},
    notice::{Notice, Setback, Takeover},
    pace::Pace,
    request::Request,
    time::{Instant, Timestamp},
};

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct Contending {
    pub(super) attempts: Attempts,
    pub(super) progress: Progress,
    following: Following,
    schedule: PollSchedule,
    /// When the last usable answer or event came.
    last_heard: Instant,
    /// The running bid, while what is known of the Lease stays as it is.
    bid: Option<RunningBid>,
    prompt_reads: PromptReads,
}

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
struct RunningBid {
    /// Shared by all its attempts (rule 9).
    acquire_time: Timestamp,
    how: Takeover,
}

impl Contending {
    /// Contends; nothing is sent before that instant.
    pub(super) fn begin(not_before: Instant, turn: &Turn<'_>) -> Self {
        let now = turn.now();
        Self {
            attempts: Attempts::default(),
            progress: Progress::default(),
            following: Following::default(),
            schedule: PollSchedule::starting(now, not_before),
            last_heard: now,
            bid: None,
            prompt_reads: PromptReads::none(now),
        }
    }

    pub(super) fn pass_time(&mut self, turn: &mut Turn<'_>) -> Next {
        if !turn.clock_went_back() {
            return Next::Stay;
        }
        // Rule 3: all waits begin again.
        self.attempts.drop_all(&mut turn.step);
        Next::Contend(turn.now())
    }

    pub(super) fn proceed(&mut self, turn: &mut Turn<'_>) -> Next {
        if self.fails_at(turn).is_some_and(|at| turn.now() >= at) {
            return self.fail(Failure::ObserveTimeout, turn);
        }
        self.expire(turn);
        let claim = self.claim(turn);
        match self.next(claim.as_ref(), turn) {
            Want::Read => self.read(turn),
            Want::Write => {
                if let Some(claim) = claim {
                    self.write(claim, turn);
                }
            }
            Want::Wait(_) => {}
        }
        let silence = self.attempts.silence();
        self.progress.tell(silence, turn);
        self.following.tell(turn);
        let config = turn.config();
        let wakes = [
            self.attempts.unproved().map(|t| t.sent.after(config.renew_deadline)).min(),
            self.fails_at(turn),
            self.progress.tell_at(silence, config),
            self.following.tell_at(&turn.memory.view),
        ];
        let next = self.next(self.claim(turn).as_ref(), turn).wake_at(turn.now());
        turn.step.wake_at = Some(wakes.into_iter().flatten().fold(next, Instant::min));
        Next::Stay
    }

    fn next(&self, claim: Option<&Claim>, turn: &Turn<'_>) -> Want {
        let takeable_from = claim.map(|claim| claim.from);
        self.schedule.next(turn.now(), &self.attempts, turn.memory.view.version(), takeable_from)
    }

    fn claim(&self, turn: &Turn<'_>) -> Option<Claim> {
        let bid = self.bid.map(|bid| bid.acquire_time);
        let standing = Standing { bid, is_prompt: self.prompt_reads.suffice() };
        Claim::of(turn.memory, standing)
    }

    /// Rule 12: `observe_timeout` counts from the first request since the last progress.
    fn fails_at(&self, turn: &Turn<'_>) -> Option<Instant> {
        self.progress.fails_at(turn.config().observe_timeout)
    }

    /// Rule 10: what a candidate has sent ends D after its send.
    fn expire(&mut self, turn: &mut Turn<'_>) {
        let deadline = turn.config().renew_deadline;
        if let Some(old) = self.attempts.expire(turn.now(), deadline, &mut turn.step)
            // If a Lease is known by now, this create may have written it: that is not a failure.
            && (old.reads() || old.base() == turn.memory.view.version())
        {
            self.failed(&old, Failed::with(Setback::Unanswered), turn);
        }
    }

    fn read(&mut self, turn: &mut Turn<'_>) {
        if self.attempts.unproved_writes().next().is_some() {
            self.schedule.reads_instead(turn.now());
            // Rule O1: the write is not answered.
            self.prompt_reads.broken();
        }
        let joins = self.attempts.unproved_reads().next().is_some();
        let pace = Pace::of_candidate(turn.config(), turn.now());
        turn.send(&mut self.attempts, Purpose::Contend, Request::Read, pace);
        if joins {
            self.schedule.sent(turn);
        } else {
            self.prompt_reads.asked(turn.now());
            self.schedule.polled(turn);
        }
        self.progress.asked(turn.now());
    }

    fn write(&mut self, claim: Claim, turn: &mut Turn<'_>) {
        let reading = turn.reading();
        // Rule C6: others may bid on the same grounds; the compare-and-swap lets one win.
        let RunningBid { acquire_time, .. } = self.open_bid(claim, turn);
        let memory = &mut *turn.memory;
        let request = if let Some(seen) = memory.view.present() {
            let (version, record) = (seen.lease.version.clone(), &seen.lease.record);
            memory.own_terms.claim(&version.uid, acquire_time);
            let transitions = record.transitions().saturating_add(1);
            let term = TermFields { transitions, acquire_time };
            Request::Update { version, record: memory.writer.record(term, Some(record), reading) }
        } else {
            memory.grace.create_sent(acquire_time);
            let term = TermFields { transitions: 0, acquire_time };
            let record = memory.writer.record(term, None, reading);
            Request::Create { record, via: memory.writer.create_via }
        };
        let pace = Pace::of_candidate(turn.config(), turn.now());
        turn.send(&mut self.attempts, Purpose::Contend, request, pace);
        self.schedule.sent(turn);
        self.progress.asked(turn.now());
    }

    /// Returns the bid that this claim is for.
    fn open_bid(&mut self, claim: Claim, turn: &mut Turn<'_>) -> RunningBid {
        let Claim { how, yielded_to, .. } = claim;
        let reading = turn.reading();
        let bid = *self.bid.get_or_insert_with(|| {
            if let Some(successor) = yielded_to {
                turn.notice(Notice::SuccessorAbsent { successor });
            }
            // Rule 9: drawn once, and shared by all attempts of the bid.
            RunningBid { acquire_time: reading.wall.with_digits(reading.digits), how }
        });
        if how == Takeover::Retaken {
            turn.memory.retake.sent(bid.acquire_time, turn.now());
        }
        bid
    }

    fn failed(&mut self, attempt: &InFlight, failed: Failed, turn: &mut Turn<'_>) {
        self.prompt_reads.broken();
        self.progress.failed(attempt, failed.setback, turn.now());
        self.ask_again(attempt, turn);
    }

    fn ask_again(&mut self, attempt: &InFlight, turn: &mut Turn<'_>) {
        if attempt.reads() {
            self.schedule.read_failed(turn);
        } else {
            self.schedule.write_failed(turn);
        }
        if turn.presses() {
            self.schedule.press(turn);
        }
    }

    /// Rule O1: counts the prompt answers to reads that showed the term that was lost.
    fn count_prompt_read(&mut self, turn: &Turn<'_>) {
        let memory = &*turn.memory;
        let me = memory.writer.identity();
        let own =
            memory.view.present().is_some_and(|seen| memory.retake.is_shown_by(&seen.lease, me));
        let alone = self.attempts.unproved().next().is_none();
        if !(own && alone) {
            self.prompt_reads.broken();
        } else if self.prompt_reads.answered(turn.now(), turn.config().renew_deadline / 8) {
            self.schedule.read_again(turn.now());
        }
    }

    /// A watch event told of a deletion: rule 13, a hint.
    pub(super) fn deletion_told(&mut self, turn: &Turn<'_>) {
        self.schedule.deletion_told(turn);
    }

    /// Gives up; what was bid for is given back if it is won.
    pub(super) fn step_down(&mut self, turn: &mut Turn<'_>) -> Next {
        match self.take_bid(turn) {
            Some(bid) => Next::Withdraw(bid),
            None => self.stop(turn),
        }
    }

    /// Hands over the writes that may be applied, if what they win may be released (rule 16).
    fn take_bid(&mut self, turn: &Turn<'_>) -> Option<Bid> {
        let last = self.attempts.last_write()?;
        let config = turn.config();
        // Rule 16: another elector could take what we release at once, without our grace.
        if last.creates() && !config.create_grace.is_zero() {
            return None;
        }
        let acquire_time = last.acquire_time()?;
        let held_until = last.sent.after(config.lease_duration);
        let attempts = core::mem::take(&mut self.attempts);
        Some(Bid { acquire_time, attempts, held_until })
    }

    pub(super) fn stop(&mut self, turn: &mut Turn<'_>) -> Next {
        self.attempts.drop_all(&mut turn.step);
        turn.publish(Leadership::Withdrawn);
        Next::End
    }

    fn fail(&mut self, failure: Failure, turn: &mut Turn<'_>) -> Next {
        self.attempts.drop_all(&mut turn.step);
        turn.publish(Leadership::Failed(failure));
        Next::End
    }
}

#[cfg(feature = "model")]
impl Contending {
    pub(super) fn canonical(
        &mut self,
        horizon: core::time::Duration,
        config: &crate::timing::TimingConfig,
        frame: &crate::model::Frame,
    ) {
        self.attempts.canonical(horizon, frame);
        self.progress.canonical(config.observe_timeout, frame);
        // Only notices depend on them.
        self.following = Following::default();
        if let Some(bid) = &mut self.bid {
            bid.how = Takeover::Expired;
        }
        self.schedule.canonical(frame);
        self.last_heard = if frame.refusals {
            frame.within(config.retry_period * 2 + frame.tick, self.last_heard)
        } else {
            frame.shown_as
        };
        self.prompt_reads.canonical(config.renew_deadline / 8, frame);
    }

    pub(super) fn rename(&mut self, names: &mut dyn crate::model::Rename) {
        self.attempts.rename(names);
        if let Some(bid) = &mut self.bid {
            names.acquire_time(&mut bid.acquire_time);
        }
    }
}
