//! A monotonic clock that goes back: what was measured by it counts for nothing.

use kunobi_ha_core::{Input, Leadership, Outcome, Release, Request, StepDownReason};

use crate::transitions::{
    phases::OURS,
    probe::{LOST, Probe, foreign, found, seconds},
};

/// Long before this, the clock goes on at [`BACK`].
const LATE: u64 = 1_000_000;
const BACK: u64 = 10_000;

// rule 3: no clock prolongs belief
#[test]
fn a_takeover_that_is_answered_as_the_clock_goes_back_makes_no_leader() {
    let mut probe = bidding();
    let won = probe.written(6, false);
    probe.answer(BACK, won);
    assert!(!probe.leads(), "it would lead for {LATE} ms");
}

#[test]
fn a_create_that_is_answered_as_the_clock_goes_back_makes_no_leader() {
    let mut probe = contending();
    probe.answer(LATE + 10, Outcome::Absent);
    let won = probe.written(OURS, true);
    probe.answer(BACK, won);
    assert!(!probe.leads(), "it would lead for {LATE} ms");
}

// rule 3: a clock that steps back ends the term
#[test]
fn a_renewal_that_is_answered_as_the_clock_goes_back_does_not_save_the_term() {
    let mut probe = leading();
    probe.wake();
    let renewed = probe.written(8, false);
    probe.answer(BACK, renewed);
    assert_eq!(ended(&probe), Some(StepDownReason::ClockWentBack));
    assert!(probe.last.drop.is_empty(), "what was just answered is not outstanding");
}

// rule 3: a clock that steps back ends the term
#[test]
fn a_clock_that_goes_back_by_a_nanosecond_ends_the_term_and_one_that_stands_still_does_not() {
    let mut probe = leading();
    probe.wake();
    let renewed = probe.written(8, false);
    probe.answer(probe.now, renewed);
    assert!(probe.leads(), "{}", probe.brief());
    let reading = |nanos| {
        let monotonic = kunobi_ha_core::Instant::from_nanos(nanos);
        kunobi_ha_core::ClockReading::new(monotonic, 0, 0)
    };
    let now = probe.now * 1_000_000;
    let step = probe.elector.handle(reading(now), Input::Wake);
    assert_eq!(step.publish, None);
    let step = probe.elector.handle(reading(now - 1), Input::Wake);
    assert!(matches!(step.publish, Some(Leadership::Ended { .. })));
}

#[test]
fn a_takeover_that_was_sent_before_the_clock_went_back_is_dropped_and_wins_nothing_later() {
    let mut probe = bidding();
    let bid = probe.newest().clone();
    let won = probe.written(6, false);
    probe.at(BACK, Input::Wake);
    assert!(probe.last.drop.contains(&bid.id), "{}", probe.brief());
    probe.answer_to(&bid, BACK + 10, won);
    assert!(!probe.leads(), "it would lead for {LATE} ms");
}

#[test]
fn a_takeover_without_an_answer_is_not_proved_once_the_clock_went_back() {
    let mut probe = bidding();
    let bid = probe.record();
    probe.answer(LATE + 20, LOST);
    probe.at(BACK, Input::Wake);
    assert_eq!(probe.newest().request, Request::Read);
    probe.answer(BACK + 10, found(6, bid.clone()));
    assert!(!probe.leads(), "it would lead for {LATE} ms");
    assert_eq!(probe.writes_at(&found(6, bid)), BACK + 10 + 15_000);
}

#[test]
fn a_record_is_waited_out_again_after_the_clock_went_back() {
    for back in [BACK, LATE + 9_000] {
        let mut probe = contending();
        probe.answer(LATE + 10, found(5, foreign(0)));
        probe.at(LATE + 9_500, Input::Wake);
        probe.at(back, Input::Wake);
        assert_eq!(probe.writes_at(&found(5, foreign(0))), back + 15_000);
    }
}

#[test]
fn a_deletion_is_waited_out_again_after_the_clock_went_back() {
    let mut probe = contending();
    probe.answer(LATE + 10, found(5, foreign(0)));
    probe.wake();
    probe.answer(probe.now + 1, Outcome::Absent);
    probe.at(BACK, Input::Wake);
    assert_eq!(probe.writes_at(&Outcome::Absent), BACK + 15_000);
    assert!(matches!(probe.newest().request, Request::Create { .. }));
}

