//! A server that says nothing to a release.

use std::time::Duration;

use crate::world::World;

#[test]
fn a_process_whose_release_hangs_ends_within_its_budget() {
    let world = World::new();
    let mut program = world.start("blocked-thread", "a");
    program.says("blocking");
    world.cut_off("a");
    let signalled = program.terminate();
    let end = program.end();
    program.says("not released");
    println!("ended with {:?} {:?} after the signal", end.code, end.at - signalled);
    assert!(end.at - signalled < GRACE, "{:?}", end.at - signalled);
    assert!(world.releases().is_empty());
}

/// The release budget of these programs is one second of a grace period of twenty.
const GRACE: Duration = Duration::from_secs(5);
