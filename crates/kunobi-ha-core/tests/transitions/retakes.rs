//! Taking a Lease back after an outage: when that is allowed early.

use kunobi_ha_core::{Input, LeaseRecord, Outcome, Refusal, Takeover};

use crate::transitions::{
    deaths::takes_over,
    phases::taking_over,
    probe::{LOST, Probe, event, foreign, found, version_of},
};

// rule O1: two prompt answers, and the write
#[test]
fn after_two_prompt_answers_a_lost_term_is_taken_back() {
    let Lost { mut probe, ours, version } = lost(60_000);
    let again = probe.now;
    let (at, how) = takes_over(&mut probe, version, &ours);
    assert_eq!((at, how), (again + 2, Takeover::Retaken));
    assert!(probe.leads(), "{}", probe.brief());
    // It is a new term.
    assert_eq!(probe.record().transitions, Some(5));
    assert_ne!(probe.record().acquire_time, ours.acquire_time);
}

// rule O1: what fails is asked again after R/8, for L after the end of the term
#[test]
fn failures_are_asked_again_soon_until_the_record_has_its_age() {
    let Lost { mut probe, ours, version } = lost(60_000);
    let ended = probe.now;
    let mut sent = Vec::new();
    while probe.now < ended + 20_000 {
        probe.wake_until_sent();
        sent.push(probe.now - ended);
        probe.answer(probe.now + 1, LOST);
    }
    let waits: Vec<_> = sent.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let early = sent.iter().filter(|at| **at < 14_000).count();
    assert!((56..=72).contains(&early), "{early} in 14 s: {waits:?}");
    let late = waits.iter().rev().take(2);
    assert!(late.clone().all(|wait| *wait >= 1_500), "{waits:?}");
    let (_, how) = takes_over(&mut probe, version, &ours);
    assert_eq!(how, Takeover::Expired);
}

// rule O1: a server that has just started refuses everybody for a moment
#[test]
fn a_refusal_is_followed_by_the_next_read_soon() {
    let Lost { mut probe, ours, version } = lost(60_000);
    for _ in 0..5 {
        let refused = probe.now + 1;
        probe.answer(refused, Outcome::Refused(Refusal::Forbidden));
        probe.wake_until_sent();
        assert!((200..=251).contains(&(probe.now - refused)), "{} {refused}", probe.now);
    }
    // So is a refused write, and the next write comes after a read.
    let wrote = probe.writes_at(&found(version, ours.clone()));
    probe.answer(wrote + 1, Outcome::Refused(Refusal::Forbidden));
    probe.wake_until_sent();
    assert!(probe.last.send.as_ref().is_some_and(is_read), "{}", probe.brief());
    assert!((200..=252).contains(&(probe.now - wrote)), "{} {wrote}", probe.now);
    assert_eq!(takes_over(&mut probe, version, &ours).1, Takeover::Retaken);
}

// rule O1: the record shows that term, the requests were answered in time, the term was long
#[test]
fn without_any_of_the_conditions_the_record_is_waited_out() {
    let waits_out = |lost: Lost, what: &str| {
        let Lost { mut probe, ours, version } = lost;
        assert_eq!(takes_over(&mut probe, version, &ours).1, Takeover::Expired, "{what}");
    };
    waits_out(lost(58_000), "less than 4 L");

    let mut slow = lost(60_000);
    for _ in 0..2 {
        // D/8 are 1.25 s.
        slow.probe.wake_until_sent();
        slow.probe.answer(slow.probe.now + 1_251, found(slow.version, slow.ours.clone()));
        assert!(slow.probe.last.send.as_ref().is_none_or(is_read), "{}", slow.probe.brief());
    }

    let mut failed = lost(60_000);
    failed.probe.answer(failed.probe.now + 1, found(failed.version, failed.ours.clone()));
    failed.probe.wake_until_sent();
    failed.probe.answer(failed.probe.now + 1, LOST);
    failed.probe.wake_until_sent();
    failed.probe.answer(failed.probe.now + 1, found(failed.version, failed.ours.clone()));
    assert!(failed.probe.last.send.as_ref().is_none_or(is_read), "one answer of two was lost");

    let elsewhere = lost(60_000);
    let Lost { mut probe, ours, .. } = elsewhere;
    let lease = kunobi_ha_core::Lease::new(version_of("another", 900), ours);
    let (read, began) = (Outcome::Found(lease), probe.now);
    assert!(probe.writes_at(&read) >= began + 15_000, "another Lease");

    let another = Lost { ours: foreign(7), ..lost(60_000) };
    let began = another.probe.now;
    let Lost { mut probe, ours, version } = another;
    let (at, how) = takes_over(&mut probe, version + 1, &ours);
    assert!(at >= began + 15_000 && how == Takeover::Expired, "the record of somebody else");
}

