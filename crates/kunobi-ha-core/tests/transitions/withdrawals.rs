//! A candidate that gives up while its write is under way.

use kunobi_ha_core::{Input, Leadership, Lease, Notice, Outcome, Release, Request};

use crate::transitions::{
    phases::{creating, following, taking_over, withdrawing},
    probe::{
        LOST, Probe, REJECTED, at_version, event, foreign, found, instant, record_of, seconds,
    },
};

fn said(probe: &Probe) -> Option<&Leadership> {
    probe.last.publish.as_ref()
}

/// Answers the release, and checks that nobody ever led.
fn is_released(mut probe: Probe) {
    assert!(
        matches!(&probe.newest().request, Request::Update { record, .. } if record.is_free()),
        "{}",
        probe.brief()
    );
    let freed = probe.written(99, false);
    probe.answer(probe.now + 10, freed);
    assert_eq!(said(&probe), Some(&Leadership::Released(Release::Released)));
    assert!(probe.last.wake_at.is_none());
}

#[test]
fn a_takeover_that_is_applied_is_released_and_never_led() {
    let mut probe = withdrawing();
    assert_eq!(probe.brief(), "wake 18510");
    let won = probe.written(8, false);
    probe.answer(17_500, won);
    assert_eq!(probe.brief(), "free 10 onto 8; wake 18260");
    is_released(probe);
}

#[test]
fn a_takeover_that_is_not_applied_leaves_nothing_to_release() {
    let mut probe = withdrawing();
    probe.answer(17_500, Outcome::Conflict);
    assert_eq!(probe.brief(), "withdrawn");
}

#[test]
fn a_candidate_without_a_write_ends_at_once() {
    let mut probe = following();
    probe.wake();
    probe.at(probe.now + 5, Input::StepDown);
    assert_eq!(probe.brief(), "withdrawn; drop 1");
}

#[test]
fn a_write_that_was_refused_leaves_nothing_to_await() {
    for outcome in [Outcome::Conflict, REJECTED] {
        let mut probe = taking_over();
        probe.answer(probe.now + 5, outcome);
        probe.at(probe.now + 5, Input::StepDown);
        assert_eq!(said(&probe), Some(&Leadership::Withdrawn));
    }
}

#[test]
fn a_read_joins_a_takeover_that_hangs_and_shows_that_it_was_applied() {
    let mut probe = withdrawing();
    let ours = probe.record();
    probe.wake();
    assert_eq!((probe.now, &probe.newest().request), (18_510, &Request::Read));
    probe.answer(18_520, found(8, ours));
    assert_eq!(probe.brief(), "drop 9; free 11 onto 8; wake 18770");
    is_released(probe);
}

#[test]
fn a_read_that_shows_the_lease_as_it_was_decides_nothing_while_the_write_is_under_way() {
    let mut probe = withdrawing();
    let takeover = probe.newest().clone();
    probe.wake();
    probe.answer(18_520, found(5, foreign(0)));
    assert_eq!(probe.brief(), "wake 19020");
    let won = Outcome::Written {
        lease: Lease::new(at_version(8), record_of(&takeover).unwrap().clone()),
        created: false,
    };
    probe.answer_to(&takeover, 18_700, won);
    is_released(probe);
}

#[test]
fn a_takeover_whose_answer_is_lost_is_searched_for() {
    for lost_before in [true, false] {
        let mut probe = taking_over();
        let ours = probe.record();
        if lost_before {
            probe.answer(16_015, LOST);
            probe.at(16_020, Input::StepDown);
        } else {
            probe.at(16_015, Input::StepDown);
            probe.answer(16_020, LOST);
        }
        assert_eq!(probe.newest().request, Request::Read);
        probe.answer(16_030, found(8, ours));
        is_released(probe);
    }
}

#[test]
fn a_takeover_whose_answer_is_lost_and_that_no_read_shows_is_given_up() {
    let mut probe = withdrawing();
    probe.answer(16_030, LOST);
    probe.answer(16_040, found(5, foreign(0)));
    assert_eq!(probe.brief(), "withdrawn");
}

#[test]
fn the_twin_of_a_takeover_that_met_a_conflict_may_have_won() {
    let mut probe = taking_over();
    let first = probe.newest().clone();
    probe.wake_to_send();
    probe.at(probe.now + 5, Input::StepDown);
    probe.answer(probe.now + 5, Outcome::Conflict);
    assert_eq!(probe.newest().request, Request::Read);
    probe.answer(probe.now + 5, found(8, record_of(&first).unwrap().clone()));
    is_released(probe);
}

