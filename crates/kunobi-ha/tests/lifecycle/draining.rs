//! A signal during work: the Lease is freed after the work, or not at all.

use std::time::Duration;

use crate::world::World;

#[test]
fn the_lease_is_freed_after_the_reconcile_that_a_signal_met() {
    let world = World::new();
    let mut program = world.start("reconcile", "a");
    program.says("writing 2");
    let signalled = program.terminate();
    let end = program.end();

    assert_eq!(end.code, Some(0));
    program.says("reconcile done");
    let writes = world.map_writes();
    assert_eq!(writes.len(), 10, "it was not cut short");
    let (last_write, place, _) = writes.last().unwrap();
    let releases = world.releases();
    let [release] = &releases[..] else { panic!("one release: {releases:?}") };
    assert!(*place < release.sequence && *last_write < release.at);
    let renewals = world.holds().into_iter().filter(|hold| hold.holder == "a");
    let renewals = renewals.filter(|hold| hold.at > signalled && hold.at < *last_write).count();
    assert!(renewals >= 1, "it goes on renewing while work drains");

    println!("after SIGTERM:");
    for write in world.server.history().iter().filter(|write| world.at(write.at_us) > signalled) {
        let holder = &write.object["spec"]["holderIdentity"];
        let (at, path) = (world.at(write.at_us).saturating_sub(signalled), &write.path);
        let (_, name) = path.rsplit_once("/default/").unwrap();
        println!("  {:>6} ms {} {name} holder {holder}", at.as_millis(), write.method);
    }
    println!("  {:>6} ms exit 0", (end.at - signalled).as_millis());
}

#[test]
fn a_reconcile_that_blocks_a_thread_ends_with_the_process_and_keeps_the_lease() {
    let world = World::new();
    let mut program = world.start("blocking", "a");
    program.says("blocking");
    let signalled = program.terminate();
    let end = program.end();

    assert_eq!(end.code, Some(3));
    program.says("still running: blocking_reconcile");
    assert!(world.releases().is_empty());
    assert!(end.at - signalled < GRACE, "it took {:?}", end.at - signalled);
}

/// The environment of these programs.
const GRACE: Duration = Duration::from_secs(4);
