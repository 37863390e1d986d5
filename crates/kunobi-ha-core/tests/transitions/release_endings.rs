//! What is said of a release, and when.

use core::{num::NonZeroU64, time::Duration};

use kunobi_ha_core::{
    Input, Leadership, Lease, LeaseRecord, Observed, Outcome, Release, Request, Version,
};

use crate::transitions::{
    phases::{OURS, hedging, leading, recreating, releasing, renewing},
    probe::{LOST, Probe, REJECTED, at_version, event, foreign, found, record_of, version_of},
};

// rule 16: the end of the term is published before its release
#[test]
fn the_end_of_the_term_is_told_before_a_release_without_time_has_ended() {
    let mut probe = Probe::new(|config| config.release_timeout = Duration::ZERO);
    probe.at(1000, Input::Acquire);
    probe.answer(1010, Outcome::Absent);
    let created = probe.written(OURS, true);
    probe.answer(1020, created);
    probe.at(2000, Input::StepDown);
    assert_eq!(probe.brief(), "ended 7: Cancelled; wake 2000");
    probe.wake();
    assert_eq!(probe.brief(), "still held until 16010");
}

#[test]
fn the_end_of_the_term_is_told_before_its_lease_is_called_gone() {
    let mut probe = leading();
    probe.at(2000, Input::Observed(Observed::Deleted));
    probe.answer(2010, Outcome::Absent);
    if probe.last.send.is_some() {
        probe.answer(2020, Outcome::Rejected { retry_after: Some(Duration::from_secs(1)) });
    }
    probe.at(2030, Input::StepDown);
    assert!(probe.brief().starts_with("ended 7: Cancelled"), "{}", probe.brief());
    while !probe.brief().starts_with("release") {
        probe.wake();
    }
    assert_eq!(probe.brief(), "release: NotOurs");
}

#[test]
fn a_release_that_is_not_answered_ends_at_its_timeout_and_not_before() {
    let mut probe = releasing();
    probe.at(5999, Input::Wake);
    assert!(!probe.brief().contains("held"), "{}", probe.brief());
    probe.at(6000, Input::Wake);
    assert!(probe.brief().starts_with("still held until 16010"), "{}", probe.brief());
    assert_eq!(probe.last.wake_at, None);
}

#[test]
fn a_renewal_that_may_still_land_holds_the_lease_for_as_long_again() {
    for (mut probe, until) in [(renewing(), 18_010), (hedging(), 20_510)] {
        probe.at(6000, Input::StepDown);
        let deadline = probe.now + 3000;
        probe.at(deadline, Input::Wake);
        let held = format!("still held until {until}");
        assert!(probe.brief().starts_with(&held), "{}", probe.brief());
    }
}

#[test]
fn a_release_that_met_a_new_label_is_sent_again_on_what_was_read() {
    let mut probe = releasing();
    let ours = probe.created();
    probe.answer(3010, Outcome::Conflict);
    assert_eq!(probe.newest().request, Request::Read);
    probe.answer(3020, found(8, ours));
    let Request::Update { version, record } = &probe.newest().request else {
        panic!("{}", probe.brief())
    };
    assert!(*version == at_version(8) && record.is_free());
    let freed = probe.written(9, false);
    probe.answer(3030, freed);
    assert_eq!(probe.brief(), "release: Released");
}

#[test]
fn a_renewal_that_is_answered_after_the_step_down_is_not_taken_for_the_release() {
    let mut probe = renewing();
    let renewal = probe.newest().clone();
    let renewed = probe.record();
    let answer = probe.written(8, false);
    probe.at(3015, Input::StepDown);
    probe.answer_to(&renewal, 3020, answer);
    assert_eq!(probe.last.publish, None, "{}", probe.brief());
    release(&mut probe, &at_version(8), &renewed);
}

#[test]
fn a_re_creation_that_is_answered_after_the_step_down_is_released() {
    let mut probe = recreating();
    let created = probe.record();
    let version = version_of("second", 20);
    let answer =
        Outcome::Written { lease: Lease::new(version.clone(), created.clone()), created: true };
    let re_creation = probe.newest().clone();
    probe.at(3040, Input::StepDown);
    probe.answer_to(&re_creation, 3050, answer);
    release(&mut probe, &version, &created);
}

#[test]
fn a_re_creation_whose_answer_is_lost_after_the_step_down_is_searched_for_and_released() {
    let mut probe = recreating();
    let created = probe.record();
    let re_creation = probe.newest().clone();
    probe.at(3040, Input::StepDown);
    probe.answer_to(&re_creation, 3050, LOST);
    release(&mut probe, &version_of("second", 20), &created);
}

#[test]
fn a_release_of_a_lease_that_is_gone_is_not_ours() {
    let mut probe = releasing();
    probe.answer(3010, Outcome::Conflict);
    probe.answer(3020, Outcome::Absent);
    assert_eq!(probe.brief(), "release: NotOurs");
}

#[test]
fn an_overtaken_404_does_not_make_a_release_believe_that_the_lease_is_gone() {
    let mut probe = releasing();
    let ours = probe.created();
    probe.answer(3010, Outcome::Conflict);
    let overtaken = probe.newest().clone();
    probe.at(3015, event(8, ours));
    probe.answer_to(&overtaken, 3020, Outcome::Absent);
    assert!(!probe.brief().contains("release:"), "{}", probe.brief());
}

