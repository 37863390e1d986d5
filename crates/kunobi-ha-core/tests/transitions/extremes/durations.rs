//! The longest durations, and the last instants of a clock.

use core::time::Duration;

use kunobi_ha_core::{
    ClockReading, Elector, Input, Instant, InvalidConfig, Leadership, Lease, Outcome, Release,
    Timing, TimingConfig,
};

use super::free;
use crate::transitions::{
    phases::OURS,
    probe::{LOST, Probe, REJECTED, at_version, found, record_of, seconds},
};

#[test]
fn no_duration_is_so_long_that_it_is_not_judged() {
    let refusal = |change: fn(&mut TimingConfig)| {
        let mut config = TimingConfig::default();
        change(&mut config);
        Timing::new(config).err()
    };
    let max = Duration::MAX;
    let lease = Duration::from_secs(u64::MAX);
    let (renew, default) = (max, seconds(15));
    assert_eq!(
        refusal(|config| config.lease_duration = Duration::MAX),
        Some(InvalidConfig::LeaseDurationNotWholeSeconds { lease: max })
    );
    assert_eq!(
        refusal(|config| config.lease_duration = Duration::from_secs(u64::MAX)),
        Some(InvalidConfig::LeaseDurationTooLarge { lease, max_seconds: i32::MAX as u64 })
    );
    assert_eq!(
        refusal(|config| config.renew_deadline = Duration::MAX),
        Some(InvalidConfig::RenewDeadlineNotLess { renew, lease: default })
    );
    assert_eq!(
        refusal(|config| config.retry_period = Duration::MAX),
        Some(InvalidConfig::RetryPeriodTooLong { retry: max, renew: seconds(10) })
    );
    assert_eq!(
        refusal(|config| config.renew_request_timeout = Some(Duration::MAX)),
        Some(InvalidConfig::RenewRequestTimeoutTooLong { timeout: max, renew: seconds(10) })
    );
    assert_eq!(
        refusal(|config| {
            config.observe_timeout = Duration::MAX;
            config.create_grace = Duration::MAX;
            config.release_timeout = Duration::MAX;
        }),
        None
    );
}

// rule 16: L must be whole seconds
#[test]
fn durations_are_refused_from_the_first_value_on_that_can_not_work() {
    type Change = fn(&mut TimingConfig);
    let works = |change: Change| {
        let mut config = TimingConfig::default();
        change(&mut config);
        Timing::new(config).is_ok()
    };
    let pairs: [(Change, Change); 6] = [
        (
            |c| c.renew_deadline = seconds(15).saturating_sub(NANO),
            |c| c.renew_deadline = seconds(15),
        ),
        (|c| c.retry_period = seconds(10), |c| c.retry_period = seconds(10) + NANO),
        (|c| c.retry_period = NANO, |c| c.retry_period = Duration::ZERO),
        (
            |c| c.renew_request_timeout = Some(seconds(10)),
            |c| c.renew_request_timeout = Some(seconds(10) + NANO),
        ),
        (
            |c| c.renew_request_timeout = Some(NANO),
            |c| c.renew_request_timeout = Some(Duration::ZERO),
        ),
        (
            |c| c.lease_duration = Duration::from_secs(i32::MAX as u64),
            |c| c.lease_duration = Duration::from_secs(i32::MAX as u64 + 1),
        ),
    ];
    for (nth, (good, bad)) in pairs.into_iter().enumerate() {
        assert!(works(good) && !works(bad), "pair {nth}");
    }
    let second = |lease_duration| {
        let (renew_deadline, retry_period) = (NANO, NANO);
        let default = TimingConfig::default();
        Timing::new(
            default
                .lease_duration(lease_duration)
                .renew_deadline(renew_deadline)
                .retry_period(retry_period),
        )
    };
    assert!(second(seconds(1)).is_ok());
    let lease = seconds(1).saturating_sub(NANO);
    assert_eq!(second(lease), Err(InvalidConfig::LeaseDurationTooSmall { lease }));
    let lease = seconds(1) + NANO;
    assert_eq!(second(lease), Err(InvalidConfig::LeaseDurationNotWholeSeconds { lease }));
}

#[test]
fn the_longest_lease_is_led_for_as_long_as_it_says_and_given_back() {
    let mut probe = Probe::new(|config| *config = longest());
    probe.at(1000, Input::Acquire);
    probe.answer(1010, found(5, free()));
    let won = probe.written(6, false);
    probe.answer(1020, won);
    let deadline = longest().renew_deadline;
    let valid_until = Instant::from_nanos(1_010_000_000).after(deadline);
    assert!(matches!(
        probe.last.publish,
        Some(Leadership::Leading { valid_until: until, .. }) if until == valid_until
    ));
    let wake_at = probe.last.wake_at.unwrap();
    assert!(wake_at > Instant::from_nanos(1_020_000_000) && wake_at <= valid_until);
    probe.at(2000, Input::StepDown);
    let freed = probe.written(7, false);
    probe.answer(2010, freed);
    assert_eq!(probe.last.publish, Some(Leadership::Released(Release::Released)));
}

