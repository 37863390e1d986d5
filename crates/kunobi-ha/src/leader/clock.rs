//! The only place that reads a clock.

#[cfg(feature = "test-util")]
mod test_clock;

use std::{
    task::{Context, Poll},
    time::Duration,
};

use kunobi_ha_core::{ClockReading, Instant};

#[cfg(feature = "test-util")]
pub use self::test_clock::TestClock;

/// Where an election gets its time from.
///
/// In production that is the boot-time clock of Linux, which goes on while the machine sleeps, or
/// elsewhere the monotonic clock. Tests under tokio's paused clock want `Clock::tokio()`; simulations
/// of several machines, whose clocks differ, want a `TestClock` for each.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(
    not(feature = "test-util"),
    expect(unreachable_pub, reason = "it is exported with `test-util` only")
)]
pub struct Clock(TimeSource);

#[derive(Clone, Copy, Debug)]
enum TimeSource {
    System,
    #[cfg(feature = "test-util")]
    Tokio(tokio::time::Instant),
    #[cfg(feature = "test-util")]
    Test(TestClock),
}

impl Clock {
    pub(super) const fn system() -> Self {
        Self(TimeSource::System)
    }

    /// Makes a clock that follows tokio's, which a test can pause and advance.
    #[cfg(feature = "test-util")]
    #[must_use]
    pub fn tokio() -> Self {
        Self(TimeSource::Tokio(tokio::time::Instant::now()))
    }

    pub(super) fn now(self) -> Instant {
        match self.0 {
            TimeSource::System => system_now(),
            #[cfg(feature = "test-util")]
            TimeSource::Tokio(origin) => Instant::from_nanos(0).after(origin.elapsed()),
            #[cfg(feature = "test-util")]
            TimeSource::Test(clock) => clock.now(),
        }
    }

    /// Returns how long a timer has to run that ends at this instant.
    pub(super) fn until(self, at: Instant) -> Duration {
        match self.0 {
            TimeSource::System => at.since(self.now()),
            #[cfg(feature = "test-util")]
            TimeSource::Tokio(_) => at.since(self.now()),
            #[cfg(feature = "test-util")]
            TimeSource::Test(clock) => clock.until(at),
        }
    }

    /// Ready if timers may end: always, unless a test holds them.
    #[cfg_attr(not(feature = "test-util"), expect(unused_variables, reason = "for tests"))]
    pub(super) fn poll_timers(self, context: &Context<'_>) -> Poll<()> {
        match self.0 {
            TimeSource::System => Poll::Ready(()),
            #[cfg(feature = "test-util")]
            TimeSource::Tokio(_) => Poll::Ready(()),
            #[cfg(feature = "test-util")]
            TimeSource::Test(clock) => clock.poll_timers(context),
        }
    }

    /// rule 1: the machine decides by the monotonic clock, and writes wall time for people to read.
    /// rule 9: the random digits, by which it tells its terms from others, come along.
    pub(super) fn read(self) -> ClockReading {
        #[cfg(feature = "test-util")]
        if let TimeSource::Test(clock) = self.0 {
            return clock.read();
        }
        let wall = jiff::Timestamp::now().as_microsecond();
        ClockReading::new(self.now(), wall, fastrand::u32(0..1_000_000))
    }
}

#[cfg(any(target_os = "android", target_os = "linux"))]
fn system_now() -> Instant {
    use rustix::time::{ClockId, clock_gettime};

    // rule 3: it counts time spent in suspend.
    let time = clock_gettime(ClockId::Boottime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    let nanos = u64::try_from(time.tv_nsec).unwrap_or(0);
    Instant::from_nanos(seconds.saturating_mul(1_000_000_000).saturating_add(nanos))
}

#[cfg(not(any(target_os = "android", target_os = "linux")))]
fn system_now() -> Instant {
    use std::sync::OnceLock;

    static ORIGIN: OnceLock<std::time::Instant> = OnceLock::new();
    let origin = *ORIGIN.get_or_init(std::time::Instant::now);
    Instant::from_nanos(0).after(origin.elapsed())
}
