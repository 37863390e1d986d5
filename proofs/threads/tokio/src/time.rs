//! A clock that is a number. Timers fire when it goes on, which any task may be before or after.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    ops::{Add, Sub},
    pin::Pin,
    task::{Context, Poll, Waker},
    time::Duration,
};

use shuttle::rand::{Rng, thread_rng};

use crate::point;

/// Since the beginning of the run.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Instant(Duration);

#[derive(Debug)]
pub struct Sleep {
    deadline: Instant,
    /// Its place among the timers, once it was polled.
    timer: Option<u64>,
}

/// What was waited for took too long.
#[derive(Debug)]
pub struct Elapsed(());

#[derive(Default)]
struct Clock {
    now: Duration,
    next: u64,
    timers: BTreeMap<(Instant, u64), Waker>,
    /// Wakes the task that lets time pass, if it waits for a timer.
    idle: Option<Waker>,
    over: bool,
}

thread_local! {
    /// All tasks of a run share one thread.
    static CLOCK: RefCell<Clock> = RefCell::default();
}

/// Begins a run.
pub fn begin() {
    CLOCK.take();
}

/// Lets time pass from timer to timer, until [`end`]: to be run by a task of its own.
pub async fn pass() {
    loop {
        // Others take a moment or none, by chance: whatever is done can take longer than a timer.
        let others = thread_rng().gen_range(0..4) * 40;
        (0..=others).for_each(|_| shuttle::thread::yield_now());
        let next = std::future::poll_fn(|context| {
            with(|clock| match clock.timers.first_key_value() {
                _ if clock.over => Poll::Ready(None),
                Some(((at, _), _)) => Poll::Ready(Some(*at)),
                None => {
                    clock.idle = Some(context.waker().clone());
                    Poll::Pending
                }
            })
        });
        let Some(at) = next.await else { return };
        let due = with(|clock| {
            clock.now = clock.now.max(at.0);
            let later = clock.timers.split_off(&(Instant(clock.now), u64::MAX));
            std::mem::replace(&mut clock.timers, later)
        });
        due.into_values().for_each(Waker::wake);
    }
}

/// Ends [`pass`].
pub fn end() {
    let idle = with(|clock| {
        clock.over = true;
        clock.idle.take()
    });
    idle.into_iter().for_each(Waker::wake);
}

pub fn sleep(duration: Duration) -> Sleep {
    sleep_until(Instant::now() + duration)
}

pub fn sleep_until(deadline: Instant) -> Sleep {
    Sleep { deadline, timer: None }
}

pub async fn timeout<F: Future>(duration: Duration, work: F) -> Result<F::Output, Elapsed> {
    timeout_at(Instant::now() + duration, work).await
}

pub async fn timeout_at<F: Future>(deadline: Instant, work: F) -> Result<F::Output, Elapsed> {
    real::select! {
        biased;
        output = work => Ok(output),
        () = sleep_until(deadline) => Err(Elapsed(())),
    }
}

fn with<T>(use_clock: impl FnOnce(&mut Clock) -> T) -> T {
    CLOCK.with_borrow_mut(use_clock)
}

impl Instant {
    pub fn now() -> Self {
        point();
        Self(with(|clock| clock.now))
    }

    pub fn elapsed(&self) -> Duration {
        Self::now().saturating_duration_since(*self)
    }

    pub fn duration_since(&self, earlier: Self) -> Duration {
        self.saturating_duration_since(earlier)
    }

    pub fn saturating_duration_since(&self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }

    pub fn checked_add(&self, duration: Duration) -> Option<Self> {
        self.0.checked_add(duration).map(Self)
    }
}

impl Add<Duration> for Instant {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(duration))
    }
}

impl Sub for Instant {
    type Output = Duration;

    fn sub(self, earlier: Self) -> Duration {
        self.saturating_duration_since(earlier)
    }
}

impl Sleep {
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    pub fn reset(self: Pin<&mut Self>, deadline: Instant) {
        let this = self.get_mut();
        this.forget();
        this.deadline = deadline;
    }

    fn forget(&mut self) {
        if let Some(timer) = self.timer.take() {
            with(|clock| clock.timers.remove(&(self.deadline, timer)));
        }
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        point();
        let this = self.get_mut();
        let deadline = this.deadline;
        let timer = &mut this.timer;
        let idle = with(|clock| {
            if clock.now >= deadline.0 {
                return None;
            }
            let place = *timer.get_or_insert_with(|| {
                clock.next += 1;
                clock.next
            });
            clock.timers.insert((deadline, place), context.waker().clone());
            Some(clock.idle.take())
        });
        let Some(idle) = idle else { return Poll::Ready(()) };
        idle.into_iter().for_each(Waker::wake);
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        self.forget();
    }
}
