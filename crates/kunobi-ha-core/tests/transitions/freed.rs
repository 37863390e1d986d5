//! A Lease that nobody holds: released by its holder, or taken from it.

use kunobi_ha_core::{LeaseRecord, LeaseTime, Outcome, Request};

use crate::transitions::{
    phases::{contending_without_a_view, following},
    probe::{Probe, event, foreign, found},
};

#[test]
fn a_lease_whose_record_was_emptied_is_taken_when_its_holder_believes_no_more() {
    let mut probe = following();
    probe.at(5000, event(6, LeaseRecord::default()));
    assert_eq!(probe.writes_at(&found(6, LeaseRecord::default())), 20_000);
}

#[test]
fn a_free_record_without_a_renew_time_or_with_fewer_transitions_is_no_release() {
    for free in [
        LeaseRecord { renew_time: LeaseTime::Absent, ..released() },
        LeaseRecord { transitions: Some(2), ..released() },
        LeaseRecord { transitions: None, ..released() },
    ] {
        let mut probe = following();
        probe.at(5000, event(6, free.clone()));
        assert_eq!(probe.writes_at(&found(6, free)), 20_000);
    }
}

#[test]
fn a_release_as_of_client_go_or_of_an_older_version_is_taken_at_once() {
    let without_a_holder = LeaseRecord { holder: None, ..foreign(0) };
    let more_transitions = LeaseRecord { transitions: Some(4), ..released() };
    for free in [released(), without_a_holder, more_transitions] {
        let mut probe = following();
        probe.at(5000, event(6, free));
        assert!(probe.brief().contains("onto 6"), "{}", probe.brief());
    }
}

#[test]
fn a_candidate_that_never_read_a_holder_takes_any_free_record_at_once() {
    let day = LeaseRecord { duration_seconds: Some(86_400), ..released() };
    for free in [LeaseRecord::default(), released(), day] {
        let mut probe = contending_without_a_view();
        probe.answer(1010, found(5, free));
        assert!(probe.brief().contains("onto 5"), "{}", probe.brief());
    }
}

#[test]
fn a_holder_whose_record_was_emptied_is_waited_out_for_the_duration_that_it_had() {
    let mut probe = contending_without_a_view();
    probe.answer(1010, found(5, LeaseRecord { duration_seconds: Some(40), ..foreign(0) }));
    let empty = LeaseRecord { duration_seconds: Some(1), ..LeaseRecord::default() };
    probe.at(5000, event(6, empty.clone()));
    assert_eq!(probe.writes_at(&found(6, empty)), 45_000);
}

#[test]
fn an_edit_of_a_free_lease_makes_nobody_wait_longer_or_less() {
    let mut probe = following();
    probe.at(5000, event(6, LeaseRecord::default()));
    probe.at(8000, event(7, released()));
    assert!(probe.last.send.is_none(), "{}", probe.brief());
    assert_eq!(probe.writes_at(&found(7, released())), 20_000);
}

#[test]
fn a_deleted_lease_that_was_free_is_created_after_our_own_lease_duration() {
    for duration_seconds in [Some(86_400), Some(1), None] {
        let mut probe = following();
        probe.at(2000, event(6, LeaseRecord { duration_seconds, ..released() }));
        assert!(probe.brief().contains("onto 6"), "{}", probe.brief());
        probe.answer(2010, Outcome::Conflict);
        probe.wake_to_read();
        probe.answer(probe.now + 1, Outcome::Absent);
        let gone = probe.now;
        assert_eq!(probe.writes_at(&Outcome::Absent), gone + 15_000);
        assert!(matches!(probe.newest().request, Request::Create { .. }));
    }
}

#[test]
fn a_deleted_lease_that_was_emptied_is_created_after_the_duration_that_its_holder_had() {
    let mut probe = contending_without_a_view();
    probe.answer(1010, found(5, LeaseRecord { duration_seconds: Some(40), ..foreign(0) }));
    probe.at(2000, event(6, LeaseRecord::default()));
    let gone = deleted(&mut probe);
    assert_eq!(probe.writes_at(&Outcome::Absent), gone + 40_000);
}

#[test]
fn a_holder_that_took_the_lease_after_a_release_is_remembered_like_any_other() {
    let mut probe = following();
    probe.at(2000, event(6, released()));
    probe.at(2010, event(7, LeaseRecord { transitions: Some(4), ..foreign(1) }));
    probe.at(5000, event(8, released()));
    assert_eq!(probe.writes_at(&found(8, released())), 20_000);
}

/// What a release of `other` leaves.
fn released() -> LeaseRecord {
    LeaseRecord { holder: Some("".into()), duration_seconds: Some(1), ..foreign(1) }
}

fn deleted(probe: &mut Probe) -> u64 {
    probe.wake_until_sent();
    assert_eq!(probe.newest().request, Request::Read);
    probe.answer(probe.now + 1, Outcome::Absent);
    probe.now
}
