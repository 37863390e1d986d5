//! What a candidacy has of its election, as far as other threads learn of leadership from it.

use kunobi_ha_core::{Failure, Instant, Leadership, StepDownReason, Term};

use crate::{at, belief::Belief, sync::watch};

#[derive(Debug)]
pub(super) struct ElectionState {
    pub(super) clock: Clock,
    pub(super) belief: Belief<Term>,
    pub(super) watchdog: Watchdog,
    pub(super) stats: Stats,
    pub(super) changed: watch::Sender<()>,
}

/// It stands still.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock;

/// Its atomics order nothing.
#[derive(Debug)]
pub(super) struct Watchdog;

/// Its atomics order nothing.
#[derive(Debug)]
pub(super) struct Stats;

impl ElectionState {
    pub(super) fn new() -> Self {
        let changed = watch::Sender::new(());
        Self { clock: Clock, belief: Belief::new(), watchdog: Watchdog, stats: Stats, changed }
    }
}

#[expect(clippy::unused_self, reason = "in the library it has something in it")]
impl Clock {
    pub(super) const fn now(self) -> Instant {
        at(15)
    }
}

#[expect(clippy::unused_self, reason = "in the library it has something in it")]
impl Watchdog {
    pub(super) const fn contends(&self, _: Instant) {}
    pub(super) const fn believed_until(&self, _: Instant) {}
    pub(super) const fn published(&self, _: &Leadership) {}
    pub(super) const fn gone(&self, _: crate::belief::CandidacyNumber) {}
}

#[expect(clippy::unused_self, reason = "in the library it has something in it")]
impl Stats {
    pub(super) const fn became_leader(&self) {}
    pub(super) const fn stopped_leading(&self, _: StepDownReason) {}
    pub(super) const fn failed(&self, _: Failure) {}
}

impl<T> std::fmt::Debug for Belief<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Belief")
    }
}
