//! A Lease that somebody holds.

use std::time::Duration;

use tokio::time::Instant;

use super::{Cadence, Gap, What};
use crate::{hints, lease::Lease};

#[derive(Clone, Debug)]
pub(super) struct Held {
    lease: Lease,
    /// When this record was first seen.
    since: Instant,
    /// It was seen to arrive, so that it is not older than that.
    arrived: bool,
    wish: Option<String>,
    said: Option<Late>,
}

/// How late a renewal is.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Late {
    /// Later than usual.
    Unusual,
    /// Two thirds of the duration are over.
    TwoThirds,
    /// The duration is over.
    RunOut,
}

impl Held {
    pub(super) fn found(lease: Lease, now: Instant) -> Self {
        Self { arrived: false, ..Self::begun(lease, now) }
    }

    pub(super) fn begun(lease: Lease, now: Instant) -> Self {
        let wish = hints::wish(&lease).map(Into::into);
        Self { lease, since: now, arrived: true, wish, said: None }
    }

    pub(super) const fn lease(&self) -> &Lease {
        &self.lease
    }

    pub(super) fn holder(&self) -> &str {
        self.lease.holder.as_deref().unwrap_or_default()
    }

    pub(super) fn wish(&self) -> Option<&str> {
        self.wish.as_deref()
    }

    pub(super) const fn since(&self) -> Instant {
        self.since
    }

    pub(super) const fn was_late(&self) -> bool {
        self.said.is_some()
    }

    /// For how long no renewal was seen, and whether the last one was.
    pub(super) fn silent(&self, now: Instant) -> (Duration, bool) {
        (now.saturating_duration_since(self.since), self.arrived)
    }

    pub(super) fn changed_duration(
        &self,
        lease: &Lease,
    ) -> Option<(Option<Duration>, Option<Duration>)> {
        let (from, to) = (self.lease.duration, lease.duration);
        (from != to).then_some((from, to))
    }

    /// Returns a wish that was not there before.
    pub(super) fn new_wish(&self, lease: &Lease) -> Option<String> {
        hints::wish(lease).filter(|wish| self.wish.as_deref() != Some(wish)).map(Into::into)
    }

    /// Returns a wish that was there before, and for which no other one came.
    pub(super) fn withdrawn_wish(&self, lease: &Lease) -> Option<String> {
        self.wish.clone().filter(|_| hints::wish(lease).is_none())
    }

    pub(super) fn renew(&mut self, lease: Lease, now: Instant) {
        let wish = hints::wish(&lease).map(Into::into);
        *self = Self { lease, since: now, arrived: true, wish, said: None };
    }

    /// Takes a state with the same renewal.
    pub(super) fn note(&mut self, lease: Lease) {
        self.wish = hints::wish(&lease).map(Into::into);
        self.lease = lease;
    }

    /// The time up to a takeover that is seen now.
    pub(super) fn gap(&self, blind: bool, looking: Instant, now: Instant) -> Gap {
        let (silent, arrived) = self.silent(now);
        let duration = self.lease.duration.unwrap_or_default();
        Gap {
            silent: Some(silent),
            vacant: silent.saturating_sub(duration),
            early: duration.checked_sub(silent).filter(|early| !early.is_zero()),
            exact: arrived && !blind && self.since >= looking,
        }
    }

    /// Says that it has run out, if that was not said yet.
    pub(super) fn run_out(&self, now: Instant) -> Option<What> {
        let (silent, _) = self.silent(now);
        let duration = self.lease.duration.filter(|duration| silent >= *duration)?;
        (self.said != Some(Late::RunOut)).then(|| What::Missed {
            holder: self.holder().to_owned(),
            silent,
            duration,
        })
    }

    /// When it will be later than it was said to be, if it is not renewed before.
    pub(super) fn next(&self, cadence: &Cadence, looking: Instant) -> Option<(Instant, Late)> {
        let begin = self.since.max(looking);
        let duration = self.lease.duration;
        let two_thirds = duration.map(|duration| duration * 2 / 3);
        let unusual = cadence.late_after().filter(|late| two_thirds.is_none_or(|it| *late < it));
        let candidates =
            [(unusual, Late::Unusual), (two_thirds, Late::TwoThirds), (duration, Late::RunOut)];
        candidates
            .into_iter()
            .filter(|(_, late)| self.said.is_none_or(|said| *late > said))
            .find_map(|(after, late)| Some((begin + after?, late)))
    }

    /// Says how late it is now, if that was not said yet.
    pub(super) fn late(
        &mut self,
        cadence: &Cadence,
        looking: Instant,
        now: Instant,
    ) -> Option<What> {
        let mut late = None;
        while let Some((at, next)) = self.next(cadence, looking)
            && at <= now
        {
            self.said = Some(next);
            late = Some(next);
        }
        let (silent, _) = self.silent(now);
        let holder = self.holder().to_owned();
        let counted = now.saturating_duration_since(self.since.max(looking));
        let left = self.lease.duration.map(|duration| duration.saturating_sub(counted));
        match late? {
            Late::Unusual | Late::TwoThirds => {
                Some(What::Slow { holder, silent, usual: cadence.usual(), left })
            }
            Late::RunOut => Some(What::Missed { holder, silent, duration: self.lease.duration? }),
        }
    }
}
