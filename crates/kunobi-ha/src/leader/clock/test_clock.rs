//! A clock that a test turns.

use std::{
    mem,
    task::{Context, Poll, Waker},
    time::Duration,
};

use kunobi_ha_core::{ClockReading, Instant};

use super::{Clock, TimeSource};
use crate::sync::{Mutex, lock};

/// The clock of one machine in a simulation: it follows tokio's clock, which a test can pause, at a
/// rate of its own, and a test can step it. Copies are handles of the same clock.
///
/// Its wall time and random digits follow from the seed, so that equal runs read equal clocks. It
/// lives until the process ends.
///
/// ```
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// use std::time::Duration;
///
/// use kunobi_ha::leader::TestClock;
///
/// let clock = TestClock::new(1);
/// clock.set_rate(100_000);
/// let before = clock.elapsed();
/// tokio::time::advance(Duration::from_secs(10)).await;
/// assert_eq!(clock.elapsed() - before, Duration::from_secs(11));
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct TestClock(&'static Mutex<Hands>);

#[derive(Debug)]
struct Hands {
    /// When the rate was set, or the clock stepped, last; and what it showed then.
    since: tokio::time::Instant,
    nanos: u64,
    rate_ppm: i32,
    wall_ahead: i64,
    random: fastrand::Rng,
    held: bool,
    waiting: Vec<Waker>,
}

impl TestClock {
    /// Starts a clock of this seed. It runs at the rate of tokio's.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        let hands = Hands {
            since: tokio::time::Instant::now(),
            nanos: random.u64(0..LATEST_START),
            rate_ppm: 0,
            wall_ahead: 0,
            random,
            held: false,
            waiting: Vec::new(),
        };
        Self(Box::leak(Box::new(Mutex::new(hands))))
    }

    /// Returns what an election takes.
    #[must_use]
    pub const fn clock(self) -> Clock {
        Clock(TimeSource::Test(self))
    }

    /// Returns what the clock shows now.
    #[must_use]
    pub fn elapsed(self) -> Duration {
        Duration::from_nanos(self.read_hands(|hands| hands.nanos))
    }

    /// Runs from now on faster than tokio's clock by this many parts per million, or slower.
    pub fn set_rate(self, ppm: i32) {
        self.read_hands(|hands| hands.rate_ppm = ppm);
    }

    /// Steps the monotonic clock by this many nanoseconds.
    pub fn step(self, nanos: i64) {
        self.read_hands(|hands| hands.nanos = hands.nanos.saturating_add_signed(nanos));
    }

    /// Sets by how many microseconds the wall clock is ahead.
    pub fn set_wall_ahead(self, micros: i64) {
        self.read_hands(|hands| hands.wall_ahead = micros);
    }

    /// Lets no timer of an election end before [`let_timers_end`](Self::let_timers_end), as in a
    /// process that is stopped, or on a machine that is suspended.
    pub fn hold_timers(self) {
        self.read_hands(|hands| hands.held = true);
    }

    /// Lets timers end again. Those that are due end at once.
    pub fn let_timers_end(self) {
        let waiting = self.read_hands(|hands| {
            hands.held = false;
            mem::take(&mut hands.waiting)
        });
        waiting.into_iter().for_each(Waker::wake);
    }

    pub(super) fn now(self) -> Instant {
        Instant::from_nanos(self.read_hands(|hands| hands.nanos))
    }

    pub(super) fn read(self) -> ClockReading {
        self.read_hands(|hands| {
            let shown = i64::try_from(hands.nanos / 1_000).unwrap_or(i64::MAX);
            let wall = WALL_START.saturating_add(shown).saturating_add(hands.wall_ahead);
            let digits = hands.random.u32(0..1_000_000);
            ClockReading::new(Instant::from_nanos(hands.nanos), wall, digits)
        })
    }

    /// Returns how long tokio's clock runs until this one shows `at`.
    pub(super) fn until(self, at: Instant) -> Duration {
        self.read_hands(|hands| {
            let left = at.since(Instant::from_nanos(hands.nanos));
            let nanos = (left.as_nanos() * MILLION).div_ceil(hands.speed());
            Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
        })
    }

    pub(super) fn poll_timers(self, context: &Context<'_>) -> Poll<()> {
        self.read_hands(|hands| {
            if !hands.held {
                return Poll::Ready(());
            }
            if !hands.waiting.iter().any(|waker| waker.will_wake(context.waker())) {
                hands.waiting.push(context.waker().clone());
            }
            Poll::Pending
        })
    }

    fn read_hands<T>(self, look: impl FnOnce(&mut Hands) -> T) -> T {
        let mut hands = lock(self.0);
        hands.move_on();
        look(&mut hands)
    }
}

impl Hands {
    fn move_on(&mut self) {
        let now = tokio::time::Instant::now();
        let passed = now.duration_since(self.since).as_nanos() * self.speed() / MILLION;
        self.nanos = self.nanos.saturating_add(u64::try_from(passed).unwrap_or(u64::MAX));
        self.since = now;
    }

    fn speed(&self) -> u128 {
        u128::try_from(1_000_000 + i64::from(self.rate_ppm)).unwrap_or(1).max(1)
    }
}

/// A year after the machine was started.
const LATEST_START: u64 = 365 * 24 * 3_600 * 1_000_000_000;
const MILLION: u128 = 1_000_000;
/// In the year 2027.
const WALL_START: i64 = 1_800_000_000_000_000;
