//! The largest of everything: no panic, no busy loop, and the right answer.

mod durations;

use core::time::Duration;

use kunobi_ha_core::{
    Elector, Input, Instant, Leadership, LeaseRecord, LeaseTime, Outcome, Request, Timestamp,
    Timing, TimingConfig,
};

use crate::transitions::probe::{Probe, event, foreign, found};

#[test]
fn instants_saturate_at_both_ends() {
    let (first, last) = (Instant::from_nanos(0), Instant::from_nanos(u64::MAX));
    assert_eq!(last.after(Duration::from_nanos(1)), last);
    assert_eq!(first.after(Duration::MAX), last);
    assert_eq!(first.since(last), Duration::ZERO);
    assert_eq!(last.since(first), Duration::from_nanos(u64::MAX));
}

#[test]
fn transitions_at_their_largest_make_terms_that_are_told_apart_all_the_same() {
    let largest = Some(i64::from(i32::MAX));
    let mut probe = Probe::new(|_| {});
    probe.at(1000, Input::Acquire);
    probe.answer(1010, found(5, LeaseRecord { transitions: largest, ..free() }));
    let ours = probe.record();
    assert_eq!(ours.transitions, largest);
    let won = probe.written(6, false);
    probe.answer(1020, won);
    probe.wake();
    assert_eq!(probe.record().transitions, largest);
    let renewed = probe.written(7, false);
    probe.answer(probe.now + 1, renewed);
    assert!(probe.leads(), "{}", probe.brief());
    // A label changes nothing; a twin that took it over at the same count is another holder.
    let shown = probe.record();
    probe.at(probe.now + 1, event(8, shown.clone()));
    assert_eq!(probe.last.publish, None);
    let mut twin = shown;
    twin.acquire_time = foreign(0).acquire_time;
    probe.at(probe.now + 1, event(9, twin));
    assert!(probe.brief().starts_with("ended 6: HolderChanged"), "{}", probe.brief());
}

#[test]
fn a_record_says_its_numbers_as_what_they_should_be() {
    let cases = [
        (None, None, 0),
        (Some(i64::MIN), None, 0),
        (Some(-1), None, 0),
        (Some(0), None, 0),
        (Some(1), Some(1), 1),
        (Some(i64::from(i32::MAX)), Some(2_147_483_647), i32::MAX),
        (Some(i64::MAX), Some(9_223_372_036_854_775_807), i32::MAX),
    ];
    for (served, duration, transitions) in cases {
        let record =
            LeaseRecord { duration_seconds: served, transitions: served, ..LeaseRecord::default() };
        assert_eq!(record.duration(), duration.map(Duration::from_secs), "{served:?}");
        assert_eq!(record.transitions(), transitions, "{served:?}");
    }
}

#[test]
fn an_identity_of_any_characters_and_any_length_leads_under_that_very_name() {
    let long = "x".repeat(100_000);
    for identity in ["\0", "a\0b", " ", "a\nb", "\u{1F600}é", &long] {
        let timing = Timing::new(TimingConfig::default()).unwrap();
        let mut probe = Probe::new(|_| {});
        probe.elector = Elector::new(identity, timing, 7).unwrap();
        probe.at(1000, Input::Acquire);
        probe.answer(1010, found(5, free()));
        let ours = probe.record();
        assert_eq!(ours.holder.as_deref(), Some(identity));
        let won = probe.written(6, false);
        probe.answer(1020, won);
        assert!(probe.leads());
        probe.at(1030, event(7, ours.clone()));
        assert_eq!(probe.last.publish, None, "a label ends no term");
        let mut other = ours;
        other.holder = Some(format!("{identity}\0").into());
        probe.at(1040, event(8, other));
        assert!(matches!(probe.last.publish, Some(Leadership::Ended { .. })));
    }
}

