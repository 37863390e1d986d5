//! How long a replica that keeps losing its terms is to wait.

use kunobi_ha_core::Input;

use crate::transitions::{
    grace::{created, renew_until_it_leads},
    probe::{Probe, event, foreign, found, seconds},
};

#[test]
fn terms_that_are_lost_within_a_lease_duration_make_the_wait_grow_to_a_minute() {
    let mut probe = Probe::new(|_| {});
    for (nth, wait) in (0..).zip([0, 1, 2, 4, 8, 16, 32, 60, 60]) {
        assert_eq!(probe.elector.flap_backoff(), seconds(wait));
        let begin = 100_000 * (nth + 1);
        lead(&mut probe, begin, nth * 10 + 5);
        renew(&mut probe, begin + 9_000, nth * 10 + 7);
        probe.at(begin + 14_999, event(nth * 10 + 8, foreign(1)));
        assert!(probe.brief().contains("ended"), "{}", probe.brief());
    }
}

#[test]
fn a_term_that_lasts_a_lease_duration_ends_the_waits_and_one_that_was_given_up_adds_none() {
    let mut probe = Probe::new(|_| {});
    lead(&mut probe, 100_000, 5);
    probe.at(101_000, event(8, foreign(1)));
    assert_eq!(probe.elector.flap_backoff(), seconds(1));
    lead(&mut probe, 200_000, 15);
    probe.at(201_000, Input::StepDown);
    assert!(probe.brief().contains("Cancelled"), "{}", probe.brief());
    assert_eq!(probe.elector.flap_backoff(), seconds(1));
    let freed = probe.written(19, false);
    probe.answer(201_010, freed);
    lead(&mut probe, 300_000, 25);
    renew(&mut probe, 309_000, 27);
    probe.at(315_000, event(28, foreign(1)));
    assert!(probe.brief().contains("HolderChanged"), "{}", probe.brief());
    assert_eq!(probe.elector.flap_backoff(), seconds(0));
}

/// Takes a released Lease of this version at `begin`.
fn lead(probe: &mut Probe, begin: u64, version: u64) {
    probe.at(begin, Input::Acquire);
    let mut free = foreign(0);
    free.holder = None;
    free.transitions = Some(1000);
    probe.answer(begin, found(version, free));
    let won = probe.written(version + 1, false);
    probe.answer(begin, won);
    assert!(probe.leads(), "{}", probe.brief());
}

#[test]
fn a_long_term_that_its_user_ends_ends_the_waits_too() {
    for end in [Input::StepDown, Input::Stop] {
        let mut probe = Probe::new(|_| {});
        lead(&mut probe, 100_000, 5);
        probe.at(101_000, event(8, foreign(1)));
        assert_eq!(probe.elector.flap_backoff(), seconds(1));
        lead(&mut probe, 200_000, 15);
        renew(&mut probe, 209_000, 17);
        probe.at(215_000, end);
        assert_eq!(probe.elector.flap_backoff(), seconds(0));
    }
}

fn renew(probe: &mut Probe, at: u64, version: u64) {
    probe.at(at, Input::Wake);
    let renewed = probe.written(version, false);
    probe.answer(at, renewed);
    assert!(probe.leads(), "{}", probe.brief());
}

#[test]
fn the_time_in_which_a_grace_ran_is_not_part_of_the_term() {
    let mut probe = created(60, 1020);
    let led = renew_until_it_leads(&mut probe, 10);
    probe.at(led + 1_000, event(1_000, foreign(1)));
    assert!(probe.brief().contains("HolderChanged"), "{}", probe.brief());
    assert_eq!(probe.elector.flap_backoff(), seconds(1));
}
