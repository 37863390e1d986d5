//! Rules that one table of inputs does not show: what is written, and what is said.

use kunobi_ha_core::{
    CreateVia, Input, Lease, LeaseRecord, LeaseTime, Notice, Outcome, Request, Timestamp,
};

use crate::transitions::{
    phases::{
        OURS, contending_without_a_view, following, leading, recreating, releasing, renewing,
        taking_over,
    },
    probe::{Probe, WALL, at_version, event, foreign, found, record_of, version_of},
};

// rule 7: an update carries the uid and version that were served
#[test]
fn a_write_onto_a_lease_carries_the_uid_and_version_that_were_served() {
    for probe in [renewing(), releasing(), taking_over()] {
        let version = probe.elector.version().unwrap().clone();
        match &probe.newest().request {
            Request::Update { version: onto, .. } => assert_eq!(*onto, version),
            Request::Read | Request::Create { .. } => panic!("an update"),
        }
    }
}

// rule 9: acquireTime is the current second with random digits
// rule 16: a new term has one transition more
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

// rule 9: a re-creation keeps the acquireTime that its takeover drew
// rule 2: the deadline counts from the send of the create
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
    let written = Outcome::Written {
        lease: Lease::new(version_of("second", 20), new.clone()),
        created: true,
    };
    probe.answer(3040, written);
    assert_eq!(probe.brief(), "leading 7 until 13030; wake in a tick");
}

// rule 16: a new term has one transition more, as far as that goes
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

// rule 7: a takeover carries the version that was served
#[test]
fn a_free_lease_is_taken_at_once() {
    let mut probe = following();
    let mut freed = foreign(1);
    freed.holder = None;
    probe.at(2000, event(6, freed));
    assert!(matches!(
        &probe.newest().request,
        Request::Update { version, .. } if *version == at_version(6)
    ));
}

// rule 8: the same version renewed nothing
#[test]
fn a_renewal_that_was_answered_with_the_same_version_does_not_count() {
    let mut probe = renewing();
    let same = probe.written(OURS, false);
    probe.answer(3020, same);
    assert_eq!(probe.last.notices, [Notice::NothingWritten]);
    assert_eq!(probe.last.publish, None);
}

// rule 9: a record with our name that we did not write is not ours
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
            probe.at(1000 + nth * 100, event(nth, record)).notices.clone()
        })
        .collect();
    assert_eq!(notices, [vec![], vec![Notice::IdentityCollision], vec![]]);
}

// rule 1: a wall reading outside the years 1970 to 9000 is replaced
// rule 9: renewTime strictly increases
#[test]
fn a_wall_clock_out_of_range_is_replaced_and_renew_times_still_increase() {
    let year_9000 = 221_845_392_000 * 1_000_000;
    for wall in [i64::MIN, -1, year_9000, i64::MAX] {
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

#[test]
fn a_release_keeps_what_others_may_need_and_says_when() {
    let mut probe = taking_over();
    let won = probe.written(6, false);
    let mut record = probe.record();
    probe.answer(probe.now, won);
    record.strategy = Some("OldestEmulationVersion".into());
    record.preferred_holder = Some("third".into());
    let now = probe.now + 1;
    probe.at(now, event(8, record.clone()));
    probe.at(now, Input::StepDown);
    let at = |micros| LeaseTime::At(Timestamp::from_unix_micros(micros));
    record.holder = None;
    record.duration_seconds = Some(1);
    let written = at(WALL + i64::try_from(now).unwrap() * 1000);
    record.acquire_time = written.clone();
    record.renew_time = written;
    assert_eq!(record.transitions, Some(4));
    assert_eq!(probe.record(), record);
}

#[test]
fn a_renewal_keeps_what_others_may_need() {
    let mut probe = leading();
    let mut record = probe.created();
    record.strategy = Some("OldestEmulationVersion".into());
    record.preferred_holder = Some("third".into());
    probe.at(2000, event(8, record.clone()));
    probe.wake_until_sent();
    record.renew_time = probe.record().renew_time;
    assert_eq!(probe.record(), record);
}

// rule 9: renewTime strictly increases
#[test]
fn a_renew_time_is_later_than_the_last_although_the_wall_clock_went_back() {
    let mut probe = leading();
    let created = probe.created().renew_time;
    probe.wall = Some(WALL - 1_000_000);
    probe.wake();
    probe.wake();
    let [.., first, second] = &probe.sent[..] else { panic!("two renewals") };
    let micros = |time: &LeaseTime| match time {
        LeaseTime::At(time) => time.as_unix_micros(),
        LeaseTime::Absent | LeaseTime::Text(_) => panic!("a time"),
    };
    let first = micros(&record_of(first).unwrap().renew_time);
    assert!(first > micros(&created));
    assert!(micros(&record_of(second).unwrap().renew_time) > first);
}

// rule 1: wall time is written, and decides nothing
#[test]
fn a_wall_clock_decides_nothing() {
    for wall in [i64::MIN, 0, WALL - 86_400_000_000, WALL + 86_400_000_000, i64::MAX] {
        let [mut one, mut other] = [(); 2].map(|()| Probe::new(|_| {}));
        let (mut version, mut ended) = (5, false);
        for nth in 0..60 {
            // The other one's jumps at every second reading.
            other.wall = (nth % 2 == 0).then_some(wall);
            let outcome = |probe: &Probe| match probe.newest().request {
                Request::Read => found(5, foreign(0)),
                Request::Create { .. } | Request::Update { .. } => probe.written(version, false),
            };
            if nth == 0 {
                one.at(1000, Input::Acquire);
                other.at(1000, Input::Acquire);
            } else if one.last.send.is_some() && one.now < 40_000 {
                let (to_one, to_other) = (outcome(&one), outcome(&other));
                one.answer(one.now + 10, to_one);
                other.answer(other.now + 10, to_other);
            } else if one.last.wake_at.is_some() {
                one.wake();
                other.wake();
            }
            version += 1;
            assert_eq!(one.brief(), other.brief(), "{wall}");
            ended |= one.brief().starts_with("ended");
        }
        assert!(ended, "a term began and ended");
    }
}
