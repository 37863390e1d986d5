//! Attempts that something else overtakes: a newer version, another attempt, another record.

use kunobi_ha_core::{Input, Leadership, Lease, LeaseRecord, Outcome, Request};

use crate::transitions::{
    phases::{OURS, creating, hedging, recreating, renewing, taking_over, withdrawing},
    probe::{
        LOST, Probe, REJECTED, at_version, event, foreign, found, record_of, seconds, version_of,
    },
};

// rule 10: an attempt ends when a newer version than the one that it was made on is read
// rule 14: a renewal that a conflict has held back goes out on the version that was read
#[test]
fn a_renewal_that_waits_for_a_read_goes_out_when_an_event_has_made_the_other_one_void() {
    let mut probe = hedging();
    let (void, ours) = (probe.sent[2].id, probe.created());
    probe.answer(5520, Outcome::Conflict);
    assert_eq!(probe.newest().request, Request::Read);
    probe.at(5530, event(8, ours));
    assert_eq!(probe.last.drop, [void]);
    assert!(probe.brief().contains("onto 8"), "{}", probe.brief());
}

// rule 10: a new attempt takes the place of one of another kind first
#[test]
fn a_second_release_takes_the_place_of_a_renewal_and_not_of_the_first_release() {
    let mut probe = hedging();
    let renewals = [probe.sent[2].id, probe.sent[3].id];
    probe.at(5520, Input::StepDown);
    assert_eq!(probe.last.drop, renewals[..1]);
    probe.wake_to_send();
    assert_eq!(probe.last.drop, renewals[1..]);
    assert!(probe.brief().contains("free"), "{}", probe.brief());
}

// rule 15: an unconfirmed write can be proved
#[test]
fn a_renewal_whose_answer_was_altered_counts_when_a_read_shows_it_as_it_was_sent() {
    let mut probe = renewing();
    let sent = probe.record();
    let altered = LeaseRecord { strategy: Some("webhook".into()), ..sent.clone() };
    let lease = Lease::new(at_version(8), altered);
    probe.answer(3020, Outcome::Written { lease, created: false });
    assert_eq!(probe.newest().request, Request::Read);
    probe.answer(3030, found(8, sent));
    assert!(probe.brief().starts_with("leading 7 until 13010"), "{}", probe.brief());
}

// rule 16: a withdrawal waits for writes that may be applied
#[test]
fn a_candidate_whose_lost_create_was_overtaken_has_nothing_to_withdraw() {
    let mut probe = creating();
    probe.answer(1020, LOST);
    probe.wake_to_read();
    probe.answer(probe.now + 10, found(5, foreign(0)));
    probe.at(probe.now + 10, Input::StepDown);
    assert_eq!(probe.brief(), "withdrawn");
}

#[test]
fn a_withdrawal_whose_read_fails_asks_again_within_a_quarter_of_a_retry_period() {
    let mut probe = withdrawing();
    probe.answer(16_030, LOST);
    assert_eq!(probe.newest().request, Request::Read);
    probe.answer(16_040, REJECTED);
    probe.wake_to_send();
    assert_eq!(probe.newest().request, Request::Read);
    assert!((16_440..=16_540).contains(&probe.now), "{}", probe.now);
}

// rule 10: the deadline of a candidate's attempt is its send + D
// rule 15: an unconfirmed write can be proved
#[test]
fn a_lost_takeover_can_be_proved_after_an_older_one_has_expired() {
    let mut probe = taking_over();
    let first = probe.now;
    let mut bids = vec![(first, probe.record())];
    while probe.now < first + 10_000 {
        probe.answer(probe.now + 1, LOST);
        probe.wake_to_send();
        assert_eq!(probe.newest().request, Request::Read);
        if probe.now < first + 10_000 {
            probe.answer(probe.now + 1, found(5, foreign(0)));
            bids.push((probe.now, probe.record()));
        }
    }
    assert!(probe.now < first + 12_500, "{}", probe.now);
    let (sent, applied) = bids.pop().unwrap();
    probe.answer(probe.now + 1, found(8, applied));
    assert_eq!(
        probe.brief().split(';').next().unwrap(),
        format!("leading 8 until {}", sent + 10_000)
    );
}

