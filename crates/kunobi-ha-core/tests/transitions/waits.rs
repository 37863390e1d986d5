//! Rules that one table of inputs does not show: when something is done.

use kunobi_ha_core::{Failure, Input, Leadership, Outcome, Request};

use crate::transitions::{
    phases::{
        contending_without_a_view, following, hedging, leading, renewing, waiting_after_a_deletion,
    },
    probe::{LOST, Probe, REJECTED, event, foreign, found, seconds},
    scenarios::takes_over_at,
};

#[test]
fn a_deletion_is_waited_out_by_all_that_read_a_record_of_the_lease() {
    let mut probe = waiting_after_a_deletion();
    while !matches!(probe.newest().request, Request::Create { .. }) {
        probe.wake();
        if matches!(probe.newest().request, Request::Read) && probe.last.send.is_some() {
            probe.answer(probe.now + 1, Outcome::Absent);
        }
    }
    assert_eq!(probe.now, 19_010);
}

// rule 4: without a positive duration ours counts, more than an hour counts as one
// rule 5: a follower waits the longer of both durations, and then writes without a read
#[test]
fn a_longer_duration_of_the_record_is_waited_for_and_a_shorter_is_not_believed() {
    let cases = [
        (Some(40), 40),
        (Some(3), 15),
        (None, 15),
        (Some(0), 15),
        (Some(-1), 15),
        (Some(i64::MIN), 15),
        (Some(i64::from(i32::MAX)), 3600),
        (Some(i64::MAX), 3600),
    ];
    for (asked, waited) in cases {
        let mut record = foreign(0);
        record.duration_seconds = asked;
        let mut probe = Probe::new(|config| config.retry_period = seconds(10));
        probe.at(1000, Input::Acquire);
        probe.answer(1010, found(5, record.clone()));
        let mut taken = None;
        while taken.is_none() {
            probe.wake();
            match probe.newest().request {
                Request::Read if probe.last.send.is_some() => {
                    probe.answer(probe.now + 1, found(5, record.clone()));
                }
                Request::Read => {}
                Request::Create { .. } | Request::Update { .. } => taken = Some(probe.now),
            }
        }
        assert_eq!(taken, Some(1010 + waited * 1000), "{asked:?}");
    }
}

// rule 4: a record ages from our first read of exactly it
// rule 4: a takeover carries the version that was served with that record
#[test]
fn a_renewed_record_is_waited_out_again_and_a_label_changes_nothing() {
    let mut probe = following();
    probe.at(10_000, event(6, foreign(1)));
    probe.at(12_000, event(9, foreign(1)));
    assert_eq!(takes_over_at(&mut probe, 9, &foreign(1)), 25_000);
}

// rule 6: polls come after 0.8 R to R
#[test]
fn polls_are_spread_over_the_last_fifth_of_the_retry_period() {
    let mut probe = contending_without_a_view();
    let (mut shortest, mut longest) = (u64::MAX, 0);
    for nth in 0..500 {
        let sent = probe.now;
        probe.answer(sent + 1, found(5 + nth, foreign(i64::try_from(nth).unwrap())));
        let wake = probe.last.wake_at.unwrap().as_nanos();
        let waited = wake - sent * 1_000_000;
        shortest = shortest.min(waited);
        longest = longest.max(waited);
        probe.wake();
    }
    assert!(shortest >= 1_600_000_000 && longest <= 2_000_000_000);
    assert!(shortest < 1_650_000_000 && longest > 1_950_000_000, "they use all of it");
}

// rule 11: a candidate obeys Retry-After up to 30 s
#[test]
fn a_candidate_obeys_retry_after_up_to_thirty_seconds() {
    for (asked, obeyed) in [(5, 5), (30, 30), (3600, 30)] {
        let mut probe = contending_without_a_view();
        let retry_after = Some(seconds(asked));
        probe.answer(1010, Outcome::Rejected { retry_after });
        probe.wake_to_send();
        assert_eq!(probe.now, 1010 + obeyed * 1000);
    }
}

// rule 11: at once, then R/8, R/4, R/2, R
#[test]
fn a_leader_retries_at_once_and_then_in_growing_steps() {
    let mut probe = renewing();
    let mut waits = Vec::new();
    for _ in 0..5 {
        let now = probe.now;
        probe.answer(now, REJECTED);
        if probe.last.send.is_none() {
            probe.wake_to_send();
        }
        waits.push(probe.now - now);
    }
    let within = [(0, 0), (200, 250), (400, 500), (800, 1000), (1600, 2000)];
    for (wait, (least, most)) in waits.iter().zip(within) {
        assert!((least..=most + 1).contains(wait), "{waits:?}");
    }
}

