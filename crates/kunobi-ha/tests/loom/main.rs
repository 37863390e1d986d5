//! What all threads agree on about leadership, in every order that their atomics and locks allow.
//!
//! The modules under test are compiled here once more, with the atomics and locks of the model checker
//! loom instead of those of std, and a channel over its locks instead of tokio's: they take them from
//! `crate::sync`, which is a different module here. Nothing else is compiled differently. The state of
//! the election has here only what orders anything.

#[path = "../../src/leader/belief.rs"]
#[expect(dead_code, reason = "the library uses the rest")]
mod belief;
#[path = "../../src/leader/candidacy.rs"]
#[expect(dead_code, reason = "the library uses the rest")]
mod candidacy;
#[path = "../../src/leader/slot/cell.rs"]
mod cell;
mod endings;
mod readers;
mod slot;
mod state;
mod sync;
mod writers;

use kunobi_ha_core::Instant;
use loom::sync::Arc;

use self::belief::{Belief, CandidacyNumber};

/// A term is a number here.
type Terms = Belief<u32>;

/// Runs a test in every order of its threads.
fn in_every_order(run: impl Fn() + Send + Sync + 'static) {
    loom::model(run);
}

/// A candidacy that leads in term 1, from 10 until 20.
fn leading() -> (Arc<Terms>, CandidacyNumber) {
    let belief = Arc::new(Terms::new());
    let candidacy = belief.begin();
    lead(&belief, candidacy, 1, (10, 20));
    (belief, candidacy)
}

/// Publishes that this candidacy leads, as the driver does. Tells whether that was accepted.
fn lead(belief: &Terms, candidacy: CandidacyNumber, term: u32, time: (u64, u64)) -> bool {
    let Some(mut writer) = belief.writer(candidacy) else { return false };
    writer.lead(term, "a", at(time.0), at(time.1));
    true
}

const fn at(nanos: u64) -> Instant {
    Instant::from_nanos(nanos)
}
