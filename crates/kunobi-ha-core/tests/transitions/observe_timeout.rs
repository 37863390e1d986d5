//! `observe_timeout` counts what was asked in vain, and nothing else.

use kunobi_ha_core::{
    Elector, Failure, Input, InvalidConfig, Leadership, Outcome, Request, Timing, TimingConfig,
};

use crate::transitions::{
    phases::{leading, taking_over},
    probe::{LOST, Probe, REJECTED, event, foreign, found, seconds},
};

fn gave_up(probe: &Probe) -> bool {
    probe.last.publish == Some(Leadership::Failed(Failure::ObserveTimeout))
}

/// Answers every read with a record that was renewed meanwhile.
fn follows_until(probe: &mut Probe, end: u64) {
    while probe.now < end {
        probe.wake();
        assert!(!gave_up(probe), "at {} ms", probe.now);
        if probe.last.send.is_some() {
            let now = probe.now;
            let nth = i64::try_from(now).unwrap();
            probe.answer(now + 10, found(now, foreign(nth)));
        }
    }
}

#[test]
fn a_follower_that_polls_more_rarely_than_observe_timeout_goes_on() {
    let cases = [(1800, 1200, 400, 300), (600, 400, 160, 100), (15, 10, 2, 1)];
    for (lease, deadline, retry, observe) in cases {
        let mut probe = Probe::new(|config| {
            config.lease_duration = seconds(lease);
            config.renew_deadline = seconds(deadline);
            config.retry_period = seconds(retry);
            config.observe_timeout = seconds(observe);
        });
        probe.at(1000, Input::Acquire);
        probe.answer(1010, found(5, foreign(0)));
        follows_until(&mut probe, 20 * retry * 1000);
    }
}

#[test]
fn a_follower_whose_polls_the_watch_postpones_goes_on() {
    let mut probe = Probe::new(|config| {
        config.lease_duration = seconds(600);
        config.renew_deadline = seconds(400);
        config.retry_period = seconds(160);
    });
    probe.at(1000, Input::Acquire);
    probe.answer(1010, found(5, foreign(0)));
    probe.at(50_000, event(6, foreign(1)));
    probe.wake();
    assert_eq!((probe.now, probe.last.send.is_some()), (370_000, true));
}

#[test]
fn a_candidate_that_waits_after_its_release_goes_on() {
    let mut probe = leading();
    probe.elector = Elector::new("me", timing(3), 7).unwrap();
    probe.at(1000, Input::Acquire);
    probe.answer(1010, Outcome::Absent);
    let created = probe.written(7, true);
    probe.answer(1020, created);
    probe.at(2000, Input::StepDown);
    let freed = probe.written(8, false);
    probe.answer(2010, freed);
    probe.at(2020, Input::Acquire);
    probe.wake();
    assert_eq!((probe.now, probe.last.send.is_some()), (6010, true));
}

fn timing(observe: u64) -> Timing {
    let observe_timeout = seconds(observe);
    Timing::new(TimingConfig::default().observe_timeout(observe_timeout)).unwrap()
}

// rule 12: observe_timeout counts what was asked in vain, from its send on
#[test]
fn a_request_that_is_never_answered_counts_from_its_send() {
    let mut probe = Probe::new(|config| config.observe_timeout = seconds(40));
    probe.at(1000, Input::Acquire);
    probe.answer(1010, found(5, foreign(0)));
    let mut asked = None;
    while !gave_up(&probe) {
        probe.wake();
        if probe.last.send.is_some() {
            asked.get_or_insert(probe.now);
        }
    }
    assert_eq!(probe.now, asked.unwrap() + 40_000);
}

#[test]
fn an_observe_timeout_of_zero_is_refused() {
    let config = TimingConfig::default().observe_timeout(seconds(0));
    assert_eq!(Timing::new(config), Err(InvalidConfig::ObserveTimeoutZero));
}

#[test]
fn a_candidate_whose_writes_fail_sees_that_another_leads_by_now() {
    for outcome in [LOST, REJECTED] {
        let mut probe = taking_over();
        probe.answer(probe.now, outcome);
        probe.wake_to_send();
        assert_eq!(probe.newest().request, Request::Read);
        assert!(probe.now <= 16_010 + 2_500, "{}", probe.now);
        probe.answer(probe.now, found(9, foreign(7)));
        follows_until(&mut probe, 400_000);
    }
}

#[test]
fn a_candidate_whose_writes_hang_sees_that_another_leads_by_now() {
    let mut probe = taking_over();
    while !matches!(probe.newest().request, Request::Read) {
        probe.wake_to_send();
    }
    assert!(probe.now <= 16_010 + 10_000 + 2_500, "{}", probe.now);
    // Nothing is written before an answer shows that there still is something to write.
    for _ in 0..8 {
        probe.wake_to_send();
        assert_eq!(probe.newest().request, Request::Read);
    }
}
