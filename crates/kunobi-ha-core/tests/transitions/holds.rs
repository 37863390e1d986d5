//! Waits that nothing may shorten, and that noise may not prolong.

use kunobi_ha_core::{
    CreateVia, Failure, Input, Leadership, Lease, LeaseRecord, Notice, Observed, Outcome, Refusal,
    Request, Verb,
};

use crate::transitions::{
    phases::{creating, recreating, renewing, taking_over},
    probe::{LOST, Probe, at_version, event, foreign, found, record_of, seconds, version_of},
};

// rule 11: a candidate obeys Retry-After up to 30 s
#[test]
fn a_refusal_does_not_shorten_a_retry_after() {
    let mut probe = Probe::new(|_| {});
    probe.at(1000, Input::Acquire);
    probe.answer(1010, found(5, foreign(0)));
    probe.wake_to_send();
    let first = probe.newest().clone();
    probe.wake_to_send();
    let second = probe.newest().clone();
    let retry_after = Some(seconds(30));
    probe.answer_to(&first, 5600, Outcome::Rejected { retry_after });
    probe.answer_to(&second, 5700, Outcome::Refused(Refusal::Forbidden));
    probe.wake_to_send();
    assert_eq!(probe.now, 35_600);
}

#[test]
fn refusals_that_are_far_apart_do_not_add_up() {
    let mut probe = renewing();
    let renewed = probe.written(8, false);
    probe.answer(3020, renewed);
    probe.at(13_010, Input::Wake);
    probe.at(13_020, Input::Acquire);
    probe.answer(13_030, found(100, foreign(0)));
    for nth in 1..8_i64 {
        let version = 100 + 2 * u64::try_from(nth).unwrap();
        let silent = foreign(nth);
        while !matches!(probe.newest().request, Request::Update { .. }) {
            probe.wake_to_send();
            if probe.newest().request == Request::Read {
                let now = probe.now;
                probe.answer(now, found(version, silent.clone()));
            }
        }
        let refused = probe.now;
        probe.answer(refused, Outcome::Refused(Refusal::Forbidden));
        probe.wake_to_send();
        assert!(probe.now - refused <= 2001, "the {nth}th is waited for {}", probe.now - refused);
        // Then the other leader shows signs of life again.
        let now = probe.now;
        probe.answer(now, found(version + 1, foreign(-nth)));
    }
}

#[test]
fn watch_events_that_are_no_news_do_not_put_the_poll_off() {
    let mut probe = Probe::new(|_| {});
    probe.at(1000, Input::Acquire);
    probe.answer(1010, found(1000, foreign(1000)));
    for nth in 1..10_u64 {
        for version in [500 + nth, 1000] {
            let record = foreign(i64::try_from(version).unwrap());
            probe.at(1010 + nth * 100, event(version, record));
        }
    }
    probe.wake();
    assert!(probe.now <= 3000 && probe.last.send.is_some(), "{}", probe.now);
}

// rule 11: every conflict is followed by a read
#[test]
fn the_waits_of_a_candidate_that_meets_conflicts_grow_to_two_retry_periods() {
    let mut probe = taking_over();
    let mut waits = Vec::new();
    for _ in 0..8 {
        let now = probe.now;
        probe.answer(now, Outcome::Conflict);
        if probe.last.send.is_none() {
            probe.wake_to_send();
        }
        assert_eq!(probe.newest().request, Request::Read);
        waits.push(probe.now - now);
        let now = probe.now;
        probe.answer(now, found(5, foreign(0)));
    }
    let longest = [0, 250, 500, 1000, 2000, 4000, 4000, 4000];
    for (wait, longest) in waits.iter().zip(longest) {
        assert!((longest * 4 / 5..=longest + 1).contains(wait), "{waits:?}");
    }
}

// rule 6: a second read joins a pending one after T
#[test]
fn a_read_is_joined_once_however_slow_the_server() {
    let mut probe = Probe::new(|config| config.renew_request_timeout = Some(seconds(1)));
    probe.at(1000, Input::Acquire);
    let first = probe.newest().clone();
    probe.wake();
    let second = probe.newest().clone();
    assert_eq!((probe.now, second.request == Request::Read), (2000, true));
    probe.answer_to(&first, 2500, found(5, foreign(0)));
    assert_eq!(probe.last.drop, [second.id]);
    probe.wake();
    let next = probe.now;
    assert!((2600..=3000).contains(&next), "the next is due a tick after the first: {next}");
}

// rule 7: a PUT that answers 404 is followed by a POST
#[test]
fn a_post_that_leads_nowhere_is_followed_by_a_put_the_next_time() {
    let mut probe = creating();
    probe.answer(1020, Outcome::Absent);
    assert!(probe.brief().starts_with("create 2 by Post"), "{}", probe.brief());
    probe.answer(1030, Outcome::Absent);
    assert_eq!(probe.newest().request, Request::Read);
    probe.answer(1040, Outcome::Absent);
    assert!(probe.brief().starts_with("create 4 by Put"), "{}", probe.brief());
}

