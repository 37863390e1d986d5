//! Whether requests make progress, and since when they do not.

use core::time::Duration;

use super::{in_flight::InFlight, outstanding::Silence, turn::Turn};
use crate::{
    notice::{Notice, Setback},
    request::Verb,
    time::Instant,
    timing::TimingConfig,
};

/// What became of the requests of one phase since the last progress: a write that succeeded, or a
/// read that showed that there is nothing to write.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub(super) struct Progress {
    /// The send of the first request since then. Time in which nothing was asked does not count.
    asked: Option<Instant>,
    failing: Option<Failing>,
    /// What was told last, and when.
    told: Option<(Instant, Setback)>,
}

/// Requests that failed since the last progress.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
struct Failing {
    since: Instant,
    last: Instant,
    verb: Verb,
    setback: Setback,
}

impl Progress {
    pub(super) fn asked(&mut self, now: Instant) {
        self.asked.get_or_insert(now);
    }

    pub(super) fn made(&mut self) {
        *self = Self::default();
    }

    pub(super) fn failed(&mut self, attempt: &InFlight, setback: Setback, now: Instant) {
        self.asked(attempt.sent);
        let verb = attempt.verb();
        let since = self.failing.as_ref().map_or(now, |failing| failing.since);
        self.failing = Some(Failing { since, last: now, verb, setback });
    }

    pub(super) const fn is_failing(&self) -> bool {
        self.failing.is_some()
    }

    /// Returns when `time` has passed since the first request.
    pub(super) fn fails_at(&self, time: Duration) -> Option<Instant> {
        self.asked.map(|asked| asked.after(time))
    }

    /// Returns what has kept it from progress: the last failure, or a silence of a retry period
    /// after it.
    pub(super) fn cause(
        &self,
        silence: Option<Silence>,
        config: &TimingConfig,
        now: Instant,
    ) -> Option<(Verb, Setback)> {
        let retry = config.retry_period;
        let silent = |failing: &Failing| {
            silence.is_some_and(|s| s.since >= failing.last && now >= s.since.after(retry))
        };
        match (&self.failing, silence) {
            (Some(failing), _) if !silent(failing) => Some((failing.verb, failing.setback)),
            (_, Some(silence)) => Some((silence.verb, Setback::Unanswered)),
            (_, None) => None,
        }
    }

    /// Tells what goes wrong: the first of a series, and then once a lease duration.
    pub(super) fn tell(&mut self, silence: Option<Silence>, turn: &mut Turn<'_>) {
        let (now, config) = (turn.now(), turn.memory.timing.config());
        if self.silence_ends(silence, config).is_some_and(|at| now >= at)
            && let Some(Silence { since, verb }) = silence
        {
            let setback = Setback::Unanswered;
            self.failing = Some(Failing { since, last: now, verb, setback });
        }
        if self.failure_is_due(config).is_some_and(|at| now >= at)
            && let Some(Failing { verb, setback, .. }) = self.failing
        {
            self.told = Some((now, setback));
            turn.step.notices.push(match setback {
                Setback::Refused(refusal) => Notice::Refused { verb, refusal },
                _ => Notice::Failing { verb, setback },
            });
        }
    }

    /// Returns when there is something to tell.
    pub(super) fn tell_at(
        &self,
        silence: Option<Silence>,
        config: &TimingConfig,
    ) -> Option<Instant> {
        let wakes = [self.silence_ends(silence, config), self.failure_is_due(config)];
        wakes.into_iter().flatten().min()
    }

    /// Returns when a request that nobody answers counts as one that failed.
    fn silence_ends(&self, silence: Option<Silence>, config: &TimingConfig) -> Option<Instant> {
        let due = silence?.since.after(config.retry_period * 3);
        Some(self.told.map_or(due, |(told, _)| due.max(told.after(config.lease_duration))))
    }

    /// Returns when the last failure has to be told, unless it was.
    fn failure_is_due(&self, config: &TimingConfig) -> Option<Instant> {
        let Failing { since, last, setback, .. } = *self.failing.as_ref()?;
        match self.told {
            // What an administrator must change is news.
            Some((_, told)) if told != setback && setback.is_refusal() => Some(last),
            Some((told, _)) => (last > told).then(|| last.max(told.after(config.lease_duration))),
            None if !setback.is_usual() => Some(last),
            // Somebody else was quicker; only if it goes on, something is wrong.
            None => {
                let lasting = since.after(config.retry_period);
                Some(if last >= lasting { last } else { lasting.after(config.retry_period) })
            }
        }
    }

    /// Tells whether the last failure was an answer that did not fit its request.
    pub(super) fn last_was_unfit(&self) -> bool {
        self.failing.as_ref().is_some_and(|failing| failing.setback == Setback::Unfit)
    }
}

#[cfg(feature = "model")]
impl Progress {
    /// Keeps when a candidate fails, and whether an answer did not fit: the rest is for notices.
    pub(super) fn canonical(&mut self, observe_timeout: Duration, frame: &crate::model::Frame) {
        let never = observe_timeout >= NEVER;
        self.asked = self.asked.filter(|_| !never).map(|at| frame.within(observe_timeout, at));
        let unfit = self.last_was_unfit();
        let (since, last) = (frame.shown_as, frame.shown_as);
        let (verb, setback) = (Verb::Get, Setback::Unfit);
        self.failing = unfit.then_some(Failing { since, last, verb, setback });
        self.told = None;
    }
}

/// A search does not get there.
#[cfg(feature = "model")]
const NEVER: Duration = Duration::from_secs(0x1_0000_0000);
