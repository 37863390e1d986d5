//! Scenarios in which an election that is almost right goes wrong, each as the elector sees it.

use kunobi_ha_core::{Elector, Input, Lease, LeaseRecord, Observed, Outcome, Request};

use crate::transitions::{
    phases::{
        OURS, contending_without_a_view, creating, following, hedging, leading,
        reading_after_a_conflict, renewing, taking_over,
    },
    probe::{LOST, Probe, at_version, event, foreign, found, record_of, seconds, version_of},
};

// rule 9: a record with our name that we did not write is not ours
#[test]
fn scenario_1_a_twin_that_created_at_the_same_second_is_another_holder() {
    let mut probe = creating();
    let mut twin = probe.record();
    twin.acquire_time = foreign(0).acquire_time;
    probe.answer(1020, Outcome::Conflict);
    probe.answer(1030, found(OURS, twin));
    assert_eq!(probe.brief(), "following me; wake in a tick");
}

// rule 9: acquireTime has random digits
#[test]
fn scenario_1_two_electors_draw_different_acquire_times_in_one_second() {
    let created_with = |digits| {
        let mut probe = contending_without_a_view();
        probe.digits = digits;
        probe.answer(1010, Outcome::Absent);
        probe.record().acquire_time
    };
    assert_ne!(created_with(1), created_with(2));
}

// rule 15: a read proves the attempt that wrote it, from its send on
#[test]
fn scenario_2_a_read_tells_which_of_two_attempts_won() {
    let mut probe = hedging();
    let [.., first, second] = &probe.sent[..] else { panic!("two attempts") };
    let (first, second) = (first.clone(), second.clone());
    let record = record_of(&first).unwrap().clone();
    assert_ne!(Some(&record), record_of(&second), "their renewTimes differ");
    probe.at(6000, event(8, record));
    assert_eq!(probe.brief(), "leading 7 until 13010; drop 3; update 4 onto 8; wake 8500");
}

// rule 2: a reply after the deadline keeps no leader
// rule 5: our own record is waited out from its last answer on
#[test]
fn scenario_3_an_own_record_is_waited_out_from_the_answer_of_its_last_success() {
    let mut probe = renewing();
    let slow = probe.written(8, false);
    probe.answer(12_000, slow);
    assert!(probe.brief().starts_with("ended 7: RenewDeadlineExceeded"), "{}", probe.brief());
    let ours = probe.record();
    probe.at(12_010, Input::Acquire);
    probe.answer(12_020, found(8, ours.clone()));
    assert_eq!(takes_over_at(&mut probe, 8, &ours), 27_020);
}

// rule 7: a create counts only if no other record was read since
#[test]
fn scenario_4_a_create_counts_no_more_once_another_holder_was_read() {
    let mut probe = creating();
    let orphan = probe.newest().clone();
    let late = probe.written(9, true);
    probe.at(2000, event(7, foreign(0)));
    probe.at(2010, Input::Observed(Observed::Deleted));
    probe.answer(2020, Outcome::Absent);
    probe.answer_to(&orphan, 2030, late);
    assert!(!probe.brief().contains("leading"), "{}", probe.brief());
}

// rule 5: our own record is waited out from our first read on
#[test]
fn scenario_5_a_read_of_our_graced_create_does_not_end_the_grace() {
    let mut probe = Probe::new(|config| config.create_grace = seconds(15));
    probe.at(1000, Input::Acquire);
    probe.answer(1010, Outcome::Absent);
    let created = probe.record();
    probe.answer(1020, LOST);
    probe.at(1030, event(7, created.clone()));
    assert_eq!(probe.brief(), "following me; wake in a tick");
    assert_eq!(takes_over_at(&mut probe, 7, &created), 16_030);
}

