//! Until when a release that failed says that the Lease is held.

use kunobi_ha_core::{Input, Outcome, Request};

use crate::transitions::{
    phases::{releasing, renewing},
    probe::{LOST, Probe, REJECTED, event},
};

#[test]
fn a_read_without_a_definite_answer_holds_no_lease() {
    let mut probe = releasing();
    probe.answer(3010, Outcome::Conflict);
    assert_eq!(probe.newest().request, Request::Read);
    probe.answer(3020, LOST);
    assert!(given_up(probe).starts_with("still held until 16010"));
}

/// Answers nothing more until the release is given up.
fn given_up(mut probe: Probe) -> String {
    while probe.last.publish.is_none() {
        probe.wake();
    }
    probe.brief()
}

// rule 16: others may take the Lease L after the last renewal that was applied
#[test]
fn a_renewal_that_is_answered_or_proved_after_the_step_down_holds_the_lease() {
    let mut probe = renewing();
    let (renewal, renewed) = (probe.newest().clone(), probe.written(8, false));
    let shown = event(8, probe.record());
    probe.at(3015, Input::StepDown);
    let mut proved = probe.clone();
    probe.answer_to(&renewal, 3020, renewed);
    assert!(given_up(probe).starts_with("still held until 18010"));
    proved.at(3020, shown);
    assert!(given_up(proved).starts_with("still held until 18010"));
}

#[test]
fn a_renewal_that_was_rejected_after_the_step_down_holds_no_lease_and_asks_for_no_read() {
    let mut probe = renewing();
    let renewal = probe.newest().clone();
    probe.at(3015, Input::StepDown);
    probe.answer_to(&renewal, 3020, REJECTED);
    assert!(probe.last.send.is_none(), "{}", probe.brief());
    assert!(given_up(probe).starts_with("still held until 16010"));
}