#[test]
fn a_grace_without_end_is_renewed_once_a_retry_period_and_never_believed() {
    let mut probe = Probe::new(|config| config.create_grace = Duration::MAX);
    probe.at(1000, Input::Acquire);
    probe.answer(1010, Outcome::Absent);
    let created = probe.written(OURS, true);
    probe.answer(1020, created);
    for nth in 1..1000 {
        probe.wake_until_sent();
        assert_eq!(probe.now, 1010 + nth * 2000);
        let renewed = probe.written(OURS + nth, false);
        probe.answer(probe.now, renewed);
        assert!(!probe.leads());
    }
}

#[test]
fn a_release_without_a_timeout_is_tried_no_faster_than_any_other() {
    let mut probe = Probe::new(|config| config.release_timeout = Duration::MAX);
    probe.at(1000, Input::Acquire);
    probe.answer(1010, found(5, free()));
    let won = probe.written(6, false);
    probe.answer(1020, won);
    probe.at(2000, Input::StepDown);
    let before = probe.sent.len();
    while probe.now < 602_000 {
        if probe.last.send.is_some() {
            probe.answer(probe.now + 1, REJECTED);
        } else {
            probe.wake();
        }
    }
    let sent = probe.sent.len() - before;
    assert!((300..=380).contains(&sent), "{sent} requests in ten minutes");
    probe.at(602_000, Input::Stop);
    assert!(probe.brief().starts_with("still held until 16010"), "{}", probe.brief());
}

#[test]
fn a_candidate_without_an_observe_timeout_asks_on_for_ever_and_no_faster() {
    let mut probe = Probe::new(|config| config.observe_timeout = Duration::MAX);
    probe.at(1000, Input::Acquire);
    while probe.now < 3_601_000 {
        if probe.last.send.is_some() {
            probe.answer(probe.now + 1, LOST);
        } else {
            probe.wake();
        }
        assert!(!matches!(probe.last.publish, Some(Leadership::Failed(_))));
    }
    let sent = probe.sent.len();
    assert!((1500..=2300).contains(&sent), "{sent} requests in an hour");
}

#[test]
fn a_retry_after_of_the_longest_duration_is_obeyed_for_thirty_seconds() {
    let mut probe = Probe::new(|_| {});
    probe.at(1000, Input::Acquire);
    probe.answer(1010, Outcome::Rejected { retry_after: Some(Duration::MAX) });
    probe.wake_until_sent();
    assert_eq!(probe.now, 31_010);
}

#[test]
fn no_instant_at_the_end_of_the_clock_makes_it_lead_or_spin() {
    for left in [0, 1, 10, 1_000_000_000, 5_000_000_000, 30_000_000_000] {
        for config in [TimingConfig::default(), longest()] {
            let timing = Timing::new(config).unwrap();
            let deadline = timing.config().renew_deadline;
            let mut elector = Elector::new("me", timing, 7).unwrap();
            let start = Instant::from_nanos(u64::MAX - left);
            let mut now = start;
            let mut input = Input::Acquire;
            let mut believed_until = None;
            let mut version = 5;
            let mut steps_at_once = 0;
            loop {
                let step = elector.handle(ClockReading::new(now, 0, 0), input);
                match step.publish {
                    Some(Leadership::Leading { valid_until, .. }) => {
                        assert!(valid_until > now && valid_until <= now.after(deadline));
                        believed_until = Some(valid_until);
                    }
                    Some(Leadership::Ended { .. }) => believed_until = None,
                    Some(
                        Leadership::Failed(_)
                        | Leadership::Following { .. }
                        | Leadership::Released(_)
                        | Leadership::Withdrawn,
                    )
                    | None => {}
                }
                let before = now;
                input = if let Some(attempt) = step.send {
                    version += 1;
                    let outcome = match record_of(&attempt) {
                        None => found(5, free()),
                        Some(record) => Outcome::Written {
                            lease: Lease::new(at_version(version), record.clone()),
                            created: false,
                        },
                    };
                    Input::Answered { attempt: attempt.id, outcome }
                } else if let Some(wake_at) = step.wake_at {
                    now = now.max(wake_at);
                    Input::Wake
                } else {
                    break;
                };
                steps_at_once = if now == before { steps_at_once + 1 } else { 0 };
                assert!(steps_at_once < 100, "it spins at {now:?} since {start:?}");
                if now == Instant::from_nanos(u64::MAX) && steps_at_once > 20 {
                    break;
                }
            }
            let last = Instant::from_nanos(u64::MAX);
            assert!(believed_until.is_none() || now < last, "it leads at the end of time");
        }
    }
}

fn longest() -> TimingConfig {
    let lease = Duration::from_secs(i32::MAX as u64);
    let renew = lease.saturating_sub(NANO);
    TimingConfig::default()
        .lease_duration(lease)
        .renew_deadline(renew)
        .retry_period(renew)
        .renew_request_timeout(Some(renew))
        .observe_timeout(Duration::MAX)
        .create_grace(Duration::MAX)
        .release_timeout(Duration::MAX)
}

const NANO: Duration = Duration::from_nanos(1);
