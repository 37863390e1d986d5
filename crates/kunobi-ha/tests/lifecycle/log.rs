//! A writer of the log that blocks for ever.

use std::{thread, time::Duration};

use kunobi_ha_test::Faults;

use crate::world::{LEASE_DURATION, World, eventually, now};

#[test]
fn a_log_that_blocks_stops_neither_renewals_nor_probes_nor_the_end() {
    let world = World::new();
    let mut program = world.start("blocked-log", "a");
    program.probes();
    program.says("works in term");
    world.answer("a", 429, None);
    // The election logs this.
    program.says("the writer blocks");
    world.server.set_faults("a", Faults::default());
    let well = now();
    // The probes log the first result of each check.
    assert_eq!(program.probe("/readyz").status, 200);
    eventually("it is renewed for longer than a lease lasts", || {
        thread::sleep(Duration::from_millis(100));
        (world.last_renewal("a") > well + LEASE_DURATION).then_some(())
    });
    assert!(world.holds().iter().all(|hold| hold.transitions == 0), "it is the first term");
    assert_eq!(program.probe("/livez").status, 200);
    let signalled = program.terminate();
    let end = program.end();
    println!("ended {:?} after the signal", end.at - signalled);
    assert_eq!(end.code, Some(0));
    assert!(end.at - signalled < Duration::from_secs(3), "it took {:?}", end.at - signalled);
    assert_eq!(world.releases().len(), 1);
}

#[test]
fn a_failure_ends_a_program_whose_log_blocks() {
    let world = World::new();
    let mut program = world.start("blocked-log-failing", "a");
    program.says("works in term");
    let begun = now();
    let end = program.end();
    assert_eq!(end.code, Some(1));
    program.says("error: controllers failed: the work is not well");
    assert!(end.at - begun < Duration::from_secs(3), "it took {:?}", end.at - begun);
}

#[test]
fn what_was_said_is_written_before_a_program_that_cannot_begin_ends() {
    let world = World::new();
    let mut program = world.start("slow-log", "a");
    assert_eq!(program.end().code, Some(1));
    program.says("readiness is gated on leadership");
}
