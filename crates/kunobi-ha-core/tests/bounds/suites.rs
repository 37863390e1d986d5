//! The time that something takes, for each kind of it.

use std::time::Duration;

use kunobi_ha_core::{Bound, Bounds, Timing, TimingConfig};

use crate::bounds::{
    case::{Case, Cast, nanos},
    promises::{PHASES, each_case, holds, holds_tightly, is_never_exceeded},
    takeovers::{
        crash, cut_off, death, early_crash, early_step_down, lost_create,
        lost_create_after_deletion, outage, step_down,
    },
};

const POLLING: Cast = Cast { least: 2, most: 4, watching: false };
const WATCHING: Cast = Cast { least: 2, most: 4, watching: true };
const CROWD: Cast = Cast { least: 3, most: 4, watching: false };
const CROWD_WATCHING: Cast = Cast { least: 3, most: 4, watching: true };
const ALONE: Cast = Cast { least: 1, most: 1, watching: false };

#[test]
fn a_crash_is_over_within_its_bound_where_followers_poll() {
    each_case(POLLING, |case| holds(case, case.at(|bounds| bounds.crash_polling), crash));
    each_case(CROWD, |case| holds(case, case.at(|bounds| bounds.crash_polling), early_crash));
}

#[test]
fn a_crash_is_over_within_its_bound_where_followers_watch() {
    each_case(WATCHING, |case| holds(case, case.at(|bounds| bounds.crash_watching), crash));
    each_case(CROWD_WATCHING, |case| {
        holds(case, case.at(|bounds| bounds.crash_watching), early_crash)
    });
}

#[test]
fn a_death_that_is_told_is_over_within_its_bound() {
    for (cast, bound) in [(POLLING, DEATH_POLLING), (WATCHING, DEATH_WATCHING)] {
        // With odd timings, the record has its age before that, or is never read so late.
        each_case(cast, |case| is_never_exceeded(case, case.at(bound), death));
        let usual =
            Case { timing: Timing::new(TimingConfig::default()).unwrap(), ..Case::draw(0, cast) };
        let usual = usual.with_latency(Duration::from_millis(20));
        holds(&usual, usual.at(bound), death).unwrap();
    }
}

const DEATH_POLLING: fn(Bounds) -> Bound = |bounds| bounds.death_polling;
const DEATH_WATCHING: fn(Bounds) -> Bound = |bounds| bounds.death_watching;

#[test]
fn a_leader_that_an_outage_has_cost_its_term_leads_again_within_its_bound() {
    for cast in [ALONE, POLLING, WATCHING] {
        each_case(cast, |case| {
            let prompt = case.bounds().belief / 8;
            let latency = Duration::from_nanos(case.latency).min(prompt);
            let case = case.clone().with_latency(latency);
            holds(&case, case.at(|bounds| bounds.outage), outage)
        });
    }
}

#[test]
fn a_step_down_hands_over_within_its_bound_where_followers_poll() {
    each_case(POLLING, |case| {
        let bound = case.at(|bounds| bounds.release_polling);
        holds_tightly(case, release_polling(case), bound, step_down)
    });
    each_case(CROWD, |case| is_never_exceeded(case, release_polling(case), early_step_down));
}

/// Where that is longer than a lease, followers bid for the old record, in vain, meanwhile.
fn release_polling(case: &Case) -> u64 {
    let bound = case.at(|bounds| bounds.release_polling);
    if bound > case.lease() { bound + 2 * case.latency } else { bound }
}

#[test]
fn a_step_down_hands_over_within_its_bound_where_followers_watch() {
    each_case(WATCHING, |case| holds(case, case.at(|bounds| bounds.release_watching), step_down));
    each_case(CROWD_WATCHING, |case| {
        is_never_exceeded(case, case.at(|bounds| bounds.release_watching), early_step_down)
    });
}

#[test]
fn a_lost_create_costs_a_lone_replica_what_its_bound_says() {
    each_case(ALONE, |case| holds(case, case.at(|bounds| bounds.lost_create), lost_create));
}

#[test]
fn a_lost_create_costs_several_replicas_what_its_bound_says() {
    for cast in [POLLING, WATCHING] {
        each_case(cast, |case| {
            is_never_exceeded(case, case.at(|bounds| bounds.lost_create), lost_create)?;
            is_never_exceeded(case, case.at(|bounds| bounds.lost_create_among_several), lost_create)
        });
    }
    each_case(CROWD, |case| {
        if case.polls_rarely() {
            // A bid that the deletion meets is one more mishap: a second conflict in a row.
            return Ok(());
        }
        holds(case, case.at(|bounds| bounds.lost_create_among_several), lost_create_after_deletion)
    });
}

#[test]
fn belief_ends_exactly_when_it_is_said_to_and_leaves_the_time_to_stop() {
    for cast in [POLLING, WATCHING] {
        each_case(cast, leaves_time_to_stop);
    }
}

fn leaves_time_to_stop(case: &Case) -> Result<(), String> {
    let promised = nanos(case.bounds().time_to_stop);
    let mut shortest = u64::MAX;
    for phase in 0..PHASES {
        let cut = cut_off(case, phase).map_err(|what| format!("phase {phase}: {what}"))?;
        if cut.belief != nanos(case.bounds().belief) {
            return Err(format!("phase {phase}: belief of {} ns", cut.belief));
        }
        if cut.left < promised {
            return Err(format!("phase {phase}: {} ns left, not {promised} ns", cut.left));
        }
        shortest = shortest.min(cut.left);
    }
    if shortest > promised + case.period() + case.latency {
        return Err(format!("never less than {shortest} ns left, where {promised} ns is said"));
    }
    Ok(())
}
