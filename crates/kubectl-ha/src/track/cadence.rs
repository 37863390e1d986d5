//! How often a holder renews.

use std::{collections::VecDeque, time::Duration};

/// The times between the last renewals.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cadence(VecDeque<Duration>);

impl Cadence {
    pub(super) fn add(&mut self, interval: Duration) {
        if interval < BURST {
            return;
        }
        if self.0.len() == MOST {
            self.0.pop_front();
        }
        self.0.push_back(interval);
    }

    /// Returns the median, if there are enough to call it usual.
    pub(crate) fn usual(&self) -> Option<Duration> {
        if self.0.len() < ENOUGH {
            return None;
        }
        self.median()
    }

    /// Returns the median of all that were seen.
    pub(crate) fn median(&self) -> Option<Duration> {
        let mut sorted: Vec<Duration> = self.0.iter().copied().collect();
        sorted.sort_unstable();
        sorted.get(sorted.len() / 2).copied()
    }

    /// Returns the shortest and the longest one.
    pub(crate) fn range(&self) -> Option<(Duration, Duration)> {
        self.0.iter().min().copied().zip(self.0.iter().max().copied())
    }

    /// Returns when a renewal is later than usual: twice the time, and half a second more than it.
    pub(super) fn late_after(&self) -> Option<Duration> {
        let usual = self.usual()?;
        Some(usual.saturating_mul(2).max(usual.saturating_add(Duration::from_millis(500))))
    }
}

/// Whether a lease runs out when one renewal fails, if it is renewed every so often.
pub(crate) const fn leaves_no_margin(interval: Duration, duration: Duration) -> bool {
    interval.as_nanos() * 2 >= duration.as_nanos()
}

const MOST: usize = 8;
const ENOUGH: usize = 3;
/// Some libraries write twice for one renewal; nobody renews so often.
pub(super) const BURST: Duration = Duration::from_millis(100);