// rule O1: both reads show exactly the record that is taken
#[test]
fn a_renewal_that_arrives_between_the_reads_is_read_twice() {
    let Lost { mut probe, ours, version } = lost(60_000);
    probe.answer(probe.now + 1, found(version, ours.clone()));
    let late = LeaseRecord { renew_time: foreign(77).renew_time, ..ours };
    probe.wake_until_sent();
    probe.answer(probe.now + 1, found(version + 1, late.clone()));
    assert!(probe.last.send.as_ref().is_some_and(is_read), "{}", probe.brief());
    probe.answer(probe.now + 1, found(version + 1, late));
    assert!(probe.last.send.as_ref().is_some_and(|sent| !is_read(sent)), "{}", probe.brief());
}

// rule O1: an event is no answer
#[test]
fn an_event_does_not_show_that_answers_are_prompt() {
    let Lost { mut probe, ours, version } = lost(60_000);
    probe.answer(probe.now + 1, found(version, ours.clone()));
    probe.at(probe.now + 1, event(version + 1, ours));
    assert!(probe.last.send.as_ref().is_none_or(is_read), "{}", probe.brief());
}

// rule O1: one in an hour
#[test]
fn a_second_retake_within_an_hour_is_waited_out() {
    let Lost { mut probe, ours, version } = lost(60_000);
    assert_eq!(takes_over(&mut probe, version, &ours).1, Takeover::Retaken);
    let retaken = probe.now;
    let second = lead_and_lose(probe, version + 100, 60_000);
    let Lost { mut probe, ours, version } = second;
    assert_eq!(takes_over(&mut probe, version, &ours).1, Takeover::Expired);
    let third = lead_and_lose(probe, version + 100, 3_600_000);
    let Lost { mut probe, ours, version } = third;
    assert!(probe.now > retaken + 3_600_000);
    assert_eq!(takes_over(&mut probe, version, &ours).1, Takeover::Retaken);
}

// rule O1: all attempts of a bid are one retake
#[test]
fn a_retake_that_fails_may_be_sent_again() {
    let Lost { mut probe, ours, version } = lost(60_000);
    let read = found(version, ours.clone());
    let first = probe.writes_at(&read);
    let acquire_time = probe.record().acquire_time;
    probe.answer(first + 1, LOST);
    let second = probe.writes_at(&read);
    assert!(second < first + 1_000, "{first} {second}");
    assert_eq!(probe.record().acquire_time, acquire_time);
}

// rule O1: no deadline ended the term, so nothing is taken back
#[test]
fn a_term_that_was_given_up_is_not_taken_back() {
    let mut leading = led(60_000);
    leading.probe.at(leading.probe.now + 10, Input::Stop);
    leading.probe.at(leading.probe.now + 10, Input::Acquire);
    let Lost { mut probe, ours, version } = leading;
    assert_eq!(takes_over(&mut probe, version, &ours).1, Takeover::Expired);
}

// rule O2: a candidate that never led waits, however prompt its answers are
#[test]
fn others_wait_for_the_age() {
    let mut probe = Probe::new(|_| {});
    probe.at(1000, Input::Acquire);
    probe.answer(1001, found(5, foreign(0)));
    assert_eq!(takes_over(&mut probe, 5, &foreign(0)), (16_001, Takeover::Expired));
}

/// A candidate whose term has ended by its deadline; its record, and that version.
struct Lost {
    probe: Probe,
    ours: LeaseRecord,
    version: u64,
}

fn lost(lasted: u64) -> Lost {
    let mut probe = taking_over();
    probe.answer(probe.now + 10, probe.written(6, false));
    lead_and_lose(probe, 6, lasted)
}

/// Leads for so long, then hears nothing until the deadline, and contends again.
fn lead_and_lose(probe: Probe, version: u64, lasted: u64) -> Lost {
    let mut led = lead(probe, version, lasted);
    let Lost { probe, .. } = &mut led;
    while !probe.brief().starts_with("ended") {
        probe.wake();
    }
    probe.digits = probe.digits.wrapping_add(1);
    probe.at(probe.now, Input::Acquire);
    led
}

fn led(lasted: u64) -> Lost {
    let mut probe = taking_over();
    probe.answer(probe.now + 10, probe.written(6, false));
    lead(probe, 6, lasted)
}

/// Renews until its term, with the last deadline, lasts for so long.
fn lead(mut probe: Probe, mut version: u64, lasted: u64) -> Lost {
    let began = probe.now;
    let mut ours = probe.record();
    while probe.now < began + lasted - 10_000 {
        probe.wake_until_sent();
        version += 1;
        ours = probe.record();
        probe.answer(probe.now + 1, probe.written(version, false));
    }
    Lost { probe, ours, version }
}

fn is_read(attempt: &kunobi_ha_core::Attempt) -> bool {
    super::probe::record_of(attempt).is_none()
}
