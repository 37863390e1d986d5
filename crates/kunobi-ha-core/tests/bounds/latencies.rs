//! The latencies below which nothing is lost, and that above them something is.

use std::time::Duration;

use crate::bounds::{
    case::{Case, Cast},
    network::{Mishap, Wreck},
    promises::each_case,
    takeovers::{next_leader, settled},
    world::World,
};

const ALL: Cast = Cast { least: 1, most: 3, watching: false };

#[test]
fn nothing_is_lost_where_every_request_takes_less_than_the_steady_latency() {
    each_case(ALL, |case| {
        let slowest = case.bounds().steady_latency.mul_f64(0.98);
        for latency in [Duration::from_nanos(case.latency), slowest] {
            loses_nothing(&case.clone().with_latency(latency), None)?;
        }
        Ok(())
    });
}

#[test]
fn something_is_lost_where_every_request_takes_longer_than_the_steady_latency() {
    each_case(ALL, |case| {
        let latency = case.bounds().steady_latency.mul_f64(1.05);
        let mut world = World::new(&case.clone().with_latency(latency), 0);
        // No candidate waits for longer than the answers under which a leader lasts.
        if next_leader(&mut world).is_err() {
            return Ok(());
        }
        world.run_for(2 * case.lease());
        if world.lost.is_empty() { Err("nothing was lost".into()) } else { Ok(()) }
    });
}

#[test]
fn nothing_is_lost_where_one_request_hangs_and_others_are_quick_enough() {
    each_case(ALL, |case| {
        let latency = case.bounds().hung_request_latency.mul_f64(0.98);
        loses_nothing(&case.clone().with_latency(latency), Some(Wreck::RequestHangs))
    });
}

#[test]
fn something_is_lost_where_one_request_hangs_and_others_are_too_slow() {
    each_case(ALL, |case| {
        let latency = case.bounds().hung_request_latency.mul_f64(1.05);
        loses_something(&case.clone().with_latency(latency), Wreck::RequestHangs)
    });
}

#[test]
fn nothing_is_lost_where_one_answer_is_lost_and_others_are_quick_enough() {
    each_case(ALL, |case| {
        let latency = case.bounds().lost_answer_latency.mul_f64(0.98);
        loses_nothing(&case.clone().with_latency(latency), Some(Wreck::AnswerIsLost))
    });
}

#[test]
fn something_is_lost_where_one_answer_is_lost_and_others_are_too_slow() {
    each_case(ALL, |case| {
        let latency = case.bounds().lost_answer_latency.mul_f64(1.05);
        loses_something(&case.clone().with_latency(latency), Wreck::AnswerIsLost)
    });
}

fn loses_nothing(case: &Case, wreck: Option<Wreck>) -> Result<(), String> {
    for phase in 0..PHASES {
        let world =
            after(case, phase, wreck.map(|kind| Mishap { kind, first_only: phase % 2 == 0 }))?;
        if let Some(lost) = world.lost.first() {
            let latency = case.latency;
            return Err(format!("phase {phase}, {latency} ns: lost at {lost} ns"));
        }
    }
    Ok(())
}

/// The bound is that of the latest second request there may be.
fn loses_something(case: &Case, wreck: Wreck) -> Result<(), String> {
    let case = case.clone().with_a_late_second_request();
    for phase in 0..PHASES {
        let mishap = Mishap { kind: wreck, first_only: true };
        if !after(&case, phase, Some(mishap))?.lost.is_empty() {
            return Ok(());
        }
    }
    Err(format!("nothing was lost, {} ns", case.latency))
}

fn after(case: &Case, phase: u64, mishap: Option<Mishap>) -> Result<World, String> {
    let mut world = settled(case, phase)?;
    world.mishap = mishap;
    world.run_for(2 * case.lease());
    Ok(world)
}

const PHASES: u64 = 6;
