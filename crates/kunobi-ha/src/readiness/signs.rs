//! Checks that the program sets by itself.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::time::Instant;

/// A check that is well while it is set. Clones set the same one.
#[derive(Clone, Debug, Default)]
pub struct Flag(Arc<Shared>);

/// A check that is well while something beats. Clones beat for the same one.
#[derive(Clone, Debug)]
pub struct Heartbeat {
    last: Arc<Mutex<Instant>>,
    max_age: Duration,
}

#[derive(Debug, Default)]
struct Shared {
    set: AtomicBool,
    ever: AtomicBool,
}

impl Flag {
    /// Sets or clears it.
    pub fn set(&self, well: bool) {
        self.0.set.store(well, Ordering::Release);
        if well {
            self.0.ever.store(true, Ordering::Release);
        }
    }

    pub(super) fn is_set(&self) -> bool {
        self.0.set.load(Ordering::Acquire)
    }

    pub(super) fn was_ever_set(&self) -> bool {
        self.0.ever.load(Ordering::Acquire)
    }
}

impl Heartbeat {
    pub(super) fn new(max_age: Duration) -> Self {
        Self { last: Arc::new(Mutex::new(Instant::now())), max_age }
    }

    /// Says that the loop went round.
    pub fn beat(&self) {
        // An instant is whole at any time.
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    pub(super) fn status(&self, now: Instant) -> Result<(), String> {
        let last = *self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let age = now.saturating_duration_since(last);
        if age <= self.max_age {
            return Ok(());
        }
        Err(format!("the last beat was {age:?} ago, more than {:?}", self.max_age))
    }
}