#[test]
fn a_holder_of_a_hundred_kilobytes_is_followed_and_waited_out_like_any_other() {
    let mut record = foreign(0);
    record.holder = Some("y".repeat(100_000).into());
    let mut probe = Probe::new(|_| {});
    probe.at(1000, Input::Acquire);
    probe.answer(1010, found(5, record.clone()));
    let holder = record.holder.clone();
    assert_eq!(probe.last.publish, Some(Leadership::Following { holder }));
    assert_eq!(probe.writes_at(&found(5, record)), 16_010);
}

// rule 9: renewTime strictly increases
// rule 1: a wall clock may say anything
#[test]
fn a_wall_clock_at_the_end_of_its_range_writes_times_that_increase_and_can_be_read_back() {
    for wall in [LAST_MICROS, LAST_MICROS - 3] {
        let mut probe = Probe::new(|_| {});
        probe.wall = Some(wall);
        probe.at(1000, Input::Acquire);
        probe.answer(1010, found(5, free()));
        let mut last = time_of(&probe.record().acquire_time);
        assert!(last <= LAST_MICROS.unsigned_abs());
        last = 0;
        let won = probe.written(6, false);
        probe.answer(1020, won);
        assert!(probe.leads());
        // The clock is put right, or is not: what was written stays the earlier.
        for (version, wall) in (7..).zip([wall, 1_700_000_000_000_000, LAST_MICROS, i64::MAX, -1]) {
            let renewed = time_of(&probe.record().renew_time);
            assert!(renewed > last, "renewTime went from {last} to {renewed}");
            let read = Timestamp::from_unix_micros(i64::try_from(renewed).unwrap());
            assert_eq!(read.as_unix_micros(), renewed, "it is written as no driver reads it");
            last = renewed;
            probe.wall = Some(wall);
            probe.wake_until_sent();
            let renewed = probe.written(version, false);
            probe.answer(probe.now + 1, renewed);
            assert!(probe.leads());
            probe.wake();
        }
    }
}

// rule 9: acquireTime is the current second with six random digits
#[test]
fn an_acquire_time_lies_in_the_current_second_whatever_the_random_number_is() {
    for digits in [0, 999_999, 1_000_000, u32::MAX] {
        let mut probe = Probe::new(|_| {});
        probe.digits = digits;
        probe.at(1999, Input::Acquire);
        probe.answer(1999, found(5, free()));
        let acquired = time_of(&probe.record().acquire_time);
        let renewed = time_of(&probe.record().renew_time);
        assert_eq!(acquired / 1_000_000, renewed / 1_000_000, "{digits}");
        assert_eq!(acquired % 1_000_000, u64::from(digits) % 1_000_000);
    }
}

#[test]
fn a_lease_at_the_largest_version_of_all_is_led_to_its_deadline_without_a_storm() {
    let mut probe = Probe::new(|_| {});
    probe.at(1000, Input::Acquire);
    probe.answer(1010, Outcome::Absent);
    let created = probe.written(u64::MAX, true);
    let ours = probe.record();
    probe.answer(1020, created);
    assert!(probe.leads());
    let before = probe.sent.len();
    while !probe.brief().starts_with("ended") {
        if probe.last.send.is_none() {
            probe.wake();
        } else if probe.newest().request == Request::Read {
            probe.answer(probe.now + 1, found(u64::MAX, ours.clone()));
        } else {
            let same = probe.written(u64::MAX, false);
            probe.answer(probe.now + 1, same);
            assert!(!probe.leads(), "nothing can be newer");
        }
    }
    assert_eq!(probe.now, 11_010);
    let sent = probe.sent.len() - before;
    assert!(sent <= 80, "{sent} requests");
}

fn free() -> LeaseRecord {
    LeaseRecord { holder: None, ..foreign(0) }
}

fn time_of(time: &LeaseTime) -> u64 {
    match time {
        LeaseTime::At(time) => time.as_unix_micros(),
        LeaseTime::Absent | LeaseTime::Text(_) => panic!("a time of ours"),
    }
}

/// The last microsecond of the year 8999.
const LAST_MICROS: i64 = 221_845_392_000 * 1_000_000 - 1;
