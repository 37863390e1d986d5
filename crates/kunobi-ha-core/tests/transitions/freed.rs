//! A Lease that became free: by a release, which is taken at once, or by other means.

use kunobi_ha_core::{Input, LeaseRecord, LeaseTime, Outcome, Request};

use crate::transitions::{
    phases::following,
    probe::{Probe, foreign, found, saw},
};

/// Shows this record at version 6 at 5000, and answers every look with it; returns when it is
/// taken.
fn taken_at(mut probe: Probe, free: &LeaseRecord) -> u64 {
    probe.at(5000, saw(6, free.clone()));
    taken_from(&mut probe, 6, free)
}

fn taken_from(probe: &mut Probe, version: u64, free: &LeaseRecord) -> u64 {
    for _ in 0..100 {
        match probe.last.send.as_ref().map(|attempt| &attempt.request) {
            Some(Request::Update { .. } | Request::Create { .. }) => return probe.now,
            Some(Request::Get) => {
                let now = probe.now;
                probe.answer(now, found(version, free.clone()));
            }
            None => {
                probe.wake();
            }
        }
    }
    panic!("it is never taken")
}

fn held_for(duration: i64) -> Probe {
    let mut probe = Probe::new(|_| {});
    probe.at(1000, Input::Acquire);
    let record = LeaseRecord { duration_seconds: Some(duration), ..foreign(0) };
    probe.answer(1010, found(5, record));
    probe
}

#[test]
fn a_release_is_taken_at_once_whoever_wrote_it() {
    let ours = LeaseRecord { holder: None, duration_seconds: Some(1), ..foreign(1) };
    let by_removing_the_holder = LeaseRecord { holder: None, ..foreign(0) };
    let with_more_transitions = LeaseRecord { transitions: Some(4), ..ours.clone() };
    for release in [ours, by_removing_the_holder, with_more_transitions] {
        assert_eq!(taken_at(following(), &release), 5000, "{release:?}");
    }
}

#[test]
fn a_holder_that_was_wiped_out_is_waited_for_from_the_first_sight_of_it() {
    let wiped = LeaseRecord::default();
    let without_renew_time =
        LeaseRecord { holder: None, renew_time: LeaseTime::Absent, ..foreign(0) };
    let with_fewer_transitions = LeaseRecord { holder: None, transitions: Some(2), ..foreign(1) };
    for free in [wiped, without_renew_time, with_fewer_transitions] {
        assert_eq!(taken_at(following(), &free), 20_000, "{free:?}");
        assert_eq!(taken_at(held_for(40), &free), 45_000, "{free:?}");
    }
}

#[test]
fn a_free_record_is_taken_at_once_by_whoever_never_saw_a_holder() {
    for free in [LeaseRecord::default(), LeaseRecord { holder: None, ..foreign(0) }] {
        let mut probe = Probe::new(|_| {});
        probe.at(1000, Input::Acquire);
        probe.answer(1010, found(5, free));
        assert!(matches!(probe.newest().request, Request::Update { .. }));
    }
}

#[test]
fn an_edit_of_a_wiped_record_makes_nobody_wait_longer_or_less() {
    let mut probe = following();
    probe.at(5000, saw(6, LeaseRecord::default()));
    let edited = LeaseRecord { holder: None, duration_seconds: Some(7), ..foreign(9) };
    probe.at(9000, saw(7, edited.clone()));
    assert_eq!(taken_from(&mut probe, 7, &edited), 20_000);
}

#[test]
fn a_wiped_record_that_is_deleted_is_waited_for_like_its_holder() {
    let mut probe = held_for(40);
    probe.at(5000, saw(6, LeaseRecord::default()));
    probe.wake_to_send();
    let gone = probe.now;
    probe.answer(gone, Outcome::Absent);
    loop {
        probe.wake_to_send();
        match probe.newest().request {
            Request::Get => {
                let now = probe.now;
                probe.answer(now, Outcome::Absent);
            }
            Request::Create { .. } => break,
            Request::Update { .. } => panic!("there is no Lease"),
        }
    }
    assert_eq!(probe.now, gone + 40_000);
}

#[test]
fn a_release_that_was_seen_makes_the_next_wiped_record_free_at_once() {
    let mut probe = following();
    // It was released, but we may not write yet: somebody else holds the request.
    probe.at(5000, saw(6, LeaseRecord { holder: None, ..foreign(0) }));
    probe.answer(5010, Outcome::Conflict);
    probe.answer(5020, found(7, LeaseRecord::default()));
    assert!(matches!(probe.newest().request, Request::Update { .. }));
}
