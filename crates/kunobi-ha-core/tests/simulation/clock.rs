//! The two clocks of one replica, as functions of real time.

use crate::simulation::rng::Rng;

pub(crate) const SECOND: u64 = 1_000_000_000;
pub(crate) const MILLI: u64 = 1_000_000;

/// A monotonic clock: any origin, and a rate that is off by some parts per million.
#[derive(Clone, Debug)]
pub(crate) struct Monotonic {
    real: u64,
    local: u64,
    rate: u64,
}

/// A wall clock, which may be as wrong as it likes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Wall {
    Offset(i64),
    Frozen(i64),
    Jumping,
    /// Outside the years that a Lease can carry.
    Broken(i64),
}

impl Monotonic {
    pub(crate) fn new(local: u64) -> Self {
        Self { real: 0, local, rate: MILLION }
    }

    pub(crate) fn local_at(&self, real: u64) -> u64 {
        let passed = u128::from(real - self.real) * u128::from(self.rate);
        self.local + u64::try_from(passed / u128::from(MILLION)).unwrap()
    }

    /// Returns the first instant of real time at which the clock shows `local` or more.
    pub(crate) fn real_when(&self, local: u64) -> u64 {
        let passed = u128::from(local.saturating_sub(self.local)) * u128::from(MILLION);
        let real = passed.div_ceil(u128::from(self.rate.max(1)));
        self.real.saturating_add(u64::try_from(real).unwrap_or(u64::MAX))
    }

    /// From `real` on, runs at a rate that is off by `error` parts per million.
    pub(crate) fn run_at(&mut self, real: u64, error: i64) {
        self.local = self.local_at(real);
        self.real = real;
        self.rate = MILLION.checked_add_signed(error).unwrap();
    }

    /// No monotonic clock does that, but some that are called so have done it.
    pub(crate) fn step_back(&mut self, real: u64, by: u64) {
        self.local = self.local_at(real).saturating_sub(by);
        self.real = real;
    }

    /// Returns the error of the rate, in parts per million.
    pub(crate) fn error(&self) -> i64 {
        i64::try_from(self.rate).unwrap() - 1_000_000
    }
}

impl Wall {
    pub(crate) fn draw(rng: &mut Rng) -> Self {
        let offset = i64::try_from(rng.below(200_000_000_000_000)).unwrap() - 100_000_000_000_000;
        match rng.below(6) {
            0 | 1 => Self::Offset(0),
            2 => Self::Offset(offset),
            3 => Self::Frozen(NOW + offset),
            4 => Self::Jumping,
            _ => Self::Broken(rng.pick(&[i64::MIN, -1, i64::MAX])),
        }
    }

    pub(crate) fn micros_at(self, real: u64, rng: &mut Rng) -> i64 {
        let truth = NOW + i64::try_from(real / 1000).unwrap();
        match self {
            Self::Offset(offset) => truth + offset,
            Self::Frozen(at) | Self::Broken(at) => at,
            Self::Jumping => truth + i64::try_from(rng.below(20_000_000)).unwrap() - 10_000_000,
        }
    }
}

const MILLION: u64 = 1_000_000;
/// Some day in 2023, in microseconds.
const NOW: i64 = 1_700_000_000_000_000;
