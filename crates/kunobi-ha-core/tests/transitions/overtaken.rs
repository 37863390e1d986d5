//! Attempts that something else overtakes: a newer version, another attempt, another record.

use kunobi_ha_core::{Input, Lease, LeaseRecord, Outcome, Request};

use crate::transitions::{
    phases::{creating, hedging, renewing, withdrawing},
    probe::{LOST, REJECTED, at_version, event, foreign, found},
};

// rule 10: an attempt ends when a newer version than the one that it was made on is read
// rule 14: a renewal that a conflict has held back goes out on the version that was read
#[test]
fn a_renewal_that_waits_for_a_read_goes_out_when_an_event_has_made_the_other_one_void() {
    let mut probe = hedging();
    let (void, ours) = (probe.sent[2].id, probe.created());
    probe.answer(5520, Outcome::Conflict);
    assert_eq!(probe.newest().request, Request::Read);
    probe.at(5530, event(8, ours));
    assert_eq!(probe.last.drop, [void]);
    assert!(probe.brief().contains("onto 8"), "{}", probe.brief());
}

// rule 10: a new attempt takes the place of one of another kind first
#[test]
fn a_second_release_takes_the_place_of_a_renewal_and_not_of_the_first_release() {
    let mut probe = hedging();
    let renewals = [probe.sent[2].id, probe.sent[3].id];
    probe.at(5520, Input::StepDown);
    assert_eq!(probe.last.drop, renewals[..1]);
    probe.wake_to_send();
    assert_eq!(probe.last.drop, renewals[1..]);
    assert!(probe.brief().contains("free"), "{}", probe.brief());
}

// rule 15: an unconfirmed write can be proved
#[test]
fn a_renewal_whose_answer_was_altered_counts_when_a_read_shows_it_as_it_was_sent() {
    let mut probe = renewing();
    let sent = probe.record();
    let altered = LeaseRecord { strategy: Some("webhook".into()), ..sent.clone() };
    let lease = Lease { version: at_version(8), record: altered };
    probe.answer(3020, Outcome::Written { lease, created: false });
    assert_eq!(probe.newest().request, Request::Read);
    probe.answer(3030, found(8, sent));
    assert!(probe.brief().starts_with("leading 7 until 13010"), "{}", probe.brief());
}

// rule 16: a withdrawal waits for writes that may be applied
#[test]
fn a_candidate_whose_lost_create_was_overtaken_has_nothing_to_withdraw() {
    let mut probe = creating();
    probe.answer(1020, LOST);
    probe.wake_to_read();
    probe.answer(probe.now + 10, found(5, foreign(0)));
    probe.at(probe.now + 10, Input::StepDown);
    assert_eq!(probe.brief(), "withdrawn");
}

#[test]
fn a_withdrawal_whose_read_fails_asks_again_within_a_quarter_of_a_retry_period() {
    let mut probe = withdrawing();
    probe.answer(16_030, LOST);
    assert_eq!(probe.newest().request, Request::Read);
    probe.answer(16_040, REJECTED);
    probe.wake_to_send();
    assert_eq!(probe.newest().request, Request::Read);
    assert!((16_440..=16_540).contains(&probe.now), "{}", probe.now);
}
