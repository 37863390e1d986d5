//! What lets a candidate write sooner or later than others, where the usual cases show no mistake.

use kunobi_ha_core::{
    Hints, Input, Lease, LeaseRecord, LeaseTime, Notice, Observed, Outcome, Successor, Takeover,
    Timestamp,
};

use crate::transitions::{
    deaths::takes_over,
    phases::{following, leading},
    probe::{Probe, at_version, event, foreign, found, record_of, seconds},
};

// rule C4: the record of another term ends the news, and a record with a long duration shows it
#[test]
fn news_are_gone_once_another_term_was_read() {
    let long = |nth| LeaseRecord { duration_seconds: Some(60), ..foreign(nth) };
    let mut probe = following();
    probe.at(20_000, event(20, long(20)));
    probe.at(20_100, died("other", &foreign(0)));
    let other = LeaseTime::At(Timestamp::from_unix_micros(7));
    probe.at(20_200, event(22, LeaseRecord { acquire_time: other, ..long(22) }));
    probe.at(20_300, event(23, long(23)));
    assert_eq!(takes_over(&mut probe, 23, &long(23)), (80_300, Takeover::Expired));
}

// rule C4: a term of ours is waited out, whatever is told of its process
#[test]
fn an_elector_does_not_take_its_own_term_for_that_of_a_dead_process() {
    let mut probe = leading();
    let ours = probe.record();
    let news = died("me", &ours);
    let until = probe.now + 9_000;
    probe.at(until, news.clone());
    while !probe.brief().starts_with("ended") {
        probe.wake();
    }
    let renewed = probe.sent.iter().rev().find_map(record_of).unwrap().clone();
    probe.at(probe.now, Input::Acquire);
    let read = probe.now + 10;
    probe.answer(read, found(8, renewed.clone()));
    probe.at(read + 10, news);
    assert!(probe.last.notices.contains(&Notice::ToldDead), "{}", probe.brief());
    assert!(probe.writes_at(&found(8, renewed)) >= read + 15_000);
}

/// Contends after a long term that its deadline has ended; the last version, and its record.
fn lost() -> (Probe, u64, LeaseRecord) {
    // Nothing below takes as long as such a lease.
    let mut probe = Probe::new(|config| config.lease_duration = seconds(60));
    probe.at(1_000, Input::Acquire);
    probe.answer(1_010, Outcome::Absent);
    let (mut version, mut ours) = (7, probe.record());
    probe.answer(1_020, probe.written(version, true));
    while probe.now < 260_000 {
        probe.wake_to_send();
        version += 1;
        ours = probe.record();
        probe.answer(probe.now + 1, probe.written(version, false));
    }
    while !probe.brief().starts_with("ended") {
        probe.wake();
    }
    probe.at(probe.now, Input::Acquire);
    (probe, version, ours)
}

// rule O1: where every other read is lost, no answer is prompt
#[test]
fn a_read_that_another_one_joined_is_not_answered_promptly() {
    let (mut probe, version, ours) = lost();
    let ended = probe.now;
    while probe.now < ended + 4_000 {
        probe.wake_to_send();
        assert_eq!(record_of(probe.newest()), None, "{}", probe.brief());
        probe.answer(probe.now + 1, found(version, ours.clone()));
        assert!(probe.last.send.as_ref().is_none_or(|sent| record_of(sent).is_none()));
    }
}

// rule P2: the time of the successor counts from the release that names it
#[test]
fn a_successor_has_its_time_after_each_release() {
    let mut probe = Probe::new(|_| {});
    probe.at(1_000, Input::Acquire);
    probe.answer(1_010, Outcome::Found(released(5, 1)));
    probe.at(3_000, Input::Observed(Observed::Found(released(7, 2))));
    assert_eq!(probe.writes_at(&Outcome::Found(released(7, 2))), 6_000);
}

/// A Lease whose release names somebody else.
fn released(version: u64, nth: i64) -> Lease {
    let released = Timestamp::from_unix_micros(nth);
    let acquire_time = LeaseTime::At(released);
    let record = LeaseRecord { holder: None, acquire_time, ..foreign(nth) };
    let successor = Some(Successor { identity: "third".into(), released });
    Lease { hints: Hints { successor, wish: None }, ..Lease::new(at_version(version), record) }
}

fn died(holder: &str, record: &LeaseRecord) -> Input {
    match record.acquire_time {
        LeaseTime::At(acquire_time) => Input::HolderDied { holder: holder.into(), acquire_time },
        LeaseTime::Absent | LeaseTime::Text(_) => panic!("{record:?}"),
    }
}
