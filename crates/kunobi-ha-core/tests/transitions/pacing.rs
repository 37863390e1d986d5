//! How often is asked while things go wrong.

use core::time::Duration;

use kunobi_ha_core::{Failure, Input, Leadership, Observed, Outcome, Refusal, Request};

use crate::transitions::{
    phases::{
        contending_without_a_view, creating, following, hedging, leading, reading_after_a_conflict,
        renewing, taking_over,
    },
    probe::{LOST, Probe, REJECTED, event, foreign, found, seconds},
};

#[test]
fn a_request_that_never_came_back_says_nothing_about_the_latency() {
    let mut probe = contending_without_a_view();
    probe.answer(3400, LOST);
    probe.wake_until_sent();
    let sent = probe.now;
    probe.wake();
    probe.wake_until_sent();
    assert_eq!(probe.now - sent, 2500);
}

// rule 10: an attempt ends when a newer one is answered
#[test]
fn an_answered_read_ends_the_one_that_was_sent_before() {
    for answer in [found(5, foreign(0)), Outcome::Absent] {
        let mut probe = contending_without_a_view();
        let first = probe.newest().id;
        probe.wake();
        probe.answer(3510, answer);
        assert_eq!(probe.last.drop, [first], "{}", probe.brief());
    }
}

// rule 10: a read after a 409 takes the place of the older attempt
#[test]
fn a_read_that_joins_another_takes_the_place_of_a_renewal() {
    let mut probe = hedging();
    let renewal = probe.sent[2].id;
    probe.answer(5520, Outcome::Conflict);
    assert_eq!(probe.newest().request, Request::Read);
    probe.wake();
    probe.wake_until_sent();
    assert_eq!(probe.newest().request, Request::Read);
    assert_eq!(probe.last.drop, [renewal]);
}

#[test]
fn a_leader_whose_read_fails_beside_one_that_hangs_does_not_ask_once_per_round_trip() {
    let mut probe = reading_after_a_conflict();
    probe.wake();
    let before = probe.sent.len();
    while probe.now < 8000 {
        if probe.last.send.is_some() {
            probe.answer(probe.now + 1, REJECTED);
        } else {
            probe.wake();
        }
    }
    let sent = probe.sent.len() - before;
    assert!(sent < 12, "{sent} reads in less than three seconds");
}

#[test]
fn a_candidate_whose_takeover_fails_beside_one_that_hangs_waits_for_its_tick() {
    let mut probe = taking_over();
    probe.wake();
    let second = probe.now;
    assert!(matches!(probe.newest().request, Request::Update { .. }));
    probe.answer(second + 10, REJECTED);
    assert!(probe.last.send.is_none(), "{}", probe.brief());
    probe.wake_until_sent();
    assert!(probe.now >= second + 200, "again at {}", probe.now);
}

#[test]
fn a_takeover_that_fails_after_the_tick_is_followed_by_a_pause() {
    let mut probe = taking_over();
    probe.answer(probe.now + 2400, REJECTED);
    let failed = probe.now;
    assert!(probe.last.send.is_none(), "{}", probe.brief());
    probe.wake_until_sent();
    assert!(probe.now >= failed + 1600, "again at {}", probe.now);
}

#[test]
fn a_server_that_knows_no_post_either_is_not_asked_once_per_round_trip() {
    let mut probe = creating();
    probe.answer(1020, Outcome::MethodNotAllowed);
    assert!(probe.brief().starts_with("create 2 by Post"), "{}", probe.brief());
    while probe.now < 61_000 {
        match probe.last.send.as_ref().map(|attempt| &attempt.request) {
            Some(Request::Read) => probe.answer(probe.now + 1, Outcome::Absent),
            Some(Request::Create { .. } | Request::Update { .. }) => {
                probe.answer(probe.now + 1, Outcome::MethodNotAllowed)
            }
            None => probe.wake(),
        };
    }
    let sent = probe.sent.len();
    assert!(sent < 75, "{sent} requests in a minute");
}

// rule 11: a conflict is followed by a read: at once, then after a wait
#[test]
fn a_candidate_reads_at_once_after_the_first_conflict_and_after_a_pause_after_the_second() {
    let mut probe = creating();
    probe.answer(1020, Outcome::Conflict);
    assert_eq!(probe.last.send.as_ref().map(|get| &get.request), Some(&Request::Read));
    probe.answer(1030, Outcome::Absent);
    probe.answer(1040, Outcome::Conflict);
    assert!(probe.last.send.is_none(), "{}", probe.brief());
}

#[test]
fn a_conflict_over_another_record_is_the_first_of_its_kind() {
    let mut probe = taking_over();
    probe.answer(probe.now + 1, Outcome::Conflict);
    probe.answer(probe.now + 1, found(6, foreign(1)));
    probe.writes_at(&found(6, foreign(1)));
    probe.answer(probe.now + 1, Outcome::Conflict);
    assert_eq!(probe.last.send.as_ref().map(|get| &get.request), Some(&Request::Read));
}

