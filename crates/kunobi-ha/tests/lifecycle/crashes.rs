//! Work that panics, work that is done, and an election whose task is gone.

use std::time::Duration;

use crate::world::{World, now};

#[test]
fn work_that_panics_in_every_process_passes_the_lease_on_once_in_a_lease_duration() {
    let world = World::new();
    let mut begun = Vec::new();
    for number in 0..RESTARTS {
        let mut program = world.start("panicking", &format!("a{number}"));
        assert_eq!(program.end().code, Some(1));
        program.says("controllers panicked: no configuration");
        let taken = world.holds();
        let taken = taken.iter().find(|hold| hold.holder == format!("a{number}")).unwrap();
        begun.push((taken.at, taken.transitions));
    }
    assert!(world.releases().is_empty());
    let gaps: Vec<_> = begun.windows(2).map(|pair| pair[1].0 - pair[0].0).collect();
    println!("{RESTARTS} crashes; from term to term at least {:?}", gaps.iter().min().unwrap());
    assert!(gaps.iter().all(|gap| *gap >= LEASE_OF_ONE_SECOND), "{gaps:?}");
    assert_eq!(begun.last().unwrap().1, i64::from(RESTARTS) - 1, "one transition for each");
}

#[test]
fn a_waker_that_panics_leaves_no_process_that_hears_no_signal() {
    let world = World::new();
    let mut program = world.start("panicking-waker", "a");
    program.says("works in term");
    program.terminate();
    assert_eq!(program.end().code, Some(1));
    program.says("the shutdown failed: it can't be woken");
}

#[test]
fn a_process_whose_election_is_gone_ends() {
    let world = World::new();
    let mut program = world.start("killed", "a");
    program.says("killing");
    let killed = now();
    let end = program.end();
    println!("ended {:?} after its runtime", end.at.saturating_sub(killed));
    assert_eq!(end.code, Some(1));
    // Work and the election go with their runtime: who notices first is not known.
    let told = |words: &str| !program.all(words).is_empty();
    assert!(told("its task is gone") || told("its runtime is gone"));
    assert!(end.at.saturating_sub(killed) < Duration::from_secs(4), "half of its grace period");
    assert!(world.releases().is_empty());
}

const RESTARTS: u32 = 10;
const LEASE_OF_ONE_SECOND: Duration = Duration::from_secs(1);
