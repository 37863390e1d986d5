//! An answer counts for the term or candidacy that asked, and the grace for the Lease.

use kunobi_ha_core::{Input, Leadership, LeaseRecord, Outcome, Request};

use crate::transitions::{
    phases::{on_probation, taking_over},
    probe::{Probe, foreign, found, saw, seconds, version_of},
};

fn leads(probe: &Probe) -> bool {
    matches!(probe.last.publish, Some(Leadership::Leading { .. }))
}

/// Answers each write well until it leads; returns when the write was sent that made it lead.
fn leads_by_a_write_sent_at(probe: &mut Probe) -> u64 {
    let mut version = 50;
    for _ in 0..100 {
        probe.wake();
        if probe.last.send.is_none() {
            continue;
        }
        let sent = probe.now;
        version += 1;
        let outcome = match probe.newest().request {
            Request::Get => found(version, probe.record_of_last_write()),
            Request::Create { .. } => probe.written(version, true),
            Request::Update { .. } => probe.written(version, false),
        };
        probe.answer(sent, outcome);
        if leads(probe) {
            return sent;
        }
    }
    panic!("it never leads")
}

#[test]
fn a_renewal_that_comes_with_the_deadline_of_a_graced_term_makes_no_leader() {
    let mut probe = on_probation();
    probe.wake();
    let late = probe.written(8, false);
    probe.answer(11_010, late);
    assert!(!leads(&probe), "{}", probe.brief());
    // The grace began with the 201 at 1020, and the record of ours is waited out besides.
    assert!(leads_by_a_write_sent_at(&mut probe) >= 16_020);
}

#[test]
fn a_read_that_proves_a_renewal_of_a_graced_term_that_is_over_makes_no_leader() {
    let mut probe = on_probation();
    probe.wake();
    probe.wake();
    let record = probe.record();
    probe.answer(11_010, Outcome::Unknown { retry_after: None });
    probe.wake_to_send();
    assert_eq!(probe.newest().request, Request::Get);
    let now = probe.now;
    probe.answer(now, found(8, record));
    assert!(!leads(&probe), "{}", probe.brief());
}

#[test]
fn a_grace_that_is_longer_than_the_lease_outlives_the_term_that_it_began_with() {
    let mut probe = Probe::new(|config| config.create_grace = seconds(60));
    probe.at(1000, Input::Acquire);
    probe.answer(1010, Outcome::Absent);
    let created = probe.written(7, true);
    probe.answer(1020, created);
    // Every renewal is lost, and the own record is waited out at 16020.
    while !matches!(probe.newest().request, Request::Get) {
        probe.wake_to_send();
    }
    let led = leads_by_a_write_sent_at(&mut probe);
    assert!((61_020..64_000).contains(&led), "{led}");
}

#[test]
fn the_grace_of_a_create_whose_answer_was_lost_counts_from_the_first_sight_of_it() {
    let mut probe = Probe::new(|config| config.create_grace = seconds(60));
    probe.at(1000, Input::Acquire);
    probe.answer(1010, Outcome::Absent);
    let created = probe.record();
    probe.answer(1020, Outcome::Unknown { retry_after: None });
    probe.at(5000, saw(7, created));
    let led = leads_by_a_write_sent_at(&mut probe);
    assert!((65_000..68_000).contains(&led), "{led}");
}

#[test]
fn a_grace_that_is_over_does_not_begin_anew_when_the_record_is_read() {
    let mut probe = on_probation();
    let first = probe.record_of_last_write();
    leads_by_a_write_sent_at(&mut probe);
    probe.wake_to_send();
    let now = probe.now;
    probe.answer(now, Outcome::Conflict);
    let read = found(99, LeaseRecord { renew_time: foreign(-1).renew_time, ..first });
    probe.answer(now, read);
    probe.at(now, Input::StepDown);
    let freed = probe.written(101, false);
    probe.answer(now, freed.clone());
    probe.at(now, Input::Acquire);
    probe.wake_to_send();
    let Outcome::Written { version, record, .. } = freed else { panic!("a release") };
    let now = probe.now;
    probe.answer(now, Outcome::Found { version, record });
    let won = probe.written(102, false);
    probe.answer(now, won);
    assert!(leads(&probe), "{}", probe.brief());
}

#[test]
fn a_lease_that_is_created_again_before_there_is_a_leader_has_a_grace_of_its_own() {
    let mut probe = on_probation();
    probe.wake();
    probe.answer(3020, Outcome::Conflict);
    probe.answer(3030, Outcome::Absent);
    let record = probe.record();
    let version = version_of("anew", 20);
    probe.answer(3040, Outcome::Written { version, record, created: true });
    assert!(!leads(&probe), "{}", probe.brief());
    while probe.now < 18_000 {
        probe.wake_to_send();
        let now = probe.now;
        let record = probe.record();
        let version = version_of("anew", now);
        probe.answer(now, Outcome::Written { version, record, created: false });
        assert_eq!(leads(&probe), now >= 18_040, "at {now}");
    }
}

#[test]
fn a_takeover_that_is_answered_after_the_clock_went_back_begins_no_term() {
    let mut probe = taking_over();
    let won = probe.written(6, false);
    probe.answer(1000, won);
    assert!(!leads(&probe), "{}", probe.brief());
}