// rule 11: a candidate obeys Retry-After
#[test]
fn a_short_wait_that_a_server_asks_for_shortens_no_longer_one() {
    for shorter in [
        Outcome::Rejected { retry_after: Some(seconds(5)) },
        Outcome::Rejected { retry_after: Some(Duration::ZERO) },
        Outcome::Refused(Refusal::Forbidden),
    ] {
        let mut probe = following();
        probe.wake();
        let first = probe.newest().clone();
        probe.wake();
        assert_eq!(probe.last.send.as_ref().map(|get| &get.request), Some(&Request::Read));
        let told = probe.now + 10;
        probe.answer_to(&first, told, Outcome::Rejected { retry_after: Some(seconds(30)) });
        probe.answer(told + 100, shorter);
        probe.wake_until_sent();
        assert!(probe.now >= told + 30_000, "asked again at {}", probe.now);
    }
}

#[test]
fn a_retry_after_of_nothing_does_not_shorten_a_leaders_own_wait() {
    let mut probe = renewing();
    let retry_after = Some(Duration::ZERO);
    probe.answer(3020, Outcome::Rejected { retry_after });
    probe.wake_until_sent();
    let failed = probe.now + 10;
    probe.answer(failed, Outcome::Rejected { retry_after });
    probe.wake_until_sent();
    assert!(probe.now >= failed + 200, "again at {}", probe.now);
}

#[test]
fn an_error_after_a_read_that_shows_our_term_is_the_first_of_its_kind() {
    let mut probe = renewing();
    let ours = probe.created();
    for _ in 0..3 {
        probe.wake_until_sent();
        probe.answer(probe.now + 1, REJECTED);
    }
    probe.wake_until_sent();
    probe.answer(probe.now + 1, Outcome::Conflict);
    assert_eq!(probe.newest().request, Request::Read);
    probe.answer(probe.now + 1, found(8, ours));
    probe.wake_until_sent();
    probe.answer(probe.now + 1, REJECTED);
    assert!(probe.last.send.is_some(), "{}", probe.brief());
}

// rule 11: R/4 after each conflict
// rule 14: a read that shows our term keeps it, and the renewal goes out again
#[test]
fn a_leader_under_conflicts_keeps_trying_several_times_a_retry_period_until_its_deadline() {
    let mut probe = renewing();
    let ours = probe.created();
    let (mut writes, mut version) = (0, 8);
    while !probe.brief().starts_with("ended") {
        match probe.last.send.as_ref().map(|attempt| &attempt.request) {
            Some(Request::Read) => {
                version += 1;
                probe.answer(probe.now + 1, found(version, ours.clone()));
            }
            Some(Request::Create { .. } | Request::Update { .. }) => {
                writes += 1;
                probe.answer(probe.now + 1, Outcome::Conflict);
            }
            None => {
                probe.wake();
            }
        }
    }
    assert_eq!(probe.now, 11_010);
    assert!((14..=45).contains(&writes), "{writes} renewals in eight seconds");
}

#[test]
fn the_last_moments_of_a_term_are_no_storm() {
    let mut probe = renewing();
    while !probe.brief().starts_with("ended") {
        if probe.last.send.is_some() {
            probe.answer(probe.now + 1, REJECTED);
        } else {
            probe.wake();
        }
    }
    let sent = probe.sent.len();
    assert!(sent < 25, "{sent} requests");
}

// rule 10: T is at most half of what is left
#[test]
fn a_read_near_the_deadline_is_joined_while_it_can_still_help() {
    let mut probe = leading();
    probe.wake();
    probe.at(10_000, Input::Observed(Observed::Deleted));
    assert_eq!(probe.newest().request, Request::Read);
    probe.wake();
    assert!(probe.now <= 10_510, "joined at {}", probe.now);
    assert_eq!(probe.last.send.as_ref().map(|get| &get.request), Some(&Request::Read));
}

#[test]
fn a_candidate_gives_up_on_time_though_nothing_else_is_due_and_leaves_no_request_behind() {
    let mut probe = Probe::new(|config| config.observe_timeout = seconds(1));
    probe.at(1000, Input::Acquire);
    let read = probe.newest().id;
    probe.wake();
    assert_eq!(probe.now, 2000);
    assert_eq!(probe.last.publish, Some(Leadership::Failed(Failure::ObserveTimeout)));
    assert_eq!((&probe.last.drop[..], probe.last.wake_at), (&[read][..], None));
}

// rule 16: the end of a term is published before anything else
#[test]
fn an_acquire_that_comes_with_the_deadline_does_not_hide_the_end_of_the_term() {
    let mut probe = leading();
    probe.at(11_010, Input::Acquire);
    assert!(probe.brief().starts_with("ended 7: RenewDeadlineExceeded"), "{}", probe.brief());
}

#[test]
fn a_hanging_read_of_a_candidate_makes_room_after_half_a_renew_deadline() {
    let mut probe = contending_without_a_view();
    let first = probe.newest().id;
    probe.wake();
    probe.at(5_999, Input::Wake);
    assert!(probe.last.drop.is_empty(), "{}", probe.brief());
    probe.at(6_000, Input::Wake);
    assert_eq!(probe.last.drop, [first]);
    probe.at(6_001, event(5, foreign(0)));
    assert!(probe.brief().starts_with("following other"), "{}", probe.brief());
}
