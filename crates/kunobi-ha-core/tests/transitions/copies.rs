//! A network that delivers a write twice or late, and a read that shows what was.

use kunobi_ha_core::{Input, LeaseRecord, LeaseTime, Outcome, Request, Timestamp};

use crate::transitions::{
    phases::{following, renewing, taking_over},
    probe::{LOST, WALL, event, foreign, found, record_of},
    scenarios::takes_over_at,
};

// rule 14: a record that shows our term keeps it, and is renewed over at once
#[test]
fn a_renewal_that_arrives_twice_and_is_answered_for_the_second_copy_keeps_the_term() {
    let mut probe = renewing();
    let ours = probe.record();
    probe.answer(3020, Outcome::Conflict);
    assert!(matches!(probe.newest().request, Request::Read), "{}", probe.brief());
    probe.answer(3030, found(8, ours));
    assert!(probe.brief().starts_with("update 4 onto 8"), "{}", probe.brief());
    let renewed = probe.written(9, false);
    probe.answer(3040, renewed);
    assert!(probe.brief().starts_with("leading 7 until 13030"), "{}", probe.brief());
}

// rule 10: an answer counts for its own attempt only
// rule 5: our own record is waited out like any other
#[test]
fn a_takeover_that_arrives_twice_and_is_answered_for_the_second_copy_costs_a_wait_and_no_more() {
    let mut probe = taking_over();
    let ours = probe.record();
    probe.answer(16_020, Outcome::Conflict);
    probe.answer(16_030, found(6, ours.clone()));
    assert!(!probe.leads(), "{}", probe.brief());
    assert_eq!(takes_over_at(&mut probe, 6, &ours), 31_030);
    let again = probe.record();
    assert_eq!(again.transitions, Some(5));
    let won = probe.written(7, false);
    probe.answer(31_040, won);
    assert!(probe.leads(), "{}", probe.brief());
}

// rule 7: a takeover is a compare-and-swap on what was seen
#[test]
fn a_takeover_that_arrives_after_anothers_makes_no_leader_and_waits_for_that_one() {
    let theirs = successor();
    for lost in [false, true] {
        let mut probe = taking_over();
        if lost {
            probe.answer(16_020, LOST);
            probe.wake_until_sent();
        } else {
            probe.answer(16_020, Outcome::Conflict);
        }
        probe.wake_to_read();
        let seen = probe.now + 1;
        probe.answer(seen, found(6, theirs.clone()));
        assert!(probe.brief().contains("following third"), "{}", probe.brief());
        assert_eq!(takes_over_at(&mut probe, 6, &theirs), seen + 15_000);
    }
}

// rule 4: a takeover is made on the version that was served together with the record
#[test]
fn a_read_that_shows_what_was_costs_a_conflict_and_another_wait() {
    let mut probe = following();
    // All reads come from a cache that stopped at version 5, while the holder renews.
    assert_eq!(takes_over_at(&mut probe, 5, &foreign(0)), 16_010);
    probe.answer(16_020, Outcome::Conflict);
    probe.answer(16_030, found(12, foreign(7)));
    assert!(!probe.leads(), "{}", probe.brief());
    assert_eq!(takes_over_at(&mut probe, 12, &foreign(7)), 31_030);
}

// rule 15: a read can prove a write of this phase only, and no write of a term that is over
#[test]
fn a_renewal_that_lands_a_minute_after_its_term_gives_nobody_belief() {
    let mut probe = renewing();
    let orphan = probe.record();
    probe.answer(3020, LOST);
    while !probe.brief().starts_with("ended 7") {
        probe.wake();
    }
    probe.at(11_020, Input::Acquire);
    probe.wake_until_sent();
    probe.answer(11_030, found(8, successor()));
    probe.at(63_010, event(9, orphan.clone()));
    assert!(!probe.leads(), "{}", probe.brief());
    assert!(takes_over_at(&mut probe, 9, &orphan) >= 78_010);
    assert_ne!(record_of(probe.newest()).unwrap().acquire_time, orphan.acquire_time);
}

/// What another candidate wrote over the record of `other`.
fn successor() -> LeaseRecord {
    LeaseRecord {
        holder: Some("third".into()),
        acquire_time: LeaseTime::At(Timestamp::from_unix_micros(WALL + 5_000_000)),
        renew_time: LeaseTime::At(Timestamp::from_unix_micros(WALL + 5_000_000)),
        transitions: Some(4),
        ..foreign(0)
    }
}
