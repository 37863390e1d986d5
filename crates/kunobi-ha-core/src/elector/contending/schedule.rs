//! When a candidate sends what. Everything that may move a request is a method here.

use core::time::Duration;

use crate::{
    elector::{
        attempts::Attempts,
        outstanding::{Outstanding, Want},
        schedule::growing_wait,
        turn::Turn,
    },
    lease::Version,
    time::Instant,
};

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct PollSchedule {
    /// The next poll.
    next_poll: Instant,
    /// Nothing is sent before this. It only ever moves later.
    send_from: Instant,
    /// No read is sent before this: the last one failed.
    read_from: Instant,
    /// A read is due at this instant, and no write before its answer.
    read_first: Option<Instant>,
    /// In a row, without progress.
    conflicts: u32,
    /// How long the last refusal was waited for, if there was no progress since.
    refused: Option<Duration>,
}

impl PollSchedule {
    /// Reads at once, but not before `send_from`.
    pub(super) const fn starting(now: Instant, send_from: Instant) -> Self {
        Self {
            next_poll: now,
            send_from,
            read_from: now,
            read_first: Some(now),
            conflicts: 0,
            refused: None,
        }
    }

    /// A read was sent: the next is due within a retry period.
    pub(super) fn polled(&mut self, turn: &mut Turn<'_>) {
        let retry = turn.config().retry_period;
        self.next_poll = turn.jittered(retry);
    }

    /// A request other than a poll was sent. If a poll was due, the request takes its place.
    pub(super) fn sent(&mut self, turn: &mut Turn<'_>) {
        if turn.now() >= self.next_poll {
            self.polled(turn);
        }
    }

    /// A read was answered.
    pub(super) const fn read_answered(&mut self) {
        self.read_first = None;
    }

    /// There is nothing to write, so all waits for errors are over.
    pub(super) const fn progressed(&mut self) {
        self.conflicts = 0;
        self.refused = None;
    }

    /// A watch event brought news: while news comes, polling is not needed.
    pub(super) fn event_brought_news(&mut self, turn: &Turn<'_>) {
        self.next_poll = self.next_poll.max(turn.now().after(turn.config().retry_period * 2));
    }

    /// A watch event told of a deletion. Rule 13: a read finds out whether that is still so, unless
    /// something is asked soon anyway.
    pub(super) fn deletion_told(&mut self, turn: &Turn<'_>) {
        if turn.now() >= self.read_from {
            self.read_first.get_or_insert(turn.now());
        }
    }

    /// A read failed: the next is due at the next poll, and within a retry period also where a watch has
    /// put the poll off, so that recovery is as quick as polling (rule 6).
    pub(super) fn read_failed(&mut self, turn: &mut Turn<'_>) {
        self.sent(turn);
        let retry = turn.config().retry_period;
        self.next_poll = self.next_poll.min(turn.jittered(retry));
        self.read_from = self.next_poll;
        self.read_first = self.read_first.map(|at| at.max(self.next_poll));
    }

    /// A write failed. Rule 11: before the next one, a read shows whether there still is one to be
    /// made. Both together are asked once a retry period.
    pub(super) fn write_failed(&mut self, turn: &mut Turn<'_>) {
        let retry = turn.config().retry_period;
        let again = turn.jittered(retry + retry / 4);
        self.read_first = Some(self.read_first.map_or(again, |at| at.max(again)));
    }

    /// Rule O1: what failed or was refused is asked again soon, because the outage may be over.
    pub(super) fn press(&mut self, turn: &mut Turn<'_>) {
        let soon = turn.jittered(turn.config().retry_period / 8);
        self.next_poll = self.next_poll.min(soon);
        self.read_from = self.read_from.min(soon);
        self.read_first = self.read_first.map(|at| at.min(soon));
    }

    /// Rule O1: another read is to show whether answers are prompt.
    pub(super) fn read_again(&mut self, now: Instant) {
        self.next_poll = self.next_poll.min(now);
    }

