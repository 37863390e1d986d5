//! A check of a loop that must go round.

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;

use crate::sync::{Mutex, lock};

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
        *lock(&self.last) = Instant::now();
    }

    pub(super) fn status(&self, now: Instant) -> Result<(), String> {
        let last = *lock(&self.last);
        let age = now.saturating_duration_since(last);
        if age <= self.max_age {
            return Ok(());
        }
        Err(format!("the last beat was {age:?} ago, more than {:?}", self.max_age))
    }
}
