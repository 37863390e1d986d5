//! How long an unanswered attempt is kept, and when another takes its place (rule 10).
//!
//! A client may share connections that are dead, and an attempt that is dropped takes its connection
//! along. So one of two unanswered attempts is replaced in the end, but only after a server that is
//! merely slow would have answered.

use core::time::Duration;

use crate::{time::Instant, timing::TimingConfig};

/// How long attempts are kept, up to a deadline.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    /// No answer counts after this.
    pub(crate) deadline: Instant,
    /// How long the first is kept, the one that joins it, and each one that replaces another.
    kept: [Duration; 3],
    /// Between one replacement and the next.
    spacing: Duration,
}

impl Pace {
    /// A leader has until the deadline, and asks often where all else was in vain.
    pub(crate) fn of_leader(config: &TimingConfig, deadline: Instant) -> Self {
        Self::of_holder(config, config.renew_deadline, deadline)
    }

    pub(crate) fn of_release(config: &TimingConfig, deadline: Instant) -> Self {
        Self::of_holder(config, config.release_timeout, deadline)
    }

    fn of_holder(config: &TimingConfig, budget: Duration, deadline: Instant) -> Self {
        let spacing = between_replacements(config);
        Self { deadline, kept: [budget / 2, budget / 3, spacing * 2], spacing }
    }

    /// A candidate has all the time in the world: it keeps each request for the time in which a
    /// server must answer for a leader to last.
    pub(crate) fn of_candidate(config: &TimingConfig, now: Instant) -> Self {
        let (most, spacing) = (config.renew_deadline, config.retry_period);
        Self { deadline: now.after(most), kept: [most / 2; 3], spacing }
    }

    /// Returns the same for a server that took so long for the last answer.
    pub(crate) fn with_latency(self, latency: Duration) -> Self {
        let Self { deadline, kept: [first, second, other], spacing } = self;
        let other = other.max(latency.saturating_mul(2));
        Self { deadline, kept: [first, second, other], spacing: spacing.max(latency) }
    }

    /// Returns until when a request is kept that is sent now, beside so many of its sort.
    pub(crate) fn kept_until(&self, beside: usize, now: Instant) -> Instant {
        now.after(self.kept[beside.min(2)])
    }

    /// Returns from when on a request that is sent now may be followed by a replacement.
    pub(crate) fn followed_from(&self, now: Instant) -> Instant {
        now.after(self.spacing)
    }
}

/// Returns the time between two replacements of what a holder of the Lease has sent.
pub(crate) fn between_replacements(config: &TimingConfig) -> Duration {
    (config.retry_period / 4).max(config.renew_deadline / 20)
}

/// Returns how many requests a leader sends before its deadline if none is answered, and if each
/// has the time between two replacements.
pub(crate) fn most_requests(config: &TimingConfig) -> u32 {
    let TimingConfig { renew_deadline, retry_period, renew_request_timeout, .. } = *config;
    let spacing = between_replacements(config);
    let left = renew_deadline.saturating_sub(retry_period);
    let hedge_at = renew_request_timeout.unwrap_or(renew_deadline / 4).min(left / 2);
    let mut kept = [renew_deadline / 2, hedge_at + renew_deadline / 3];
    let (mut sent, mut next) = (1, hedge_at);
    while next + spacing <= left {
        sent += 1;
        kept.sort_unstable();
        let replace_at = kept[0].max(next + spacing);
        kept[0] = replace_at + spacing * 2;
        next = replace_at;
    }
    sent
}