    /// The server asked not to be asked for so long (rule 11).
    pub(super) fn told_to_wait(&mut self, retry_after: Duration, turn: &Turn<'_>) {
        self.send_from = self.send_from.max(turn.now().after(retry_after.min(LONGEST_RETRY_AFTER)));
    }

    /// A write met another version. Rule 11: a read comes first, at once and then ever later.
    pub(super) fn conflicted(&mut self, turn: &mut Turn<'_>) {
        self.conflicts = self.conflicts.saturating_add(1);
        let wait = growing_wait(self.conflicts, turn);
        self.read_first = Some(turn.now().after(wait));
    }

    /// A request was refused.
    ///
    /// Rule 12: an API server that has just started refuses everybody for a moment, until it knows
    /// who may do what; what an administrator must change is soon asked for rarely. What is known
    /// has aged meanwhile, so that a write that rests on it would ask too much.
    pub(super) fn refused(&mut self, turn: &mut Turn<'_>) {
        let retry = turn.config().retry_period;
        let longest = LONGEST_REFUSAL.max(retry.saturating_mul(2));
        let wait = self.refused.map_or(retry, |last| last.saturating_mul(2)).min(longest);
        self.refused = Some(wait);
        self.send_from = self.send_from.max(turn.jittered(wait));
        self.read_failed(turn);
        self.read_first = Some(self.send_from);
    }

    /// A read takes the place of a write: no other goes out before its answer.
    pub(super) fn reads_instead(&mut self, now: Instant) {
        self.read_first.get_or_insert(now);
    }

    /// Tells whether a read comes before the next write anyway.
    pub(super) const fn reads_first(&self) -> bool {
        self.read_first.is_some()
    }

    /// Returns what to do next.
    pub(super) fn next(
        &self,
        now: Instant,
        attempts: &Attempts,
        version: Option<&Version>,
        takeable: Option<Instant>,
    ) -> Want {
        let (reads, writes) = (attempts.reads(), attempts.writes());
        let bid = attempts.unproved_writes().next();
        // If the Lease is known by now, an outstanding create may have written it: no hedge joins it.
        let joinable = bid.is_some_and(|t| t.base() == version);
        let (read_at, write_at) = match (self.read_first, bid, writes) {
            (Some(at), _, _) => (Some(reads.due(at)), None),
            // Rules 5 and 6: write as soon as the Lease may be taken; a poll replaces no read.
            (None, None, _) => (Some(reads.due(self.next_poll)), takeable),
            // Where no write is answered, a read takes the place of one.
            (None, Some(_), Outstanding::Two { replace_at }) => (Some(reads.due(replace_at)), None),
            // Rule 5: a hedge waits as well. The Lease may have been read, and deleted, since the bid.
            (None, Some(_), _) => {
                let from = takeable.filter(|_| joinable);
                (None, from.map(|at| writes.due(now).max(at)))
            }
        };
        // Rule 11: of several reasons to wait, the longest counts.
        let read_at = read_at.map(|at| at.max(self.read_from).max(self.send_from));
        let write_at = write_at.map(|at| at.max(self.send_from));
        if write_at.is_some_and(|at| now >= at) {
            Want::Write
        } else if read_at.is_some_and(|at| now >= at) {
            Want::Read
        } else {
            Want::Wait([read_at, write_at].into_iter().flatten().min().unwrap_or(Instant::LAST))
        }
    }
}

const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(30);
/// How often is asked, in the end, what only an administrator can change.
const LONGEST_REFUSAL: Duration = Duration::from_secs(30);

#[cfg(feature = "model")]
impl PollSchedule {
    pub(super) fn canonical(&mut self, frame: &crate::model::Frame) {
        self.next_poll = frame.due(self.next_poll);
        self.send_from = frame.due(self.send_from);
        self.read_from = frame.due(self.read_from);
        self.read_first = self.read_first.map(|at| frame.due(at));
        self.conflicts = self.conflicts.min(5);
    }
}
