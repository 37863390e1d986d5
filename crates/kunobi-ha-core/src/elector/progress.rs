//! Whether what is asked leads anywhere, and since when it does not.

use core::time::Duration;

use super::attempts::Try;
use crate::{
    step::{Notice, Setback, Step, Verb},
    time::Instant,
};

/// What became of the requests of one phase since the last progress: a write that succeeded, or a
/// sight of the Lease in which there was nothing to write.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub(super) struct Progress {
    /// The send of the first request since then: silence that was meant counts for nothing.
    asked: Option<Instant>,
    failing: Option<Failing>,
}

/// Requests that failed since the last progress.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
struct Failing {
    since: Instant,
    last: Instant,
    verb: Verb,
    setback: Setback,
    told: bool,
}

impl Progress {
    pub(super) fn asked(&mut self, now: Instant) {
        self.asked.get_or_insert(now);
    }

    pub(super) fn made(&mut self) {
        self.asked = None;
        self.failing = None;
    }

    pub(super) fn failed(&mut self, attempt: &Try, setback: Setback, now: Instant) {
        self.asked(attempt.sent);
        let verb = attempt.kind.verb();
        let (since, told) = self.failing.as_ref().map_or((now, false), |f| (f.since, f.told));
        self.failing = Some(Failing { since, last: now, verb, setback, told });
    }

    pub(super) const fn is_failing(&self) -> bool {
        self.failing.is_some()
    }

    /// Returns when this has gone on for as long as that.
    pub(super) fn hopeless_at(&self, patience: Duration) -> Option<Instant> {
        self.asked.map(|asked| asked.after(patience))
    }

    /// Tells it once, when it is more than a hiccup.
    pub(super) fn tell(&mut self, retry: Duration, now: Instant, step: &mut Step) {
        if self.tell_at(retry).is_some_and(|at| now >= at)
            && let Some(failing) = &mut self.failing
        {
            failing.told = true;
            let (verb, setback) = (failing.verb, failing.setback);
            step.notices.push(Notice::Failing { verb, setback });
        }
    }

    /// Returns when it has to be told: once another request has failed after a retry period, or
    /// once nothing has succeeded for two.
    pub(super) fn tell_at(&self, retry: Duration) -> Option<Instant> {
        let untold = self.failing.as_ref().filter(|failing| !failing.told);
        untold.map(|failing| {
            let lasting = failing.since.after(retry);
            if failing.last >= lasting { failing.last } else { lasting.after(retry) }
        })
    }

    /// Tells whether the last failure was an answer that did not fit its request.
    pub(super) fn is_altered(&self) -> bool {
        self.failing.as_ref().is_some_and(|failing| failing.setback == Setback::Unfit)
    }
}