#[test]
fn an_overtaken_read_does_not_make_a_release_believe_that_the_lease_is_anothers() {
    let mut probe = releasing();
    let ours = probe.created();
    probe.answer(3010, Outcome::Conflict);
    let overtaken = probe.newest().clone();
    probe.at(3015, event(9, ours));
    probe.answer_to(&overtaken, 3020, found(8, foreign(0)));
    assert!(!probe.brief().contains("release:"), "{}", probe.brief());
    assert!(probe.brief().contains("onto 9"), "{}", probe.brief());
}

#[test]
fn a_release_onto_a_server_that_went_back_is_not_ours_and_is_told() {
    let mut probe = releasing();
    let ours = probe.created();
    probe.answer(3010, Outcome::Conflict);
    probe.answer(3020, found(4, ours));
    assert_eq!(probe.brief(), "release: NotOurs; notice Rewound { from: 7, to: 4 }");
}

// rule 16: an elector that released waits 2 R before it contends again
#[test]
fn an_elector_that_released_waits_two_retry_periods_however_the_release_ended() {
    let endings: [fn(&mut Probe); 3] = [
        |probe| {
            let freed = probe.written(8, false);
            probe.answer(3500, freed);
        },
        |probe| {
            probe.at(3500, event(8, foreign(0)));
        },
        |probe| {
            probe.at(3500, Input::Stop);
        },
    ];
    for end in endings {
        let mut probe = releasing();
        end(&mut probe);
        assert!(probe.brief().contains("release:") || probe.brief().contains("still held"));
        probe.at(3510, Input::Acquire);
        probe.wake_until_sent();
        assert_eq!(probe.now, 7_500);
    }
}

// rule 16: a lost term is not released
#[test]
fn a_step_down_that_comes_with_the_deadline_is_told_as_the_lost_term_that_it_was() {
    let mut probe = leading();
    probe.at(11_010, Input::StepDown);
    assert_eq!(probe.brief(), "ended 7: RenewDeadlineExceeded");
    probe.at(11_020, Input::StepDown);
    assert_eq!(probe.last.publish, Some(Leadership::Released(Release::NotHeld)));
}

#[test]
fn a_step_down_just_before_the_deadline_says_until_when_the_lease_is_held() {
    let mut probe = leading();
    probe.at(11_009, Input::StepDown);
    probe.at(11_012, Input::Stop);
    assert!(probe.brief().starts_with("still held until 16010"), "{}", probe.brief());
    let anothers = version_of("another", 8);
    let mut probe = releasing();
    let record = probe.created();
    probe.at(3010, Input::Observed(Observed::Found(Lease::new(anothers, record))));
    assert!(probe.brief().starts_with("release: NotOurs"), "{}", probe.brief());
}

/// Answers as a server does that holds this record at this version, until it is free.
fn release(probe: &mut Probe, version: &Version, record: &LeaseRecord) {
    let freed = Version { resource_version: NonZeroU64::new(30).unwrap(), ..version.clone() };
    let pending = probe.newest().clone();
    if probe.last.send.is_none() && record_of(&pending).is_some_and(LeaseRecord::is_free) {
        probe.answer_to(&pending, probe.now + 1, Outcome::Conflict);
    }
    while !probe.brief().contains("release: ") {
        assert!(!probe.brief().contains("still held"), "{}", probe.brief());
        match probe.last.send.as_ref().map(|attempt| attempt.request.clone()) {
            Some(Request::Read) => {
                let shown = Outcome::Found(Lease::new(version.clone(), record.clone()));
                probe.answer(probe.now + 1, shown);
            }
            Some(Request::Update { version: onto, record }) if onto == *version => {
                assert!(record.is_free(), "it renews on");
                let written =
                    Outcome::Written { lease: Lease::new(freed.clone(), record), created: false };
                probe.answer(probe.now + 1, written);
            }
            Some(Request::Create { .. } | Request::Update { .. }) => {
                probe.answer(probe.now + 1, Outcome::Conflict);
            }
            None => {
                probe.wake();
            }
        }
    }
    assert!(probe.brief().starts_with("release: Released"), "{}", probe.brief());
    assert!(probe.now < 4000, "released at {}", probe.now);
}

#[test]
fn a_release_that_is_answered_under_another_uid_is_not_called_released() {
    let mut probe = releasing();
    let record = probe.record();
    let version = version_of("another", 9);
    probe.answer(3020, Outcome::Written { lease: Lease::new(version, record), created: false });
    assert_eq!(probe.last.publish, None);
    assert_eq!(probe.newest().request, Request::Read);
}

#[test]
fn a_lease_is_held_for_as_long_as_a_renewal_without_an_answer_may_hold_it() {
    let mut probe = renewing();
    probe.answer(3020, LOST);
    let last = probe.now;
    assert!(matches!(probe.newest().request, Request::Update { .. }));
    probe.answer(3030, LOST);
    probe.at(3040, Input::StepDown);
    while !probe.brief().starts_with("still held") {
        if probe.last.send.is_some() {
            let now = probe.now;
            probe.answer(now, REJECTED);
        } else {
            probe.wake();
        }
    }
    assert_eq!(probe.brief(), format!("still held until {}", last + 15_000));
}
