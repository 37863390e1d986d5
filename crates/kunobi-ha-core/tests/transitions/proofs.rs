//! A read of exactly what an attempt wrote is as good as its answer.

use kunobi_ha_core::{Input, Lease, LeaseRecord, Observed, Outcome, Request};

use crate::transitions::{
    phases::{OURS, creating, hedging, leading, releasing, renewing, taking_over},
    probe::{LOST, REJECTED, event, foreign, found, record_of, version_of},
};

// rule 15: a read of what an attempt wrote proves it, from its send on
#[test]
fn a_takeover_whose_answer_was_lost_leads_once_a_read_shows_its_record() {
    let mut probe = taking_over();
    let (sent, bid) = (probe.now, probe.record());
    probe.answer(sent + 10, LOST);
    probe.wake_to_read();
    probe.answer(probe.now + 1, found(6, bid));
    let until = sent + 10_000;
    assert!(probe.brief().starts_with(&format!("leading 6 until {until}")), "{}", probe.brief());
}

// rule 2: no read makes belief after the deadline
#[test]
fn a_takeover_that_a_read_shows_after_its_deadline_makes_no_leader() {
    for after in [10_000, 12_000] {
        let mut probe = taking_over();
        let (sent, bid) = (probe.now, probe.record());
        probe.at(sent + after, event(6, bid));
        assert!(!probe.leads(), "{}", probe.brief());
    }
    let mut probe = taking_over();
    let (sent, bid) = (probe.now, probe.record());
    probe.at(sent + 9_999, event(6, bid));
    assert!(probe.leads(), "{}", probe.brief());
}

// rule 2: an answer after the deadline makes no leader
#[test]
fn a_takeover_that_is_answered_at_its_deadline_makes_no_leader_and_just_before_it_does() {
    for (after, leads) in [(9_999, true), (10_000, false), (12_000, false)] {
        let mut probe = taking_over();
        let won = probe.written(6, false);
        probe.answer(probe.now + after, won);
        assert_eq!(probe.leads(), leads, "{}", probe.brief());
    }
}

#[test]
fn a_takeover_that_a_read_shows_under_another_uid_makes_no_leader() {
    let mut probe = taking_over();
    let record = probe.record();
    let version = version_of("another", 6);
    probe.at(probe.now + 10, Input::Observed(Observed::Found(Lease::new(version, record))));
    assert!(!probe.leads(), "{}", probe.brief());
}

// rule 15: only exactly what an attempt wrote proves it
#[test]
fn a_read_that_differs_from_a_takeover_in_its_renew_time_alone_makes_no_leader() {
    let mut probe = taking_over();
    let mut record = probe.record();
    record.renew_time = foreign(0).renew_time;
    probe.at(probe.now + 10, event(6, record));
    assert!(!probe.leads(), "{}", probe.brief());
}

// rule 15: a create is never proved by a read
#[test]
fn a_create_is_not_proved_by_a_read_of_its_record() {
    let mut probe = creating();
    let record = probe.record();
    probe.at(1020, event(OURS, record.clone()));
    assert!(!probe.leads(), "{}", probe.brief());
    let mut probe = creating();
    probe.answer(1020, LOST);
    probe.wake_to_read();
    probe.answer(probe.now + 1, found(OURS, record));
    assert!(!probe.leads(), "{}", probe.brief());
}

// rule 9: a created record is ours from its own 201 on
#[test]
fn a_create_whose_record_was_read_leads_by_its_own_201_and_nothing_joins_it() {
    let mut probe = creating();
    let create = probe.newest().clone();
    let (record, won) = (probe.record(), probe.written(OURS, true));
    probe.at(1020, event(OURS, record.clone()));
    for now in (1100..9000).step_by(100) {
        probe.at(now, Input::Wake);
        if probe.last.send.is_some() {
            assert_eq!(probe.newest().request, Request::Read);
            probe.answer(now + 1, found(OURS, record.clone()));
        }
    }
    probe.answer_to(&create, probe.now + 1, won);
    assert!(probe.brief().starts_with("leading 7 until 11010"), "{}", probe.brief());
}

// rule 15: a read of what an attempt wrote proves it, from its send on
#[test]
fn a_renewal_whose_answer_was_lost_keeps_the_term_once_a_read_shows_its_record() {
    let mut probe = renewing();
    let renewed = probe.record();
    probe.answer(3020, LOST);
    probe.wake_to_read();
    probe.answer(probe.now + 1, found(8, renewed));
    assert!(probe.brief().starts_with("leading 7 until 13010"), "{}", probe.brief());
}

#[test]
fn a_renewal_that_made_room_for_a_read_keeps_the_term_once_the_read_shows_its_record() {
    let mut probe = hedging();
    let first = record_of(&probe.sent[2]).unwrap().clone();
    probe.at(5520, Input::Observed(Observed::Deleted));
    assert_eq!(probe.newest().request, Request::Read);
    assert_eq!(probe.last.drop, [probe.sent[2].id]);
    probe.answer(5530, found(8, first));
    assert!(probe.brief().starts_with("leading 7 until 13010"), "{}", probe.brief());
}

