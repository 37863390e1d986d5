//! Rules that one table of inputs does not show: what is written, and what is said.

use kunobi_ha_core::{
    CreateVia, Input, LeaseRecord, LeaseTime, Notice, Outcome, Request, Timestamp,
};

use crate::transitions::{
    phases::{
        OURS, contending_without_a_view, following, recreating, releasing, renewing, taking_over,
    },
    probe::{Probe, WALL, at_version, foreign, found, saw, version_of},
};

#[test]
fn a_write_onto_a_lease_carries_the_uid_and_version_that_were_served() {
    for probe in [renewing(), releasing(), taking_over()] {
        let version = probe.elector.version().unwrap().clone();
        match &probe.newest().request {
            Request::Update { version: onto, .. } => assert_eq!(*onto, version),
            Request::Get | Request::Create { .. } => panic!("an update"),
        }
    }
}

#[test]
fn a_takeover_is_written_as_the_wire_table_has_it() {
    let mut probe = contending_without_a_view();
    let mut kept = foreign(0);
    kept.strategy = Some("OldestEmulationVersion".into());
    kept.preferred_holder = Some("third".into());
    kept.holder = None;
    probe.answer(1010, found(5, kept.clone()));
    let acquired = WALL + 1_000_000 + 42;
    let at = |micros| LeaseTime::At(Timestamp::from_unix_micros(micros));
    let expected = LeaseRecord {
        holder: Some("me".into()),
        duration_seconds: Some(15),
        acquire_time: at(acquired),
        renew_time: at(WALL + 1_010_000),
        transitions: Some(4),
        ..kept
    };
    assert_eq!(probe.record(), expected);
}

#[test]
fn a_release_is_written_as_the_wire_table_has_it() {
    let record = releasing().record();
    assert_eq!(record.holder, None);
    assert_eq!(record.duration_seconds, Some(1));
    assert_eq!(record.transitions, Some(0));
}

#[test]
fn a_re_creation_keeps_the_term() {
    let mut probe = recreating();
    let first = &probe.sent[1].request;
    let (Request::Create { record: old, .. }, Request::Create { record: new, via }) =
        (first, &probe.newest().request)
    else {
        panic!("two creates")
    };
    assert_eq!((new.acquire_time.clone(), *via), (old.acquire_time.clone(), CreateVia::Put));
    assert_ne!(new.renew_time, old.renew_time);
    let written =
        Outcome::Written { version: version_of("anew", 20), record: new.clone(), created: true };
    probe.answer(3040, written);
    assert_eq!(probe.brief(), "leading 7 until 13030; wake in a tick");
}

#[test]
fn transitions_saturate_and_nonsense_counts_as_none() {
    let max = i64::from(i32::MAX);
    for (served, written) in [(Some(max), max), (Some(i64::MAX), max), (Some(-4), 1), (None, 1)] {
        let mut record = foreign(0);
        (record.holder, record.transitions) = (None, served);
        let mut probe = contending_without_a_view();
        probe.answer(1010, found(5, record));
        assert_eq!(probe.record().transitions, Some(written), "{served:?}");
    }
}

#[test]
fn a_free_lease_is_taken_at_once() {
    let mut probe = following();
    let mut freed = foreign(1);
    freed.holder = None;
    probe.at(2000, saw(6, freed));
    assert!(matches!(
        &probe.newest().request,
        Request::Update { version, .. } if *version == at_version(6)
    ));
}

#[test]
fn a_renewal_that_was_answered_with_the_same_version_does_not_count() {
    let mut probe = renewing();
    let same = probe.written(OURS, false);
    probe.answer(3020, same);
    assert_eq!(probe.last.notices, [Notice::NothingWritten]);
    assert_eq!(probe.last.publish, None);
}

#[test]
fn a_renewal_under_our_name_that_we_did_not_send_is_reported_once() {
    let mut probe = following();
    let mut twin = foreign(1);
    twin.holder = Some("me".into());
    twin.acquire_time = LeaseTime::At(Timestamp::from_unix_micros(WALL + 77));
    let renewed = |nth| {
        let renew_time = foreign(nth).renew_time;
        LeaseRecord { renew_time, ..twin.clone() }
    };
    let notices: Vec<_> = (6..9)
        .map(|nth| {
            let record = renewed(i64::try_from(nth).unwrap());
            probe.at(1000 + nth * 100, saw(nth, record)).notices.clone()
        })
        .collect();
    assert_eq!(notices, [vec![], vec![Notice::IdentityCollision], vec![]]);
}

#[test]
fn a_wall_clock_out_of_range_is_replaced_and_renew_times_still_increase() {
    for wall in [i64::MIN, -1, i64::MAX] {
        let mut probe = Probe::new(|_| {});
        probe.wall = Some(wall);
        probe.at(1000, Input::Acquire);
        probe.answer(1010, Outcome::Absent);
        let created = probe.record();
        assert_eq!(created.acquire_time, LeaseTime::At(Timestamp::from_unix_micros(42)));
        let outcome = probe.written(OURS, true);
        probe.answer(1020, outcome);
        probe.wake();
        assert_ne!(probe.record().renew_time, created.renew_time);
    }
}

#[test]
fn a_step_down_during_a_re_creation_does_not_call_the_lease_free_of_us() {
    let mut probe = recreating();
    probe.at(3040, Input::StepDown);
    assert!(probe.brief().starts_with("ended 7: Cancelled"), "{}", probe.brief());
    probe.wake();
    let said = probe.brief();
    assert!(!said.starts_with("release: NotOurs"), "the create may still land: {said}");
}