// rule 11: a wait is cut to a third of what is left
#[test]
fn a_retry_never_waits_longer_than_a_third_of_what_is_left() {
    let mut probe = renewing();
    let retry_after = Some(seconds(60));
    probe.answer(5010, Outcome::Unknown { retry_after });
    assert!(probe.brief().ends_with("; wake 7010"), "{}", probe.brief());
}

// rule 11: a conflict is read: at once, then after R/4
#[test]
fn a_second_conflict_in_a_row_is_read_after_a_wait() {
    let mut probe = renewing();
    let record = probe.created();
    probe.answer(3020, Outcome::Conflict);
    probe.answer(3030, found(8, record));
    probe.answer(3040, Outcome::Conflict);
    assert!(probe.last.send.is_none());
    probe.wake_to_send();
    assert!((3440..=3540).contains(&probe.now), "{}", probe.now);
    assert_eq!(probe.newest().request, Request::Read);
}

// rule 10: T is the timeout, or twice the latency
#[test]
fn a_second_attempt_joins_after_the_request_timeout_or_twice_the_latency() {
    let mut quick = Probe::new(|config| config.renew_request_timeout = Some(seconds(1)));
    quick.at(1000, Input::Acquire);
    assert_eq!(quick.brief(), "following nobody; GET 0; wake 2000");
    let mut slow = contending_without_a_view();
    slow.answer(3400, Outcome::Absent);
    assert_eq!(slow.brief(), "create 1 by Put; wake 8200");
}

// rule 12: observe_timeout ends contending without a usable answer
#[test]
fn an_elector_gives_up_when_no_usable_answer_comes() {
    let mut probe = Probe::new(|config| config.observe_timeout = seconds(20));
    probe.at(1000, Input::Acquire);
    while probe.last.publish.is_none() || probe.now == 1000 {
        if probe.last.send.is_some() && probe.now < 15_000 {
            probe.answer(probe.now + 1, LOST);
        } else {
            probe.wake();
        }
    }
    assert_eq!(probe.now, 21_000);
    let failed = Leadership::Failed(Failure::ObserveTimeout);
    assert_eq!(probe.last.publish, Some(failed));
}

// rule 3: a clock that steps back ends the term
#[test]
fn a_monotonic_clock_that_goes_back_ends_the_term() {
    let mut probe = leading();
    probe.at(1019, Input::Wake);
    assert_eq!(probe.brief(), "ended 7: ClockWentBack");
}

// rule 11: Retry-After is obeyed, up to a third of what is left
#[test]
fn a_retry_is_not_brought_forward_by_a_sibling_that_hangs() {
    let mut probe = hedging();
    let retry_after = Some(seconds(5));
    probe.answer(5515, Outcome::Rejected { retry_after });
    let third = (11_010 - 5515) * 1_000_000 / 3;
    let due = probe.last.wake_at.unwrap().as_nanos() - 5515 * 1_000_000;
    assert_eq!(due, third);
}

// rule 13: a record of our term with an older renewTime says nothing
#[test]
fn an_older_renew_time_in_our_term_makes_no_busy_loop() {
    let mut probe = renewing();
    let mut older = probe.created();
    let renewed = probe.written(8, false);
    probe.answer(3020, renewed);
    probe.wake();
    probe.answer(5020, Outcome::Conflict);
    older.renew_time = foreign(-1).renew_time;
    for nth in 0..20 {
        if probe.last.send.is_none() {
            return;
        }
        probe.answer(5030 + nth * 10, found(9, older.clone()));
    }
    panic!("it asks once per round trip");
}

// rule 11: a candidate keeps its tick through errors
#[test]
fn a_candidate_keeps_its_tick_through_errors_while_another_read_hangs() {
    for outcome in [LOST, REJECTED] {
        let mut probe = contending_without_a_view();
        probe.wake();
        probe.answer(3505, outcome);
        assert!(probe.last.send.is_none(), "{}", probe.brief());
        probe.wake();
        assert!((5100..=5505).contains(&probe.now), "{}", probe.now);
    }
}
