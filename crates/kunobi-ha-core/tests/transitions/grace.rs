//! The creator of a Lease renews it for the grace before it believes.

use kunobi_ha_core::{Input, Leadership, Lease, Observed, Outcome, Request};

use crate::transitions::{
    phases::OURS,
    probe::{LOST, Probe, event, foreign, found, seconds, version_of},
};

#[test]
fn a_grace_counts_from_the_answer_of_the_create_and_not_from_its_send() {
    let mut probe = created(15, 4000);
    // Until 19000; were it 16010, the renewal of 18000 would do.
    assert_eq!(renew_until_it_leads(&mut probe, 10), 20_000);
}

#[test]
fn a_renewal_that_was_sent_within_the_grace_and_is_answered_after_it_begins_no_belief() {
    let mut probe = created(15, 1010);
    // Until 16010.
    let mut sent = 0;
    for version in 8..16 {
        probe.wake();
        sent = probe.now;
        if sent >= 15_010 {
            break;
        }
        let renewed = probe.written(version, false);
        probe.answer(sent + 10, renewed);
        assert!(!probe.leads(), "{}", probe.brief());
    }
    assert_eq!(sent, 15_010);
    let renewed = probe.written(20, false);
    probe.answer(16_500, renewed);
    assert!(!probe.leads(), "{}", probe.brief());
    probe.wake();
    let renewed = probe.written(21, false);
    probe.answer(probe.now + 10, renewed);
    assert!(probe.leads(), "{}", probe.brief());
}

#[test]
fn a_renewal_that_is_sent_at_the_very_end_of_the_grace_begins_belief() {
    let mut probe = created(14, 1010);
    assert_eq!(renew_until_it_leads(&mut probe, 10), 15_010);
}

#[test]
fn a_read_that_proves_a_renewal_of_the_grace_begins_no_belief() {
    let mut probe = created(15, 1010);
    probe.wake();
    let renewed = probe.record();
    probe.at(probe.now + 5, event(8, renewed));
    assert!(!probe.leads(), "{}", probe.brief());
}

#[test]
fn a_creator_under_a_grace_is_seen_as_a_follower_of_itself_and_renews() {
    let mut probe = Probe::new(|config| config.create_grace = seconds(15));
    probe.at(1000, Input::Acquire);
    probe.answer(1010, Outcome::Absent);
    let created = probe.written(OURS, true);
    probe.answer(1020, created);
    assert_eq!(probe.brief(), "following me; wake in a tick");
    probe.wake();
    assert_eq!((probe.now, probe.brief().as_str()), (3010, "update 2 onto 7; wake 5510"));
}

#[test]
fn a_takeover_of_somebody_elses_lease_leads_at_once_whatever_the_grace() {
    let mut probe = Probe::new(|config| config.create_grace = seconds(15));
    probe.at(1000, Input::Acquire);
    let mut free = foreign(0);
    free.holder = None;
    probe.answer(1010, found(5, free));
    let won = probe.written(6, false);
    probe.answer(1020, won);
    assert_eq!(probe.brief(), "leading 6 until 11010; wake in a tick");
}

#[test]
fn a_leader_that_re_creates_its_deleted_lease_stays_leader_whatever_the_grace() {
    let mut probe = Probe::new(|config| config.create_grace = seconds(15));
    probe.at(1000, Input::Acquire);
    let mut free = foreign(0);
    free.holder = None;
    probe.answer(1010, found(5, free));
    let won = probe.written(6, false);
    probe.answer(1020, won);
    probe.at(2000, Input::Observed(Observed::Deleted));
    probe.answer(2010, Outcome::Absent);
    probe.wake_until_sent();
    let (record, version) = (probe.record(), version_of("second", 9));
    let sent = probe.now;
    probe.answer(sent + 10, Outcome::Written { lease: Lease::new(version, record), created: true });
    let Some(Leadership::Leading { valid_until, .. }) = probe.last.publish else {
        panic!("{}", probe.brief())
    };
    assert_eq!(valid_until.as_nanos() / 1_000_000, sent + 10_000);
}

// rule 2: a term that has ended is not revived by an answer
#[test]
fn a_renewal_that_is_answered_after_the_deadline_of_a_graced_term_begins_no_belief() {
    let mut probe = created(15, 1010);
    probe.wake();
    let late = probe.written(8, false);
    probe.answer(11_500, late);
    assert!(!probe.leads() && !probe.brief().contains("ended"), "{}", probe.brief());
    // A term that has ended is not revived: it contends again, and reads.
    assert_eq!(probe.newest().request, Request::Read);
}

