//! Until when a release that failed says that the Lease is held.

use kunobi_ha_core::{Outcome, Request};

use crate::transitions::{phases::releasing, probe::LOST};

#[test]
fn a_read_without_a_definite_answer_holds_no_lease() {
    let mut probe = releasing();
    probe.answer(3010, Outcome::Conflict);
    assert_eq!(probe.newest().request, Request::Read);
    probe.answer(3020, LOST);
    while probe.last.publish.is_none() {
        probe.wake();
    }
    assert!(probe.brief().starts_with("still held until 16010"), "{}", probe.brief());
}
