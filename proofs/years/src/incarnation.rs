//! One process, from its start to its end.

use std::{
    fmt,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
};

use kunobi_ha::leader::{LeaderState, TestClock};
use tokio::sync::Notify;

/// One process of a replica.
pub(crate) struct Incarnation {
    pub(crate) replica: usize,
    pub(crate) clock: TestClock,
    pub(crate) state: LeaderState,
    /// False once it was killed: nothing of it reaches the network any more.
    alive: AtomicBool,
    /// Its work does not stop by itself, so that its Lease is left to run out.
    stubborn: AtomicBool,
    /// Somebody wants its term, or its candidacy, to end.
    asked_to_end: AtomicBool,
    asked: Notify,
    /// How many of its requests wait for an answer, beside its watch.
    outstanding: AtomicUsize,
}

impl Incarnation {
    pub(crate) fn new(replica: usize, clock: TestClock, state: LeaderState) -> Self {
        Self {
            replica,
            clock,
            state,
            alive: AtomicBool::new(true),
            stubborn: AtomicBool::new(false),
            asked_to_end: AtomicBool::new(false),
            asked: Notify::new(),
            outstanding: AtomicUsize::new(0),
        }
    }

    pub(crate) fn is_alive(&self) -> bool {
        self.alive.load(Ordering::Relaxed)
    }

    pub(crate) fn kill(&self) {
        self.alive.store(false, Ordering::Relaxed);
    }

    pub(crate) fn is_stubborn(&self) -> bool {
        self.stubborn.load(Ordering::Relaxed)
    }

    pub(crate) fn set_stubborn(&self, stubborn: bool) {
        self.stubborn.store(stubborn, Ordering::Relaxed);
    }

    /// Asks it to end what it is about: the term, or the candidacy.
    pub(crate) fn ask_to_end(&self) {
        self.asked_to_end.store(true, Ordering::Relaxed);
        self.asked.notify_waiters();
    }

    /// Waits until it is asked to end.
    pub(crate) async fn asked_to_end(&self) {
        loop {
            let asked = self.asked.notified();
            if self.asked_to_end.load(Ordering::Relaxed) {
                return;
            }
            asked.await;
        }
    }

    /// Another request waits for an answer; returns how many do.
    pub(crate) fn add_outstanding(&self) -> usize {
        self.outstanding.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// A request is answered, or dropped.
    pub(crate) fn end_outstanding(&self) {
        self.outstanding.fetch_sub(1, Ordering::Relaxed);
    }

    /// Begins something that has not been asked to end.
    pub(crate) fn begin(&self) {
        self.asked_to_end.store(false, Ordering::Relaxed);
    }
}

impl fmt::Debug for Incarnation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Incarnation").field("replica", &self.replica).finish_non_exhaustive()
    }
}
