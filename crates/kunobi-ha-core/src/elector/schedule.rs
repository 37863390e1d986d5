//! When a candidate sends what. Everything that may move a request is a method here.

use core::time::Duration;

use super::{
    attempts::Attempts,
    kernel::Kernel,
    pursuit::{Open, Want, growing_wait, join},
};
use crate::time::Instant;

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct Schedule {
    /// The next poll.
    tick: Instant,
    /// Nothing is sent before this. It only ever moves later.
    hold: Instant,
    /// No read is sent before this: the last one failed.
    look_from: Instant,
    /// A read is due at this instant, and no write before its answer.
    look_first: Option<Instant>,
    /// In a row, without progress.
    conflicts: u32,
    /// How long the last refusal was waited for, if there was no progress since.
    refused: Option<Duration>,
}

impl Schedule {
    /// Looks at once, but not before `hold`.
    pub(super) const fn starting(now: Instant, hold: Instant) -> Self {
        Self { tick: now, hold, look_from: now, look_first: Some(now), conflicts: 0, refused: None }
    }

    /// A look was sent: the next is due within a retry period.
    pub(super) fn looked(&mut self, kernel: &mut Kernel, now: Instant) {
        let retry = kernel.config().retry_period;
        self.tick = now.after(kernel.jitter(retry));
    }

    /// A request was sent that is no poll. If a poll was due, it takes its place.
    pub(super) fn sent(&mut self, kernel: &mut Kernel, now: Instant) {
        if now >= self.tick {
            self.looked(kernel, now);
        }
    }

    /// A read was answered.
    pub(super) fn read(&mut self) {
        self.look_first = None;
    }

    /// There is nothing to write, so that all waits for errors have served.
    pub(super) fn progressed(&mut self) {
        self.conflicts = 0;
        self.refused = None;
    }

    /// A watch event brought news: while news comes, polling is not needed.
    pub(super) fn heard_news(&mut self, retry: Duration, now: Instant) {
        self.tick = self.tick.max(now.after(retry * 2));
    }

    /// A watch event told of a deletion: it is looked at, unless something is asked soon anyway.
    pub(super) fn heard_of_deletion(&mut self, now: Instant) {
        if now >= self.look_from {
            self.look_first.get_or_insert(now);
        }
    }

    /// A read failed: the next is due at the tick, and within a retry period also where a watch has
    /// put the tick off, so that recovery is as quick as polling.
    pub(super) fn read_failed(&mut self, kernel: &mut Kernel, now: Instant) {
        self.sent(kernel, now);
        let retry = kernel.config().retry_period;
        self.tick = self.tick.min(now.after(kernel.jitter(retry)));
        self.look_from = self.tick;
        self.look_first = self.look_first.map(|at| at.max(self.tick));
    }

    /// A write failed: before the next one it is looked whether there still is one to be made. Both
    /// together are asked once a retry period.
    pub(super) fn write_failed(&mut self, kernel: &mut Kernel, now: Instant) {
        let retry = kernel.config().retry_period;
        let again = now.after(kernel.jitter(retry + retry / 4));
        self.look_first = Some(self.look_first.map_or(again, |at| at.max(again)));
    }

    /// The server asked not to be asked for so long.
    pub(super) fn told_to_wait(&mut self, retry_after: Duration, now: Instant) {
        self.hold = self.hold.max(now.after(retry_after.min(LONGEST_RETRY_AFTER)));
    }

    /// A write met another version: a read comes first, at once and then ever later.
    pub(super) fn conflicted(&mut self, kernel: &mut Kernel, now: Instant) {
        self.conflicts = self.conflicts.saturating_add(1);
        self.look_first = Some(now.after(growing_wait(self.conflicts, kernel)));
    }

    /// An API server that has just started refuses everybody for a moment, until it knows who may
    /// do what; what an administrator must change is soon asked for rarely. What is known has aged
    /// meanwhile, so that a write that rests on it would ask too much.
    pub(super) fn refused(&mut self, kernel: &mut Kernel, now: Instant) {
        let retry = kernel.config().retry_period;
        let longest = LONGEST_REFUSAL.max(retry.saturating_mul(2));
        let wait = self.refused.map_or(retry, |last| last.saturating_mul(2)).min(longest);
        self.refused = Some(wait);
        self.hold = self.hold.max(now.after(kernel.jitter(wait)));
        self.read_failed(kernel, now);
        self.look_first = Some(self.hold);
    }

    /// A read takes the place of a write: no other goes out before its answer.
    pub(super) fn reads_instead(&mut self, now: Instant) {
        self.look_first.get_or_insert(now);
    }

    /// Tells whether a read comes before the next write anyway.
    pub(super) const fn reads_first(&self) -> bool {
        self.look_first.is_some()
    }

    /// Returns what to do next.
    pub(super) fn next(&self, now: Instant, attempts: &Attempts, kernel: &Kernel) -> Want {
        let looks = join(attempts.open_looks());
        let writes = join(attempts.open_writes());
        let bid = attempts.open_writes().next();
        // A create that has landed unanswered shows as a record: nothing may join it then.
        let joinable = bid.is_some_and(|t| t.base.as_ref() == kernel.sight.version());
        let (look_at, write_at) = match (self.look_first, bid, writes) {
            (Some(at), _, _) => (Some(looks.due(at)), None),
            (None, None, _) => (Some(looks.due(self.tick)), kernel.sight.takeable_from()),
            // Where no write is answered, a read takes its place.
            (None, Some(_), Open::Two { replace_at }) => (Some(looks.due(replace_at)), None),
            (None, Some(_), _) => (None, joinable.then(|| writes.due(now))),
        };
        let look_at = look_at.map(|at| at.max(self.look_from).max(self.hold));
        let write_at = write_at.map(|at| at.max(self.hold));
        if write_at.is_some_and(|at| now >= at) {
            Want::Write
        } else if look_at.is_some_and(|at| now >= at) {
            Want::Look
        } else {
            Want::Wait([look_at, write_at].into_iter().flatten().min().unwrap_or(Instant::LAST))
        }
    }
}

const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(30);
/// How often is asked, in the end, what only an administrator can change.
const LONGEST_REFUSAL: Duration = Duration::from_secs(30);
