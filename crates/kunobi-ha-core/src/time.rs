//! The two clocks of the election, as two types that cannot be mixed up.

use core::time::Duration;

/// An instant of the local monotonic clock, in nanoseconds since an arbitrary origin.
///
/// Rule 1: the only time that decides anything. Its clock should count time spent in suspend
/// (`CLOCK_BOOTTIME` on Linux), so that a machine that slept does not wake up as a leader.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Instant(u64);

/// A wall-clock time, in microseconds since the Unix epoch.
///
/// It is written to the Lease for people and for other implementations to read, and never
/// compared with anybody's clock.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Timestamp(u64);

/// What the caller read from its clocks just before it called
/// [`Elector::handle`](crate::Elector::handle).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct ClockReading {
    pub(crate) monotonic: Instant,
    pub(crate) wall: Timestamp,
    pub(crate) digits: u32,
}

impl Instant {
    pub(crate) const LAST: Self = Self(u64::MAX);

    /// Makes an instant from nanoseconds since the clock's origin.
    #[must_use]
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// Returns the nanoseconds since the clock's origin.
    #[must_use]
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// Returns the instant `duration` later, or the last one there is.
    #[must_use]
    pub fn after(self, duration: Duration) -> Self {
        let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        Self(self.0.saturating_add(nanos))
    }

    /// Returns the time from `earlier` to `self`, zero if `earlier` is the later one.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

impl Timestamp {
    pub(crate) const EPOCH: Self = Self(0);

    /// Makes a timestamp from microseconds since the Unix epoch.
    ///
    /// What is outside the years 1970 to 9999 can't be written as a time of Kubernetes and is
    /// replaced by the epoch.
    #[must_use]
    pub const fn from_unix_micros(micros: i64) -> Self {
        match micros {
            0..YEAR_10000 => Self(micros.unsigned_abs()),
            _ => Self(0),
        }
    }

    /// Returns the microseconds since the Unix epoch.
    #[must_use]
    pub const fn as_unix_micros(self) -> u64 {
        self.0
    }

    pub(crate) const fn next(self) -> Self {
        Self(self.0 + 1)
    }

    pub(crate) const fn with_digits(self, digits: u32) -> Self {
        Self(self.0 - self.0 % MICROS + digits as u64)
    }
}

impl ClockReading {
    /// Makes a reading of both clocks.
    ///
    /// `wall_micros` counts from the Unix epoch; `digits` is any random number, of which six
    /// decimal digits are used to tell our terms from those of a process with our identity.
    ///
    /// Rule 1: a wall clock before 1970 or after 8999 is broken, and the epoch stands in for
    /// it: a time must not stay in the Lease that no later reading can exceed.
    #[must_use]
    pub const fn new(monotonic: Instant, wall_micros: i64, digits: u32) -> Self {
        let wall_micros = if wall_micros < YEAR_9000 { wall_micros } else { 0 };
        Self {
            monotonic,
            wall: Timestamp::from_unix_micros(wall_micros),
            digits: digits % 1_000_000,
        }
    }
}

const MICROS: u64 = 1_000_000;
/// 9000-01-01T00:00:00Z.
const YEAR_9000: i64 = 221_845_392_000 * 1_000_000;
/// 10000-01-01T00:00:00Z.
const YEAR_10000: i64 = 253_402_300_800 * 1_000_000;
