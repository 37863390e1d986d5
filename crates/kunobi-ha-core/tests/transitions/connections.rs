//! Over which connection a request goes.

use kunobi_ha_core::{Connection, Input};

use crate::transitions::{
    phases::leading,
    probe::{LOST, Probe, foreign, found},
};

#[test]
fn a_request_after_an_answer_goes_over_any_connection() {
    let mut probe = leading();
    probe.wake_to_send();
    assert_eq!(probe.newest().connection, Connection::Any);
    probe.answer(probe.now + 10, LOST);
    probe.wake_until_sent();
    assert_eq!(probe.newest().connection, Connection::Any);
}

// rule 10: the second attempt goes over a new connection
#[test]
fn a_request_that_joins_an_unanswered_one_goes_over_a_new_connection() {
    let mut probe = leading();
    probe.wake_to_send();
    probe.wake_to_send();
    assert_eq!(probe.newest().connection, Connection::New);
    let renewed = probe.written(8, false);
    probe.answer(probe.now + 10, renewed);
    probe.wake_to_send();
    assert_eq!(probe.newest().connection, Connection::Any);
}

#[test]
fn a_candidate_asks_over_new_connections_until_it_is_answered() {
    let mut probe = Probe::new(|_| {});
    probe.at(1000, Input::Acquire);
    for _ in 0..8 {
        probe.wake_to_send();
        assert_eq!(probe.newest().connection, Connection::New, "at {} ms", probe.now);
    }
    probe.answer(probe.now + 10, found(5, foreign(0)));
    probe.wake_to_send();
    assert_eq!(probe.newest().connection, Connection::Any);
}

#[test]
fn a_candidate_whose_term_nobody_answered_asks_over_a_new_connection() {
    let mut probe = leading();
    while probe.last.wake_at.is_some() {
        probe.wake();
    }
    probe.at(20_000, Input::Acquire);
    probe.wake_until_sent();
    assert_eq!(probe.newest().connection, Connection::New);
}