#[test]
fn a_renewal_whose_record_shows_under_another_uid_does_not_keep_the_term() {
    let mut probe = renewing();
    let record = probe.record();
    let version = version_of("another", 8);
    probe.at(3020, Input::Observed(Observed::Found(Lease::new(version, record))));
    assert_eq!(probe.brief(), "ended 7: HolderChanged; drop 2");
}

// rule 15: a re-creation by a term that believes is proved
#[test]
fn a_re_creation_whose_answer_was_lost_keeps_the_term_once_a_read_shows_its_record() {
    let mut probe = leading();
    probe.at(2000, Input::Observed(Observed::Deleted));
    probe.answer(2010, Outcome::Absent);
    probe.wake_until_sent();
    let (sent, record) = (probe.now, probe.record());
    let second = || version_of("second", 20);
    probe.answer(sent + 10, LOST);
    let seen = Observed::Found(Lease::new(second(), record.clone()));
    probe.at(sent + 20, Input::Observed(seen));
    let until = sent + 10_000;
    assert!(probe.brief().starts_with(&format!("leading 7 until {until}")), "{}", probe.brief());
    // From now on that Lease is the term's.
    let labelled = Observed::Found(Lease::new(version_of("second", 21), record));
    probe.at(sent + 30, Input::Observed(labelled));
    assert_eq!(probe.last.publish, None);
}

#[test]
fn a_late_answer_of_a_renewal_that_was_proved_changes_nothing() {
    for late in [LOST, Outcome::Conflict, Outcome::Absent, REJECTED] {
        let mut probe = renewing();
        let renewal = probe.newest().clone();
        let renewed = probe.record();
        probe.at(3020, event(8, renewed));
        assert!(probe.leads());
        let due = probe.last.wake_at;
        probe.answer_to(&renewal, 3030, late.clone());
        assert_eq!((&probe.last.send, probe.last.wake_at), (&None, due), "{late:?}");
    }
}

#[test]
fn a_new_label_on_a_renewal_that_was_proved_proves_nothing_again() {
    let mut probe = renewing();
    let renewed = probe.record();
    probe.at(3020, event(8, renewed.clone()));
    assert!(probe.leads());
    probe.at(3030, event(9, renewed));
    assert_eq!(probe.last.publish, None);
}

// rule 15: what was dropped or lost can be proved
#[test]
fn each_of_several_renewals_without_an_answer_can_be_proved() {
    for applied in 0..3 {
        let mut probe = renewing();
        let mut sent = Vec::new();
        while sent.len() < 3 {
            probe.wake_until_sent();
            sent.push((probe.now, probe.record()));
            probe.answer(probe.now + 10, LOST);
        }
        probe.wake_to_read();
        let (at, record) = sent[applied].clone();
        probe.answer(probe.now + 1, found(8, record));
        let until = at + 10_000;
        assert!(probe.brief().starts_with(&format!("leading 7 until {until}")), "{applied}");
    }
}

#[test]
fn a_request_that_waits_for_nothing_any_more_makes_room_before_one_that_does() {
    let mut probe = renewing();
    let settled = probe.newest().id;
    let renewed = probe.record();
    probe.at(3020, event(8, renewed));
    probe.wake();
    assert!(probe.last.drop.is_empty(), "{}", probe.brief());
    probe.wake();
    assert_eq!(probe.last.drop, [settled], "{}", probe.brief());
}

#[test]
fn a_release_whose_answer_was_lost_is_confirmed_by_a_read_of_its_record() {
    let mut probe = releasing();
    let freed = probe.record();
    probe.answer(3010, LOST);
    probe.wake_to_read();
    probe.answer(probe.now + 1, found(8, freed));
    assert!(probe.brief().starts_with("release: Released"), "{}", probe.brief());
}

#[test]
fn a_renewal_that_was_applied_after_the_step_down_is_released_and_not_called_released() {
    let mut probe = renewing();
    let renewed = probe.record();
    probe.at(3015, Input::StepDown);
    probe.answer(3020, Outcome::Conflict);
    probe.wake_to_read();
    probe.answer(probe.now + 1, found(8, renewed));
    assert!(!probe.brief().contains("release:"), "{}", probe.brief());
    probe.wake_until_sent();
    assert!(probe.record().is_free());
    let freed = probe.written(9, false);
    probe.answer(probe.now + 1, freed);
    assert!(probe.brief().starts_with("release: Released"), "{}", probe.brief());
}

#[test]
fn a_free_record_that_is_not_the_release_is_not_called_released() {
    let mut probe = releasing();
    let free = LeaseRecord { renew_time: foreign(0).renew_time, ..probe.record() };
    probe.at(3010, event(8, free));
    assert_eq!(probe.brief(), "release: NotOurs; drop 2");
}

#[test]
fn an_old_404_takes_no_proof_away() {
    let mut probe = renewing();
    let applied = probe.record();
    probe.answer(3020, LOST);
    probe.answer(3030, Outcome::Conflict);
    probe.answer(3040, Outcome::Absent);
    probe.answer(3050, Outcome::Conflict);
    probe.wake_until_sent();
    probe.answer(probe.now + 10, found(8, applied));
    assert!(probe.brief().contains("leading 7 until 13010"), "{}", probe.brief());
}