#[test]
fn what_leads_nowhere_is_told_once_and_again_after_something_has_succeeded() {
    let mut probe = renewing();
    let told = |probe: &mut Probe| {
        let mut told = Vec::new();
        let end = probe.now + 6000;
        while probe.now < end {
            if probe.last.send.is_some() {
                let now = probe.now;
                probe.answer(now, LOST);
            } else {
                probe.wake();
            }
            told.extend(probe.last.notices.clone());
        }
        told
    };
    let once = told(&mut probe);
    assert!(matches!(once[..], [Notice::Failing { verb: Verb::Update, .. }]), "{once:?}");
    assert!(probe.elector.is_failing());
    while probe.last.send.is_none() {
        probe.wake();
    }
    let renewed = probe.written(8, false);
    let now = probe.now;
    probe.answer(now, renewed);
    assert!(!probe.elector.is_failing());
    probe.wake_to_send();
    assert_eq!(told(&mut probe).len(), 1);
}

#[test]
fn a_hiccup_is_told_to_nobody() {
    let mut probe = Probe::new(|_| {});
    probe.at(1000, Input::Acquire);
    probe.answer(1010, found(5, foreign(0)));
    probe.wake_to_send();
    probe.answer(probe.now, LOST);
    probe.wake_to_send();
    let slow = probe.now + 1900;
    assert!(probe.last.notices.is_empty());
    probe.answer(slow, found(6, foreign(1)));
    probe.wake();
    assert!(probe.last.notices.is_empty() && !probe.elector.is_failing());
}

#[test]
fn a_read_that_fails_while_watching_is_repeated_within_a_retry_period() {
    let mut probe = Probe::new(|_| {});
    probe.at(1000, Input::Acquire);
    probe.at(1010, event(5, foreign(0)));
    probe.answer(1020, LOST);
    probe.wake_to_send();
    assert!(probe.now <= 3020, "{}", probe.now);
}

#[test]
fn deletions_that_are_told_during_a_re_creation_bring_no_second_create() {
    let mut probe = recreating();
    let create = probe.newest().clone();
    for nth in 0..20 {
        let now = 3040 + nth * 20;
        probe.at(now, Input::Observed(Observed::Deleted));
        if probe.last.send.is_some() {
            probe.answer(now + 10, Outcome::Absent);
        }
    }
    assert!(probe.sent.iter().all(|sent| sent.id <= create.id || sent.request == Request::Read));
    let record = record_of(&create).unwrap().clone();
    let version = version_of("second", 20);
    probe.answer_to(
        &create,
        4000,
        Outcome::Written { lease: Lease::new(version, record), created: true },
    );
    assert!(probe.leads(), "{}", probe.brief());
}

#[test]
fn a_write_that_is_altered_on_the_way_is_told_and_comes_to_an_end() {
    let mut probe = Probe::new(|config| config.observe_timeout = seconds(60));
    probe.at(1000, Input::Acquire);
    let mut told = false;
    let (mut stored, mut version) = (LeaseRecord { holder: None, ..foreign(0) }, 5);
    for _ in 0..500 {
        told |= probe.last.notices.contains(&Notice::Altered { verb: Verb::Update });
        if matches!(probe.last.publish, Some(Leadership::Failed(Failure::ObserveTimeout))) {
            assert!(told);
            return;
        }
        match probe.last.send.clone().map(|attempt| attempt.request) {
            None => {
                probe.wake();
            }
            Some(Request::Read) => {
                probe.answer(probe.now + 5, found(version, stored.clone()));
            }
            Some(Request::Create { record, .. } | Request::Update { record, .. }) => {
                version += 1;
                stored = LeaseRecord { duration_seconds: Some(20), ..record };
                let (version, record) = (at_version(version), stored.clone());
                probe.answer(
                    probe.now + 5,
                    Outcome::Written { lease: Lease::new(version, record), created: false },
                );
            }
        }
    }
    panic!("it goes on for ever");
}

// rule 7: a POST only ever follows a PUT that was answered with 404 or 405
#[test]
fn a_leader_whose_post_led_nowhere_creates_with_put_the_next_time() {
    let mut probe = recreating();
    let asks = |probe: &Probe| match &probe.newest().request {
        Request::Create { via, .. } => *via,
        Request::Read | Request::Update { .. } => panic!("{}", probe.brief()),
    };
    assert_eq!(asks(&probe), CreateVia::Put);
    probe.answer(3040, Outcome::Absent);
    assert_eq!(asks(&probe), CreateVia::Post);
    probe.answer(3050, Outcome::Conflict);
    probe.wake_to_send();
    assert_eq!(probe.newest().request, Request::Read);
    let now = probe.now;
    probe.answer(now, Outcome::Absent);
    assert_eq!(asks(&probe), CreateVia::Put);
}
