//! One candidacy: what its handles see and change of the state that the whole process shares.

use std::{sync::Arc, time::Duration};

use kunobi_ha_core::Leadership;

use super::state::{CandidacyNumber, Shared};

/// A handle of one candidacy, from an `acquire` to the end of its term.
///
/// The driver, the guard and the runner's contexts hold the shared state only through it: once a
/// later candidacy has begun, it sees no leadership, and changes nothing.
#[derive(Clone, Debug)]
pub(crate) struct Candidacy {
    number: CandidacyNumber,
    shared: Arc<Shared>,
}

impl Candidacy {
    /// Begins the next candidacy; all earlier ones are over.
    pub(super) fn begin(shared: &Arc<Shared>) -> Self {
        Self { number: shared.admit(), shared: Arc::clone(shared) }
    }

    pub(super) const fn number(&self) -> CandidacyNumber {
        self.number
    }

    /// Returns what belongs to the election and is the same for each candidacy.
    pub(super) fn shared(&self) -> &Shared {
        &self.shared
    }

    /// Tells whether the term of this candidacy runs, by the clock.
    pub(crate) fn is_leader(&self) -> bool {
        self.time_left().is_some()
    }

    /// Returns the time until the term of this candidacy ends unless it is renewed.
    pub(crate) fn time_left(&self) -> Option<Duration> {
        self.shared.time_left_of(self.number)
    }

    pub(super) fn publish(&self, leadership: &Leadership, identity: &str) {
        self.shared.publish(self.number, leadership, identity);
    }

    /// Ends the term, before anybody else knows.
    pub(super) fn revoke(&self) {
        self.shared.revoke(self.number);
    }

    /// Notes that nobody takes care of this candidacy any more, although nobody said so.
    pub(super) fn gone(&self) {
        self.shared.watchdog.gone(self.number);
    }
}
