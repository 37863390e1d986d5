//! An instant, or none, that any thread may read and write.

use std::sync::atomic::{AtomicU64, Ordering};

use kunobi_ha_core::Instant;

/// An instant, or none. It orders nothing else.
#[derive(Debug)]
pub(super) struct AtomicInstant(AtomicU64);

impl AtomicInstant {
    pub(super) fn new(at: Option<Instant>) -> Self {
        Self(AtomicU64::new(encode(at)))
    }

    pub(super) fn load(&self) -> Option<Instant> {
        decode(self.0.load(Ordering::Relaxed))
    }

    pub(super) fn store(&self, at: Option<Instant>) {
        self.0.store(encode(at), Ordering::Relaxed);
    }

    /// Stores it, and returns what was there before.
    pub(super) fn swap(&self, at: Option<Instant>) -> Option<Instant> {
        decode(self.0.swap(encode(at), Ordering::Relaxed))
    }
}

fn encode(at: Option<Instant>) -> u64 {
    at.map_or(NONE, Instant::as_nanos)
}

fn decode(nanos: u64) -> Option<Instant> {
    (nanos != NONE).then(|| Instant::from_nanos(nanos))
}

/// No clock gets there: it is 584 years after its origin.
const NONE: u64 = u64::MAX;
