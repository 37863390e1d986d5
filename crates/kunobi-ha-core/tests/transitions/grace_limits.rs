//! Which Leases have a create grace, and until when.

use kunobi_ha_core::{Input, Lease, Observed, Outcome, Request};

use crate::transitions::{
    grace::{created, renew_until_it_leads},
    phases::OURS,
    probe::{LOST, Probe, foreign, found, seconds, version_of},
};

/// Creates under a grace of a minute; the create is under way since 1010.
fn creating_under_a_grace() -> Probe {
    let mut probe = Probe::new(|config| config.create_grace = seconds(60));
    probe.at(1000, Input::Acquire);
    probe.answer(1010, Outcome::Absent);
    probe
}

// rule 7: a create counts only with status 201
#[test]
fn a_create_that_overwrote_a_lease_gives_it_no_grace() {
    let mut probe = creating_under_a_grace();
    let overwrote = probe.written(OURS, false);
    probe.answer(1020, overwrote);
    probe.writes_at(&found(8, foreign(1)));
    let won = probe.written(9, false);
    probe.answer(probe.now + 10, won);
    assert!(probe.leads(), "{}", probe.brief());
}

// rule 16: a term that has begun is over its grace
#[test]
fn a_re_creation_that_was_refused_leaves_the_term_no_second_grace() {
    let mut probe = created(14, 1010);
    let shown = found(OURS, probe.record());
    probe.at(1500, Input::Observed(Observed::Deleted));
    probe.answer(1510, Outcome::Absent);
    probe.wake_until_sent();
    assert!(matches!(probe.newest().request, Request::Create { .. }), "{}", probe.brief());
    probe.answer(probe.now + 1, Outcome::Conflict);
    probe.wake_until_sent();
    probe.answer(probe.now + 1, shown);
    renew_until_it_leads(&mut probe, 10);
    // A leader that reads its own Lease, and then loses it to nobody.
    let shown = found(30, probe.record());
    probe.wake_to_read();
    probe.answer(probe.now + 1, shown.clone());
    let lapses = probe.now + 10_000;
    probe.at(lapses, Input::Wake);
    assert!(probe.brief().starts_with("ended"), "{}", probe.brief());
    probe.at(lapses + 1, Input::Acquire);
    probe.writes_at(&shown);
    let won = probe.written(31, false);
    probe.answer(probe.now + 10, won);
    assert!(probe.leads(), "{}", probe.brief());
}

#[test]
fn a_create_that_was_lost_before_many_attempts_of_another_bid_still_has_its_grace() {
    let mut probe = creating_under_a_grace();
    let lost = probe.record();
    probe.answer(1020, LOST);
    probe.wake_to_read();
    probe.answer(probe.now + 1, found(5, foreign(0)));
    probe.wake_to_send();
    probe.answer(probe.now + 1, Outcome::Absent);
    for _ in 0..10 {
        probe.writes_at(&Outcome::Absent);
        assert!(matches!(probe.newest().request, Request::Create { .. }), "{}", probe.brief());
        assert_ne!(probe.record().acquire_time, lost.acquire_time);
        probe.answer(probe.now + 1, LOST);
    }
    probe.wake_to_read();
    let shown = Lease::new(version_of("late", 9), lost);
    probe.writes_at(&Outcome::Found(shown));
    let won = Lease::new(version_of("late", 10), probe.record());
    probe.answer(probe.now + 10, Outcome::Written { lease: won, created: false });
    assert!(probe.brief().starts_with("following me"), "{}", probe.brief());
}
