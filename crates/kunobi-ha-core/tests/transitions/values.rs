//! What the values say that go in and come out: names, numbers, texts, and the limits of durations.

use core::time::Duration;

use kunobi_ha_core::{
    Elector, InvalidConfig, Leadership, LeaseTime, Refusal, Setback, StepDownReason, Timestamp,
    Timing, TimingConfig, Uid, Verb,
};

use crate::transitions::{
    phases::{leading, taking_over},
    probe::{at_version, seconds},
};

#[test]
fn an_elector_tells_the_name_that_it_was_given() {
    let timing = Timing::new(TimingConfig::default()).unwrap();
    assert_eq!(Elector::new("me", timing, 7).unwrap().identity(), "me");
}

#[test]
fn a_uid_is_what_was_served_and_never_empty() {
    assert_eq!(at_version(1).uid.as_str(), "uid");
    assert_eq!(Uid::new(""), None);
}

#[test]
fn a_term_is_told_by_its_fence_transitions_and_acquire_time() {
    let mut probe = taking_over();
    let sent = probe.record();
    let won = probe.written(8, false);
    probe.answer(probe.now + 10, won);
    let Some(Leadership::Leading { term, .. }) = &probe.last.publish else { panic!("leads") };
    assert_eq!((term.fence(), term.transitions()), (8, 4));
    assert_eq!(term.to_string(), "8");
    let micros = i64::try_from(term.acquire_time().as_unix_micros()).unwrap();
    let written = Timestamp::from_unix_micros(micros);
    assert_eq!(sent.acquire_time, LeaseTime::At(written));
}

#[test]
fn a_reason_a_setback_and_a_verb_are_told_in_words() {
    let reasons = [
        (StepDownReason::Cancelled, "leadership was given up"),
        (StepDownReason::ClockWentBack, "the clock went back"),
        (StepDownReason::HolderChanged, "the lease has another holder"),
        (StepDownReason::RecreationLost, "the lease was deleted and created by somebody else"),
        (StepDownReason::RenewDeadlineExceeded, "no renewal succeeded within the renew deadline"),
        (StepDownReason::Rewound, "the API server went back to an older state"),
    ];
    for (reason, words) in reasons {
        assert_eq!(reason.to_string(), words);
    }
    let setbacks = [
        (Setback::Absent, "nothing was found (404)"),
        (Setback::Conflict, "a conflict (409)"),
        (Setback::MethodNotAllowed, "the method is not allowed (405)"),
        (Setback::Refused(Refusal::Forbidden), "refused"),
        (Setback::Rejected, "rejected"),
        (Setback::Unanswered, "no answer in time"),
        (Setback::Unknown, "no definite answer"),
        (Setback::Unfit, "an answer that does not fit"),
    ];
    for (setback, words) in setbacks {
        assert_eq!(setback.to_string(), words);
    }
    let verbs = [(Verb::Create, "create"), (Verb::Get, "get"), (Verb::Update, "update")];
    for (verb, words) in verbs {
        assert_eq!(verb.to_string(), words);
    }
}

#[test]
fn a_main_that_returns_a_wrong_configuration_prints_what_is_wrong_with_it() {
    let error = Timing::new(TimingConfig::default().retry_period(Duration::ZERO)).unwrap_err();
    assert_eq!(format!("{error:?}"), "retry_period must be greater than zero");
}

#[test]
fn each_setter_sets_its_own_duration_and_keeps_the_others() {
    let changed = TimingConfig::default()
        .lease_duration(seconds(60))
        .renew_deadline(seconds(40))
        .retry_period(seconds(5))
        .renew_request_timeout(seconds(6))
        .observe_timeout(seconds(7))
        .create_grace(seconds(8))
        .release_timeout(seconds(9));
    let mut expected = TimingConfig::default();
    expected.lease_duration = seconds(60);
    expected.renew_deadline = seconds(40);
    expected.retry_period = seconds(5);
    expected.renew_request_timeout = Some(seconds(6));
    expected.observe_timeout = seconds(7);
    expected.create_grace = seconds(8);
    expected.release_timeout = seconds(9);
    assert_eq!(changed, expected);
}

#[test]
fn durations_are_accepted_up_to_their_limits_and_not_beyond() {
    let nano = Duration::from_nanos(1);
    let below = |duration: Duration| duration.checked_sub(nano).unwrap();
    let largest = seconds(i32::MAX.unsigned_abs().into());
    let base = TimingConfig::default;
    let shortest = base().lease_duration(seconds(1)).renew_deadline(nano).retry_period(nano);
    let fits = [
        shortest.clone(),
        base().lease_duration(largest),
        base().renew_deadline(below(seconds(15))),
        base().retry_period(seconds(10)),
        base().retry_period(nano),
        base().observe_timeout(nano),
        base().renew_request_timeout(nano),
        base().renew_request_timeout(seconds(10)),
        base().release_timeout(Duration::ZERO),
    ];
    for config in fits {
        assert_eq!(Timing::new(config.clone()).map(|timing| timing.config().clone()), Ok(config));
    }
    let zero = Duration::ZERO;
    let lease = seconds(15);
    let refused = [
        (
            shortest.lease_duration(below(seconds(1))),
            InvalidConfig::LeaseDurationTooSmall { lease: below(seconds(1)) },
        ),
        (
            base().lease_duration(lease + nano),
            InvalidConfig::LeaseDurationNotWholeSeconds { lease: lease + nano },
        ),
        (
            base().lease_duration(largest + seconds(1)),
            InvalidConfig::LeaseDurationTooLarge {
                lease: largest + seconds(1),
                max_seconds: i32::MAX.unsigned_abs().into(),
            },
        ),
        (base().renew_deadline(lease), InvalidConfig::RenewDeadlineNotLess { renew: lease, lease }),
        (base().retry_period(zero), InvalidConfig::RetryPeriodZero),
        (
            base().retry_period(seconds(10) + nano),
            InvalidConfig::RetryPeriodTooLong { retry: seconds(10) + nano, renew: seconds(10) },
        ),
        (base().observe_timeout(zero), InvalidConfig::ObserveTimeoutZero),
        (base().renew_request_timeout(zero), InvalidConfig::RenewRequestTimeoutZero),
        (
            base().renew_request_timeout(seconds(10) + nano),
            InvalidConfig::RenewRequestTimeoutTooLong {
                timeout: seconds(10) + nano,
                renew: seconds(10),
            },
        ),
    ];
    for (config, error) in refused {
        assert_eq!(Timing::new(config), Err(error));
    }
}

#[test]
fn requests_are_numbered_in_the_order_in_which_they_are_sent() {
    let mut probe = leading();
    for (nth, sent) in (0..).zip(&probe.sent) {
        assert_eq!(sent.id.get(), nth);
    }
    probe.wake_to_send();
    assert_eq!(probe.newest().id.get(), 2);
}