#[test]
fn a_takeover_that_made_room_for_a_read_is_searched_for_too() {
    let rejected = REJECTED;
    for (read_before, outcome) in
        [(true, Outcome::Conflict), (false, Outcome::Conflict), (false, rejected)]
    {
        let mut probe = taking_over();
        let first = probe.newest().clone();
        probe.wake_to_send();
        let second = probe.newest().clone();
        probe.at(19_000, Input::StepDown);
        probe.wake();
        assert_eq!(probe.last.drop, [first.id]);
        if read_before {
            probe.answer(probe.now + 5, found(5, foreign(0)));
        }
        // The first one has been applied meanwhile.
        probe.answer_to(&second, probe.now + 5, outcome);
        assert_eq!(said(&probe), None, "{}", probe.brief());
        assert_eq!(probe.newest().request, Request::Read);
        probe.answer(probe.now + 5, found(8, record_of(&first).unwrap().clone()));
        is_released(probe);
    }
}

#[test]
fn a_create_that_is_applied_is_released() {
    let mut probe = creating();
    probe.at(1015, Input::StepDown);
    let created = probe.written(8, true);
    probe.answer(1020, created);
    is_released(probe);
}

#[test]
fn a_create_whose_answer_is_lost_is_released_if_a_read_shows_it() {
    for lost_before in [true, false] {
        let mut probe = creating();
        let ours = probe.record();
        if lost_before {
            probe.answer(1015, LOST);
            probe.at(1020, Input::StepDown);
        } else {
            probe.at(1015, Input::StepDown);
            probe.answer(1020, LOST);
        }
        assert_eq!(probe.newest().request, Request::Read);
        probe.answer(1030, found(8, ours));
        is_released(probe);
    }
}

#[test]
fn a_watch_event_shows_it_too() {
    let mut probe = withdrawing();
    let ours = probe.record();
    probe.at(16_030, event(8, ours));
    is_released(probe);
}

#[test]
fn a_create_that_overwrote_a_lease_is_not_released() {
    let mut probe = creating();
    probe.at(1015, Input::StepDown);
    let overwrote = probe.written(8, false);
    probe.answer(1020, overwrote);
    assert_eq!(probe.last.notices, [Notice::CreateOverwrote]);
    assert_eq!(said(&probe), Some(&Leadership::Withdrawn));
}

#[test]
fn what_is_created_under_a_grace_is_waited_out() {
    let mut probe = Probe::new(|config| config.create_grace = seconds(15));
    probe.at(1000, Input::Acquire);
    probe.answer(1010, Outcome::Absent);
    probe.at(1015, Input::StepDown);
    assert_eq!(probe.brief(), "withdrawn; drop 1");
}

#[test]
fn what_is_taken_over_under_a_grace_is_waited_out() {
    let mut probe = Probe::new(|config| config.create_grace = seconds(60));
    probe.at(1000, Input::Acquire);
    probe.answer(1010, Outcome::Absent);
    let created = probe.written(7, true);
    probe.answer(1020, created);
    // Its renewals fail until it is a candidate again, which waits its own record out.
    let shown = found(7, probe.record());
    let takes_over =
        |probe: &Probe| record_of(probe.newest()).is_some_and(|record| record.transitions() == 1);
    while !takes_over(&probe) {
        match probe.newest().request {
            Request::Read if probe.last.send.is_some() => {
                probe.answer(probe.now + 1, shown.clone());
            }
            Request::Create { .. } | Request::Read | Request::Update { .. } => {
                probe.wake();
            }
        }
    }
    assert!(probe.now < 61_000, "{}", probe.now);
    probe.at(probe.now + 5, Input::StepDown);
    let won = probe.written(9, false);
    probe.answer(probe.now + 5, won);
    assert_eq!(probe.brief(), "withdrawn");
}

#[test]
fn what_cannot_be_found_out_within_the_release_timeout_is_said_to_be_held() {
    let mut probe = withdrawing();
    while said(&probe).is_none() {
        probe.wake();
    }
    assert_eq!(probe.now, 19_020);
    let until = instant(16_010 + 15_000);
    assert_eq!(said(&probe), Some(&Leadership::Released(Release::StillHeld { until })));
    assert!(probe.last.wake_at.is_none());
}

#[test]
fn the_whole_release_ends_within_the_release_timeout() {
    let mut probe = withdrawing();
    let won = probe.written(8, false);
    probe.answer(18_500, won);
    while said(&probe).is_none() {
        probe.wake();
    }
    assert_eq!(probe.now, 19_020);
}

#[test]
fn what_a_rewound_server_shows_is_remembered() {
    let mut probe = withdrawing();
    probe.wake();
    probe.answer(18_520, found(3, foreign(0)));
    assert_eq!(said(&probe), Some(&Leadership::Withdrawn));
    assert_eq!(probe.elector.version(), Some(&at_version(3)));
}

// rule 16: what a candidate has bid for is given back if it is won
#[test]
fn a_read_that_was_sent_before_the_withdrawal_tells_nothing_of_a_takeover_without_an_answer() {
    let mut probe = taking_over();
    probe.answer(16_015, LOST);
    probe.wake_to_send();
    let read = probe.newest().clone();
    assert_eq!(read.request, Request::Read);
    probe.at(probe.now + 5, Input::StepDown);
    assert_eq!(probe.last.drop, [read.id]);
    assert_eq!(probe.newest().request, Request::Read);
}
