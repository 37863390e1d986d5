//! Samples all the time which candidates believe that they lead.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use e2e::lock;
use kunobi_ha::leader::LeaderState;

pub(crate) struct Judge {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    states: Mutex<Vec<LeaderState>>,
    beliefs: Mutex<Vec<Belief>>,
    over: AtomicBool,
    samples: AtomicU64,
}

/// A time during which a candidate was seen to lead. It may really have led for longer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Belief {
    pub(crate) who: usize,
    pub(crate) from: Instant,
    pub(crate) to: Instant,
    goes_on: bool,
}

impl Judge {
    pub(crate) fn new() -> Self {
        let shared = Arc::new(Shared::default());
        let watching = Arc::clone(&shared);
        let thread = thread::spawn(move || {
            while !watching.over.load(Ordering::Relaxed) {
                watching.sample();
                thread::sleep(Duration::from_millis(1));
            }
        });
        Self { shared, thread: Some(thread) }
    }

    pub(crate) fn observe(&self, state: LeaderState) {
        lock(&self.shared.states).push(state);
    }

    pub(crate) fn samples(&self) -> u64 {
        self.shared.samples.load(Ordering::Relaxed)
    }

    /// Returns the length of each time in which two candidates believed at once.
    pub(crate) fn overlaps(&self) -> Vec<Duration> {
        let beliefs = self.beliefs();
        let mut overlaps = Vec::new();
        for (index, one) in beliefs.iter().enumerate() {
            for other in &beliefs[..index] {
                let (from, to) = (one.from.max(other.from), one.to.min(other.to));
                if one.who != other.who && from <= to {
                    overlaps.push(to - from);
                }
            }
        }
        overlaps
    }

    /// Returns the smallest time between two leaders.
    pub(crate) fn smallest_gap(&self) -> Option<Duration> {
        let beliefs = self.beliefs();
        let gaps = beliefs.windows(2).filter(|pair| pair[0].who != pair[1].who);
        gaps.map(|pair| pair[1].from.saturating_duration_since(pair[0].to)).min()
    }

    /// Returns the longest time without any leader since then.
    pub(crate) fn longest_silence(&self, since: Instant) -> Duration {
        let mut led_until = since;
        let mut longest = Duration::ZERO;
        for belief in self.beliefs() {
            longest = longest.max(belief.from.saturating_duration_since(led_until));
            led_until = led_until.max(if belief.goes_on { Instant::now() } else { belief.to });
        }
        longest.max(led_until.elapsed())
    }

    /// In the order in which they began.
    pub(crate) fn beliefs(&self) -> Vec<Belief> {
        let mut beliefs = lock(&self.shared.beliefs).clone();
        beliefs.sort_by_key(|belief| belief.from);
        beliefs
    }
}

impl Shared {
    fn sample(&self) {
        let states = lock(&self.states).clone();
        for (who, state) in states.iter().enumerate() {
            let before = Instant::now();
            let leads = state.is_leader();
            let after = Instant::now();
            let mut beliefs = lock(&self.beliefs);
            let open = beliefs.iter_mut().rfind(|belief| belief.who == who && belief.goes_on);
            match (open, leads) {
                (Some(belief), true) => belief.to = before,
                (Some(belief), false) => belief.goes_on = false,
                (None, true) => {
                    beliefs.push(Belief { who, from: after, to: after, goes_on: true });
                }
                (None, false) => {}
            }
        }
        self.samples.fetch_add(1, Ordering::Relaxed);
    }
}

impl Drop for Judge {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.join().expect("it only samples");
        }
    }
}
