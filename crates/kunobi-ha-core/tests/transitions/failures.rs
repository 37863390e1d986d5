//! Which failures are told, and when: the limits of the table in "What people are told".

use kunobi_ha_core::{Notice, Outcome, Setback, Verb};

use crate::transitions::{
    phases::{following, renewing},
    probe::{LOST, Probe, REJECTED},
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
