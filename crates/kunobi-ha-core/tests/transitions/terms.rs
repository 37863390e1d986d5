//! A term from its beginning to its end: what it counts from, and what does not bring it back.

use kunobi_ha_core::{Attempt, Input, Lease, LeaseRecord, Outcome, Request, Version};

use crate::transitions::{
    phases::{hedging, renewing, taking_over},
    probe::{at_version, event, foreign, found, record_of},
};

// rule 2: an ended term is never revived, whatever ended it
#[test]
fn an_ended_term_is_revived_by_no_answer_and_no_read() {
    let endings = [
        (11_010, Input::Wake),
        (3020, event(8, foreign(0))),
        (3020, Input::StepDown),
        (3020, Input::Stop),
    ];
    for (at, ending) in endings {
        let mut answered = renewing();
        let renewal = answered.newest().clone();
        let renewed = answered.written(9, false);
        answered.at(at, ending);
        assert!(answered.brief().starts_with("ended 7"), "{}", answered.brief());
        let mut read = answered.clone();
        answered.answer_to(&renewal, answered.now + 1, renewed);
        assert!(!answered.leads(), "{}", answered.brief());
        let shown = record_of(&renewal).unwrap().clone();
        read.at(read.now + 1, event(9, shown.clone()));
        assert!(!read.leads(), "{}", read.brief());
        read.at(read.now + 1, Input::Acquire);
        read.at(read.now + 1, event(10, shown));
        assert!(!read.leads(), "{}", read.brief());
    }
}

// rule 10: both attempts carry the same version
// rule 10: an answer counts for its own attempt, from the send of that one
#[test]
fn an_answer_counts_for_its_own_attempt_and_from_its_own_send() {
    for (nth, until) in [(2, 13_010), (3, 15_510)] {
        let mut probe = hedging();
        let [first, second] = [2, 3].map(|nth: usize| probe.sent[nth].clone());
        let versions = [&first, &second].map(base_of);
        assert_eq!(versions[0], versions[1]);
        let answered = probe.sent[nth].clone();
        let record = record_of(&answered).unwrap().clone();
        let won = written(8, record);
        probe.answer_to(&answered, 6000, won);
        let leads = format!("leading 7 until {until}");
        assert!(probe.brief().starts_with(&leads), "{}", probe.brief());
    }
    let mut probe = hedging();
    let first = probe.sent[2].clone();
    let of_its_sibling = written(8, probe.record());
    probe.answer_to(&first, 6000, of_its_sibling);
    assert!(!probe.leads(), "{}", probe.brief());
}

// rule 16: every new term increases the transitions, also one that is won again
#[test]
fn a_term_that_is_won_again_is_another_term() {
    let mut probe = taking_over();
    let won = probe.written(6, false);
    let ours = probe.record();
    probe.answer(probe.now + 10, won);
    assert!(probe.leads() && ours.transitions == Some(4), "{}", probe.brief());
    probe.at(probe.now + 10_000, Input::Wake);
    assert!(probe.brief().starts_with("ended 6"), "{}", probe.brief());
    probe.digits = 43;
    probe.at(probe.now + 10, Input::Acquire);
    probe.writes_at(&found(6, ours.clone()));
    let again = probe.record();
    assert_eq!(again.transitions, Some(5));
    assert_ne!(again.acquire_time, ours.acquire_time);
}

fn written(version: u64, record: LeaseRecord) -> Outcome {
    Outcome::Written { lease: Lease::new(at_version(version), record), created: false }
}

fn base_of(attempt: &Attempt) -> Option<&Version> {
    match &attempt.request {
        Request::Read | Request::Create { .. } => None,
        Request::Update { version, .. } => Some(version),
    }
}