// rule 16: a candidate that gives up finds out what became of a write that may be applied
#[test]
fn reads_that_are_replaced_do_not_hide_a_write_that_may_be_applied() {
    let mut probe = taking_over();
    let first = probe.now;
    while probe.now < first + 10_000 {
        probe.wake();
    }
    let reads = probe.sent.iter().rev().take_while(|sent| sent.request == Request::Read);
    assert_eq!(reads.count(), 3);
    probe.at(probe.now + 10, Input::StepDown);
    assert_eq!(probe.last.publish, None, "{}", probe.brief());
}

// rule 10: the deadline of a candidate's attempt is its send + D
#[test]
fn a_takeover_that_has_expired_is_not_withdrawn() {
    let mut probe = taking_over();
    let first = probe.now;
    probe.wake();
    let second = probe.now;
    assert_eq!(second, first + 2_500);
    while probe.now < second + 10_000 {
        probe.wake();
    }
    probe.at(probe.now + 10, Input::StepDown);
    assert_eq!(probe.last.publish, Some(Leadership::Withdrawn), "{}", probe.brief());
}

/// A candidate that asks so rarely that no other attempt takes the place of an unanswered one, and
/// what it has read.
fn asking_rarely() -> (Probe, Outcome) {
    let mut probe = Probe::new(|config| config.retry_period = seconds(10));
    probe.at(1000, Input::Acquire);
    let seen = found(5, LeaseRecord { duration_seconds: Some(60), ..foreign(0) });
    probe.answer(1010, seen.clone());
    (probe, seen)
}

// rule 10: the deadline of a candidate's attempt is its send + D
#[test]
fn an_attempt_of_a_candidate_that_has_expired_has_failed() {
    let (mut reads, seen) = asking_rarely();
    reads.wake_to_send();
    assert_eq!(reads.newest().request, Request::Read);
    let (mut writes, _) = asking_rarely();
    writes.writes_at(&seen);
    for mut probe in [reads, writes] {
        let (sent, id) = (probe.now, probe.newest().id);
        while probe.now < sent + 10_000 {
            assert!(!probe.elector.is_failing(), "{}", probe.brief());
            probe.wake();
        }
        assert!(probe.elector.is_failing(), "{}", probe.brief());
        assert!(probe.last.drop.contains(&id), "{}", probe.brief());
    }
}

// rule 7: a create that has overwritten a Lease counts for nothing
// rule 15: only an outstanding or unconfirmed write can be proved
#[test]
fn a_re_creation_that_overwrote_a_lease_is_never_proved() {
    let mut probe = recreating();
    let lease = Lease::new(version_of("another", 20), probe.record());
    probe.answer(3040, Outcome::Written { lease: lease.clone(), created: false });
    probe.wake_until_sent();
    assert_eq!(probe.newest().request, Request::Read);
    probe.answer(probe.now + 10, Outcome::Found(lease));
    assert!(probe.brief().starts_with("ended 7: RecreationLost"), "{}", probe.brief());
}

// rule 8: a write that changed nothing does not count
#[test]
fn a_renewal_that_has_written_nothing_is_never_proved() {
    let mut probe = renewing();
    let same = probe.written(OURS, false);
    let sent = probe.record();
    probe.answer(3020, same);
    probe.answer(3030, found(8, sent));
    assert_eq!(probe.last.publish, None, "{}", probe.brief());
}

// rule 11: a read follows a conflict
#[test]
fn a_second_conflict_of_one_bid_does_not_end_the_read_that_follows_the_first() {
    let mut probe = taking_over();
    let first = probe.newest().clone();
    probe.wake_to_send();
    probe.answer(probe.now + 1, Outcome::Conflict);
    assert_eq!(probe.newest().request, Request::Read);
    probe.answer_to(&first, probe.now + 1, Outcome::Conflict);
    assert_eq!((&probe.last.drop[..], &probe.last.send), (&[][..], &None));
}

// rule 13: an old answer says nothing
#[test]
fn a_create_counts_no_more_once_another_record_is_in_its_lease() {
    let mut probe = creating();
    let first = probe.newest().clone();
    probe.wake_to_send();
    let second = probe.record();
    probe.at(probe.now + 1, event(9, second));
    let record = record_of(&first).unwrap().clone();
    let version = at_version(OURS);
    let created = Outcome::Written { lease: Lease::new(version, record), created: true };
    probe.answer_to(&first, probe.now + 1, created);
    assert!(!probe.leads(), "{}", probe.brief());
}
