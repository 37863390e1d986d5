//! How soon a replica leads that is wished for, and what a wish costs for one that never comes.

use kunobi_ha_core::{Hints, Input, Notice, TimingConfig};

use crate::endurance::{
    fleet::{Fleet, name},
    world::{SECOND, nanos},
};

// rules P2 and P3
#[test]
fn who_is_wished_for_leads_next() {
    for watches in [false, true] {
        for who in [1, 2] {
            let (fleet, gap) = wished(&name(who), watches);
            assert_eq!(fleet.leader(), Some(who), "{:?}", fleet.terms);
            println!("watching {watches}: {} ms without a leader", gap / (SECOND / 1000));
            let most = if watches { 3 * ROUND_TRIP } else { RETRY + 3 * ROUND_TRIP };
            assert!(gap <= most, "{gap} ns");
        }
    }
}

// rule P4
#[test]
fn a_wish_for_a_name_that_nobody_has_costs_little() {
    for watches in [false, true] {
        let (fleet, gap) = wished("nobody", watches);
        println!("watching {watches}: {} ms without a leader", gap / (SECOND / 1000));
        let most = RETRY * 3 / 2 + if watches { 0 } else { RETRY } + 3 * ROUND_TRIP;
        assert!((RETRY * 3 / 2..=most).contains(&gap), "{gap} ns");
        let told = |(_, notice): &(usize, Notice)| matches!(notice, Notice::SuccessorAbsent { .. });
        // Each of those that bid says so.
        assert!((1..=2).contains(&fleet.told.iter().filter(|told_by| told(told_by)).count()));
    }
}

/// Wishes that this one leads; returns how long nobody led.
fn wished(whom: &str, watches: bool) -> (Fleet, u64) {
    let mut fleet = Fleet::new(TimingConfig::default(), &[ROUND_TRIP; 3], watches);
    fleet.run_for(30 * SECOND);
    fleet.annotate(Hints { wish: Some(whom.into()), ..Hints::default() });
    let (now, most) = (fleet.now, RETRY + 2 * ROUND_TRIP);
    let is_told =
        |fleet: &Fleet| fleet.told.iter().any(|told| matches!(told.1, Notice::Wished { .. }));
    assert!(fleet.run_until(now + most, is_told), "a leader hears of a wish by its next renewal");
    fleet.tell_later(0, 0, Input::StepDown);
    fleet.run_until(fleet.now + SECOND, |fleet| fleet.leader().is_none());
    let ended = fleet.now;
    assert!(fleet.run_until(ended + 20 * SECOND, |fleet| fleet.leader().is_some()));
    let gap = fleet.now - ended;
    fleet.run_for(60 * SECOND);
    let wishes = fleet.told.iter().filter(|told| matches!(told.1, Notice::Wished { .. }));
    assert_eq!(wishes.count(), 1);
    (fleet, gap)
}

const ROUND_TRIP: u64 = SECOND / 50;
const RETRY: u64 = 2 * SECOND;

#[test]
fn the_figures_above_are_of_the_usual_timing() {
    assert_eq!(nanos(TimingConfig::default().retry_period), RETRY);
}