// rule 2: a term that has ended is not revived by a read
#[test]
fn a_read_after_the_deadline_of_a_graced_term_proves_none_of_its_renewals() {
    let mut probe = created(15, 1010);
    probe.wake();
    probe.wake();
    let second = probe.record();
    probe.answer(11_015, LOST);
    while probe.last.send.as_ref().is_none_or(|attempt| attempt.request != Request::Read) {
        probe.wake();
    }
    probe.answer(probe.now + 100, found(8, second));
    assert!(!probe.leads(), "{}", probe.brief());
}

#[test]
fn a_takeover_of_its_own_lease_within_the_grace_begins_no_belief_before_the_grace_ends() {
    // The grace lasts until 41010. Cut off, it loses the Lease to nobody and takes it over.
    let mut probe = created(40, 1010);
    let mut shown = found(OURS, probe.record());
    probe.at(11_010, Input::Wake);
    let mut sent = 0;
    for version in 8..40 {
        probe.writes_at(&shown);
        sent = probe.now;
        shown = found(version, probe.record());
        let written = probe.written(version, false);
        probe.answer(sent + 10, written);
        if probe.leads() {
            break;
        }
    }
    assert!((41_010..45_000).contains(&sent), "leads by a write of {sent}");
}

#[test]
fn a_takeover_that_was_sent_within_the_grace_and_is_answered_after_it_begins_no_belief() {
    // The grace lasts until 17010, and the record is waited out until 16010.
    let mut probe = created(16, 1010);
    let shown = found(OURS, probe.record());
    probe.at(11_010, Input::Wake);
    assert_eq!(probe.writes_at(&shown), 16_010);
    let won = probe.written(8, false);
    probe.answer(17_500, won);
    assert!(!probe.leads(), "{}", probe.brief());
    probe.wake_until_sent();
    let renewed = probe.written(9, false);
    probe.answer(probe.now + 10, renewed);
    assert!(probe.leads(), "{}", probe.brief());
}

#[test]
fn a_lease_that_is_re_created_within_the_grace_has_a_grace_of_its_own() {
    let mut probe = created(15, 1010);
    probe.at(2500, Input::Observed(Observed::Deleted));
    probe.answer(2510, Outcome::Absent);
    probe.wake_until_sent();
    let mut record = probe.record();
    let created = probe.now + 10;
    let second = |version| version_of("second", version);
    probe
        .answer(created, Outcome::Written { lease: Lease::new(second(20), record), created: true });
    let mut sent = 0;
    for version in 21..60 {
        assert!(!probe.leads() || sent >= created + 15_000, "leads by a write of {sent}");
        if probe.leads() {
            return;
        }
        probe.wake_until_sent();
        (sent, record) = (probe.now, probe.record());
        let version = second(version);
        probe.answer(
            sent + 10,
            Outcome::Written { lease: Lease::new(version, record), created: false },
        );
    }
    panic!("it never leads");
}

#[test]
fn a_create_without_an_answer_has_its_grace_from_the_first_read_of_its_record() {
    let mut probe = Probe::new(|config| config.create_grace = seconds(40));
    probe.at(1000, Input::Acquire);
    probe.answer(1010, Outcome::Absent);
    let mut shown = found(OURS, probe.record());
    probe.answer(1020, LOST);
    let mut first_read = None;
    let mut sent = 0;
    for version in 8..40 {
        while probe.last.send.is_none() {
            probe.wake();
        }
        first_read.get_or_insert(probe.now + 1);
        probe.writes_at(&shown);
        sent = probe.now;
        shown = found(version, probe.record());
        let written = probe.written(version, false);
        probe.answer(sent + 10, written);
        if probe.leads() {
            break;
        }
    }
    let ends = first_read.unwrap() + 40_000;
    assert!((ends..ends + 4000).contains(&sent), "leads by a write of {sent}, not of {ends}");
}

/// Creates at 1010 under a grace of so many seconds, answered at `answered`.
pub(crate) fn created(grace: u64, answered: u64) -> Probe {
    let mut probe = Probe::new(|config| config.create_grace = seconds(grace));
    probe.at(1000, Input::Acquire);
    probe.answer(1010, Outcome::Absent);
    let created = probe.written(OURS, true);
    probe.answer(answered, created);
    assert!(!probe.leads(), "{}", probe.brief());
    probe
}

/// Answers all renewals; returns when the one was sent that began belief.
pub(crate) fn renew_until_it_leads(probe: &mut Probe, latency: u64) -> u64 {
    for version in 8..60 {
        probe.wake_until_sent();
        let sent = probe.now;
        let renewed = probe.written(version, false);
        probe.answer(sent + latency, renewed);
        if probe.leads() {
            return sent;
        }
    }
    panic!("it never leads")
}
