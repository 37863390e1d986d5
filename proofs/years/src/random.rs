//! Random numbers that follow from a seed.

use std::time::Duration;

/// A source of random numbers.
#[derive(Clone, Debug)]
pub(crate) struct Random(fastrand::Rng);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(fastrand::Rng::with_seed(seed))
    }

    /// Returns a number from `low` to `high`.
    pub(crate) fn between(&mut self, low: u64, high: u64) -> u64 {
        self.0.u64(low..=high)
    }

    pub(crate) fn seed(&mut self) -> u64 {
        self.0.u64(..)
    }

    /// Is true in this many of a thousand cases.
    pub(crate) fn chance(&mut self, per_mille: u64) -> bool {
        self.between(0, 999) < per_mille
    }

    pub(crate) fn pick<T: Clone>(&mut self, choices: &[T]) -> T {
        let last = choices.len() as u64 - 1;
        let index = usize::try_from(self.between(0, last)).unwrap_or_default();
        choices[index].clone()
    }

    pub(crate) fn millis(&mut self, low: u64, high: u64) -> Duration {
        Duration::from_millis(self.between(low, high))
    }

    /// Returns a time of up to `longest`.
    pub(crate) fn up_to(&mut self, longest: Duration) -> Duration {
        Duration::from_micros(
            self.between(0, u64::try_from(longest.as_micros()).unwrap_or(u64::MAX)),
        )
    }
}
