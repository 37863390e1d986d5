//! What is known of a Lease by our own clock.
//!
//! The times in a Lease are those of the clock of its holder. How long it is still held can only be counted as candidates
//! count it: from the moment at which a renewal was seen to arrive, by the clock of this machine that never jumps.

#[cfg(test)]
mod tests;

use std::time::Duration;

use jiff::SignedDuration;
use tokio::time::Instant;

use crate::{
    lease::Lease,
    time::{ServerTime, is_ahead, short},
};

/// A Lease that is being observed.
#[derive(Clone, Debug)]
pub(crate) struct Observed {
    lease: Lease,
    since: Instant,
    /// When its record was seen to change last.
    changed: Option<Instant>,
}

/// How much is left of the duration of a Lease until other candidates take it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Slack {
    /// A renewal was seen, and this is left since then; negative if the Lease has run out.
    Left(SignedDuration),
    /// No renewal was seen yet, so that no more than this is left.
    AtMost(SignedDuration),
    /// Nobody holds it, or its duration can't be read.
    None,
}

impl Observed {
    /// Begins with what was seen now.
    pub(crate) const fn new(lease: Lease, now: Instant) -> Self {
        Self { lease, since: now, changed: None }
    }

    /// Takes what is seen now, and returns what was seen before.
    pub(crate) fn update(&mut self, lease: Lease, now: Instant) -> Lease {
        if !self.lease.same_record(&lease) {
            self.changed = Some(now);
        }
        std::mem::replace(&mut self.lease, lease)
    }

    pub(crate) const fn lease(&self) -> &Lease {
        &self.lease
    }

    /// Returns for how long no change has been seen, and whether one was ever seen.
    pub(crate) fn quiet(&self, now: Instant) -> (Duration, bool) {
        let since = self.changed.unwrap_or(self.since);
        (now.saturating_duration_since(since), self.changed.is_some())
    }

    /// Returns what is left now.
    pub(crate) fn slack(&self, now: Instant) -> Slack {
        let (Some(duration), Some(_)) = (self.lease.duration, &self.lease.holder) else {
            return Slack::None;
        };
        let (quiet, seen) = self.quiet(now);
        let (Ok(duration), Ok(quiet)) =
            (SignedDuration::try_from(duration), SignedDuration::try_from(quiet))
        else {
            return Slack::None;
        };
        let left = duration.saturating_sub(quiet);
        if seen || left <= SignedDuration::ZERO { Slack::Left(left) } else { Slack::AtMost(left) }
    }

    /// Returns when it will have run out for one who looks since then, if it is not renewed before.
    pub(crate) fn runs_out_at(&self, looking: Instant) -> Option<Instant> {
        self.lease.holder.as_ref()?;
        self.changed.unwrap_or(self.since).max(looking).checked_add(self.lease.duration?)
    }
}

/// Says that the last renewal is yet to come by the server's clock.
pub(crate) fn ahead(lease: &Lease, time: ServerTime, now: Instant) -> Option<String> {
    let renewed = lease.renewed.as_ref()?;
    let age = time.age(renewed.at?, now);
    is_ahead(age).then(|| {
        format!(
            "renewTime is {} in the future by the API server's clock: the clock of its writer is wrong, or it was written by hand",
            short(-age)
        )
    })
}
