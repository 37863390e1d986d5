//! A grace belongs to the Lease that was created, whatever ends or is lost meanwhile.

use kunobi_ha_core::{Input, Lease, LeaseRecord, Observed, Outcome, Request};

use crate::transitions::{
    grace::{created, renew_until_it_leads},
    phases::OURS,
    probe::{Probe, event, foreign, found, record_of, seconds, version_of},
};

#[test]
fn a_201_that_comes_too_late_to_lead_begins_the_grace_of_what_it_created() {
    let mut probe = Probe::new(|config| config.create_grace = seconds(60));
    probe.at(1000, Input::Acquire);
    probe.answer(1010, Outcome::Absent);
    let created = probe.written(OURS, true);
    probe.answer(11_010, created);
    // Somebody frees it before its creator has read it.
    probe.wake_until_sent();
    let free = LeaseRecord { holder: None, ..foreign(0) };
    let now = probe.now;
    probe.answer(now, found(5, free));
    let taken = probe.written(6, false);
    probe.answer(now, taken);
    assert!(!probe.leads(), "{}", probe.brief());
    assert!((71_010..74_000).contains(&renew_until_it_leads(&mut probe, 10)));
}

#[test]
fn a_grace_that_is_over_does_not_begin_again_when_the_record_is_read() {
    let mut probe = created(15, 1020);
    let first = probe.record();
    renew_until_it_leads(&mut probe, 10);
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
    let Outcome::Written { lease: Lease { version, record, .. }, .. } = freed else {
        panic!("a release")
    };
    let now = probe.now;
    probe.answer(now, Outcome::Found(Lease::new(version, record)));
    let won = probe.written(102, false);
    probe.answer(now, won);
    assert!(probe.leads(), "{}", probe.brief());
}

/// Shows this record until it is taken over; returns when the write was sent that began belief.
fn leads_after_taking(probe: &mut Probe, record: &LeaseRecord, uid: &str) -> u64 {
    for _ in 0..200 {
        match probe.last.send.clone().map(|attempt| attempt.request) {
            None => {
                probe.wake();
            }
            Some(Request::Read) => {
                let (version, record) = (version_of(uid, 50), record.clone());
                probe.answer(probe.now, Outcome::Found(Lease::new(version, record)));
            }
            Some(Request::Create { .. }) => {
                probe.answer(probe.now, Outcome::Conflict);
            }
            Some(Request::Update { record, .. }) => {
                let sent = probe.now;
                let version = version_of(uid, 100 + sent);
                probe.answer(
                    sent,
                    Outcome::Written { lease: Lease::new(version, record), created: false },
                );
                if probe.leads() {
                    return sent;
                }
            }
        }
    }
    panic!("it never leads")
}

#[test]
fn a_grace_counts_from_the_201_also_where_an_event_showed_the_record_before() {
    let mut probe = Probe::new(|config| config.create_grace = seconds(15));
    probe.at(1000, Input::Acquire);
    probe.answer(1010, Outcome::Absent);
    let (record, created) = (probe.record(), probe.written(OURS, true));
    probe.at(1020, event(OURS, record));
    probe.answer(5000, created);
    let led = renew_until_it_leads(&mut probe, 10);
    assert!((20_000..23_000).contains(&led), "{led}");
}

#[test]
fn a_create_of_a_candidate_that_was_stopped_has_its_grace_when_it_is_read() {
    let mut probe = Probe::new(|config| config.create_grace = seconds(60));
    probe.at(1000, Input::Acquire);
    probe.answer(1010, Outcome::Absent);
    let first = probe.record();
    probe.at(1020, Input::Stop);
    probe.digits = 43;
    probe.at(1030, Input::Acquire);
    probe.answer(1040, Outcome::Absent);
    // Only now does the first of them land.
    let led = leads_after_taking(&mut probe, &first, "uid");
    assert!((61_000..65_000).contains(&led), "{led}");
}

#[test]
fn a_re_creation_without_an_answer_before_there_was_a_leader_has_its_grace_when_it_is_read() {
    let mut probe = created(60, 1020);
    probe.wake();
    probe.answer(3020, Outcome::Conflict);
    probe.answer(3030, Outcome::Absent);
    let second = record_of(probe.newest()).unwrap().clone();
    // It is never answered, and the term ends.
    while !matches!(probe.newest().request, Request::Read) || probe.last.send.is_none() {
        probe.wake();
    }
    let seen = probe.now;
    let led = leads_after_taking(&mut probe, &second, "second");
    assert!((seen + 60_000..seen + 65_000).contains(&led), "{led}");
}

// rule 5: after a 404, a candidate that ever read a record waits for L, also with a hedge
// rule 9: all attempts of a bid share its acquireTime
#[test]
fn no_hedge_of_a_create_goes_out_before_the_wait_is_over_for_the_record_that_was_deleted() {
    let mut probe = Probe::new(|_| {});
    probe.at(1000, Input::Acquire);
    probe.answer(1010, Outcome::Absent);
    let first = probe.record();
    probe.at(1020, event(OURS, first));
    probe.at(1030, Input::Observed(Observed::Deleted));
    probe.answer(1040, Outcome::Absent);
    while record_of(probe.newest()).is_none() || probe.last.send.is_none() {
        match probe.last.send {
            Some(_) => probe.answer(probe.now, Outcome::Absent),
            None => probe.wake(),
        };
    }
    assert!((16_040..18_000).contains(&probe.now), "{}", probe.now);
}
