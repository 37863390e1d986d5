//! A check of a loop that must go round.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// A check that passes while a loop beats often enough. Clones beat for the same check.
#[derive(Clone, Debug)]
pub struct Heartbeat {
    last: Arc<Mutex<Instant>>,
    max_age: Duration,
}

impl Heartbeat {
    pub(super) fn new(max_age: Duration) -> Self {
        Self { last: Arc::new(Mutex::new(Instant::now())), max_age }
    }

    /// Says that the loop went round. It may be called on any thread.
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
