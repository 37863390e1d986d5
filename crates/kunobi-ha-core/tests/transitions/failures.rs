//! Which failures are told, and when: the limits of the table in "What people are told".

use kunobi_ha_core::{Input, Notice, Outcome, Setback, Verb};

use crate::transitions::{
    phases::{following, renewing},
    probe::{LOST, Probe, REJECTED, found, seconds},
};

fn failing(verb: Verb, setback: Setback) -> Notice {
    Notice::Failing { verb, setback }
}

/// Lets the next request be sent, and answers it; returns what is told of it.
fn fail(probe: &mut Probe, outcome: Outcome) -> Vec<Notice> {
    probe.wake_until_sent();
    probe.answer(probe.now + 1, outcome);
    probe.last.notices.clone()
}

#[test]
fn a_failure_of_another_kind_is_no_news_within_a_lease_duration() {
    let mut probe = following();
    assert_eq!(fail(&mut probe, LOST), [failing(Verb::Get, Setback::Unknown)]);
    assert_eq!(fail(&mut probe, REJECTED), []);
    let mut probe = renewing();
    probe.answer(3020, REJECTED);
    assert_eq!(probe.last.notices, [failing(Verb::Update, Setback::Rejected)]);
    assert_eq!(fail(&mut probe, LOST), []);
}

#[test]
fn a_short_silence_before_the_deadline_is_not_what_led_to_the_loss() {
    let mut probe = renewing();
    while probe.now < 9_500 {
        fail(&mut probe, REJECTED);
    }
    while probe.last.publish.is_none() {
        probe.wake();
    }
    let lapsed = Notice::Lapsed { verb: Verb::Update, setback: Setback::Rejected };
    assert_eq!((probe.now, &probe.last.notices[..]), (11_010, &[lapsed][..]));
}

// rule 12: a read that shows that there is nothing to write yet is progress
#[test]
fn waiting_for_the_end_of_our_own_last_term_is_progress() {
    let mut probe = Probe::new(|config| config.observe_timeout = seconds(4));
    probe.at(1000, Input::Acquire);
    probe.answer(1010, Outcome::Absent);
    let (created, ours) = (probe.written(7, true), probe.record());
    probe.answer(1020, created);
    probe.at(2000, Input::Stop);
    probe.at(2010, Input::Acquire);
    assert_eq!(probe.writes_at(&found(7, ours)), 16_020);
}

#[test]
fn a_failure_is_told_once_while_nothing_else_fails() {
    let mut probe = following();
    let outcome = Outcome::Rejected { retry_after: Some(seconds(30)) };
    assert_eq!(fail(&mut probe, outcome), [failing(Verb::Get, Setback::Rejected)]);
    let told = probe.now;
    while probe.last.send.is_none() {
        probe.wake();
        assert_eq!(probe.last.notices, []);
    }
    assert!(probe.now >= told + 30_000, "{}", probe.now);
}