#[test]
fn a_candidate_that_was_told_to_wait_does_not_wait_for_an_instant_of_the_old_clock() {
    let mut probe = contending();
    let retry_after = Some(seconds(30));
    probe.answer(LATE + 10, Outcome::Rejected { retry_after });
    probe.at(BACK, Input::Wake);
    while probe.last.send.is_none() {
        probe.wake();
    }
    assert!(probe.now <= BACK + 30_000, "asked again at {}", probe.now);
}

#[test]
fn an_elector_that_released_contends_again_two_retry_periods_after_the_clock_went_back() {
    let mut probe = leading();
    probe.at(probe.now + 100, Input::StepDown);
    let freed = probe.written(8, false);
    probe.answer(probe.now + 10, freed);
    assert_eq!(probe.last.publish, Some(Leadership::Released(Release::Released)));
    probe.at(BACK, Input::Acquire);
    while probe.last.send.is_none() {
        probe.wake();
    }
    assert_eq!(probe.now, BACK + 4_000);
}

#[test]
fn a_release_ends_when_the_clock_goes_back() {
    let mut probe = leading();
    probe.at(probe.now + 100, Input::StepDown);
    let late = probe.newest().clone();
    let freed = probe.written(8, false);
    probe.at(BACK, Input::Wake);
    let published = &probe.last.publish;
    assert!(matches!(published, Some(Leadership::Released(Release::StillHeld { .. }))));
    assert_eq!(probe.last.drop, [late.id]);
    probe.answer_to(&late, BACK + 10, freed);
    assert_eq!(probe.brief(), "nothing");
}

#[test]
fn a_latency_that_was_measured_by_the_old_clock_delays_no_second_attempt() {
    let mut probe = contending();
    probe.answer(LATE + 2400, found(5, foreign(0)));
    probe.at(BACK, Input::Wake);
    assert_eq!(probe.newest().request, Request::Read);
    probe.wake();
    assert_eq!((probe.now, probe.last.send.is_some()), (BACK + 2500, true));
}

#[test]
fn a_creator_under_a_grace_waits_for_it_by_the_new_clock() {
    let mut probe = Probe::new(|config| config.create_grace = seconds(15));
    probe.at(LATE, Input::Acquire);
    probe.answer(LATE + 10, Outcome::Absent);
    let created = probe.record();
    let answer = probe.written(OURS, true);
    probe.answer(LATE + 20, answer);
    probe.at(BACK, Input::Wake);
    assert!(!probe.brief().contains("ended"), "{}", probe.brief());
    assert_eq!(probe.newest().request, Request::Read, "it contends again at once");
    let mut shown = found(OURS, created);
    for version in 8.. {
        probe.writes_at(&shown);
        let sent = probe.now;
        assert!(sent < BACK + 60_000, "it never leads");
        let written = probe.written(version, false);
        shown = found(version, probe.record());
        probe.answer(sent + 10, written);
        if probe.leads() {
            assert!(sent >= BACK + 15_000, "leads by a write of {sent}");
            return;
        }
    }
}

fn contending() -> Probe {
    let mut probe = Probe::new(|_| {});
    probe.at(LATE, Input::Acquire);
    probe
}

/// A takeover of a free Lease is under way.
fn bidding() -> Probe {
    let mut probe = contending();
    let mut free = foreign(0);
    free.holder = None;
    probe.answer(LATE + 10, found(5, free));
    assert!(matches!(probe.newest().request, Request::Update { .. }));
    probe
}

fn leading() -> Probe {
    let mut probe = bidding();
    let won = probe.written(6, false);
    probe.answer(LATE + 20, won);
    assert!(probe.leads());
    probe
}

fn ended(probe: &Probe) -> Option<StepDownReason> {
    match probe.last.publish {
        Some(Leadership::Ended { reason, .. }) => Some(reason),
        Some(
            Leadership::Failed(_)
            | Leadership::Following { .. }
            | Leadership::Leading { .. }
            | Leadership::Released(_)
            | Leadership::Withdrawn,
        )
        | None => None,
    }
}