// rule 13: a rewind ends the term, and nothing is ours any more
#[test]
fn scenario_6_a_restore_makes_everything_known_void() {
    let mut probe = reading_after_a_conflict();
    let lost = probe.created();
    probe.answer(3030, found(4, foreign(0)));
    assert_eq!(probe.brief(), "ended 7: Rewound; notice Rewound { from: 7, to: 4 }");
    probe.at(3040, Input::Acquire);
    probe.answer(3050, found(5, lost));
    assert_eq!(probe.brief(), "following me; wake in a tick");
}

// rule 13: an overtaken answer or a late event says nothing
#[test]
fn scenario_7_a_late_event_or_an_overtaken_answer_is_no_rewind() {
    let mut probe = renewing();
    probe.at(3020, event(6, foreign(0)));
    assert_eq!(probe.brief(), "wake 5510");
    let mut probe = following();
    probe.at(4000, Input::Wake);
    let overtaken = probe.newest().clone();
    probe.at(4010, event(9, foreign(1)));
    probe.answer_to(&overtaken, 4020, found(5, foreign(0)));
    assert_eq!(probe.brief(), "wake 8010");
}

#[test]
fn scenario_8_an_empty_identity_is_refused_and_an_empty_holder_is_nobody() {
    let timing = following().elector.timing().clone();
    assert!(Elector::new("", timing, 0).is_err());
    let mut probe = contending_without_a_view();
    let mut nobody = foreign(0);
    nobody.holder = Some("".into());
    probe.answer(1010, found(5, nobody));
    assert!(matches!(probe.newest().request, Request::Update { .. }));
}

// rule 6: a tick does not replace a read that is pending
#[test]
fn scenario_9_a_follower_of_a_slow_server_is_not_blind() {
    let mut probe = contending_without_a_view();
    let first = probe.newest().clone();
    probe.wake();
    assert!(probe.last.drop.is_empty(), "the pending read stays");
    probe.answer_to(&first, 6000, found(5, foreign(0)));
    assert!(probe.brief().starts_with("following other"), "{}", probe.brief());
}

// rule 15: a read of what an attempt wrote proves it
// rule 14: another uid is another term
#[test]
fn scenario_10_the_event_of_our_own_write_may_overtake_its_answer() {
    let mut probe = renewing();
    let ours = probe.record();
    let answer = probe.written(8, false);
    probe.at(3020, event(8, ours));
    assert_eq!(probe.brief(), "leading 7 until 13010; wake in a tick");
    probe.answer(3030, answer);
    assert_eq!(probe.brief(), "wake in a tick");
    let mut bid = taking_over();
    let ours = bid.record();
    bid.at(16_020, event(6, ours));
    assert_eq!(bid.brief(), "leading 6 until 26010; drop 9; wake in a tick");
    let other_lease = event_of_another_lease(&bid);
    bid.at(16_030, other_lease);
    assert_eq!(bid.brief(), "ended 6: HolderChanged");
}

fn event_of_another_lease(probe: &Probe) -> Input {
    Input::Observed(Observed::Found(Lease::new(version_of("another", 10), probe.record())))
}

/// Answers every read with this until a takeover goes out; returns when.
pub(crate) fn takes_over_at(probe: &mut Probe, version: u64, record: &LeaseRecord) -> u64 {
    for _ in 0..100 {
        probe.wake();
        match probe.last.send.as_ref().map(|attempt| &attempt.request) {
            Some(Request::Update { version: onto, .. }) => {
                assert_eq!(*onto, at_version(version));
                return probe.now;
            }
            Some(Request::Read) => {
                probe.answer(probe.now + 1, found(version, record.clone()));
            }
            Some(Request::Create { .. }) => panic!("there is a Lease"),
            None => {}
        }
    }
    panic!("no takeover")
}

// rule 2: the deadline counts from the send
// rule 3: the timer ends the term at the deadline
#[test]
fn a_leader_that_was_not_renewed_ends_at_its_deadline_and_not_before() {
    let mut probe = leading();
    probe.at(11_009, Input::Wake);
    assert!(!probe.brief().contains("ended"), "{}", probe.brief());
    probe.at(11_010, Input::Wake);
    assert!(probe.brief().starts_with("ended 7: RenewDeadlineExceeded"));
}
