//! Programs all of whose threads are blocked.

use std::time::Duration;

use rustix::process::Signal;

use crate::{
    program::Program,
    world::{LEASE_DURATION, RENEW_DEADLINE, World, now},
};

#[test]
fn a_standby_that_blocks_every_worker_is_not_alive_and_hears_both_signals() {
    let world = World::new();
    let _leader = leader(&world);
    let mut program = world.start("blocked", "b");
    program.says_again("blocking", 2);
    assert_eq!(program.probe("/livez").status, 200, "for now");
    let answer = program.probe_becomes("/livez", 503);
    assert_eq!(answer.body, "[-]leader-election failed: reason withheld\nlivez check failed\n");
    program.says("the election has not run for");
    program.terminate();
    program.says("shutting down: SIGTERM");
    assert_eq!(program.probe("/readyz").status, 503);
    program.signal(Signal::INT);
    assert_eq!(program.end().code, Some(130));
}

#[test]
fn a_standby_that_blocks_its_only_thread_ends_within_the_grace_period() {
    let world = World::new();
    let _leader = leader(&world);
    let mut program = world.start("blocked-single", "b");
    program.says("blocking");
    let signalled = program.terminate();
    program.probe_becomes("/readyz", 503);
    let end = program.end();
    assert_eq!(end.code, Some(3));
    program.says("still running: digger");
    assert!(program.all("not released").is_empty(), "it held nothing");
    assert!(program.all("did not end in time").is_empty());
    assert!(end.at - signalled < GRACE, "it took {:?}", end.at - signalled);
}

#[test]
fn a_leader_that_blocks_its_only_thread_ends_before_another_leads() {
    let world = World::new();
    let mut program = world.start("blocked-leader-single", "a");
    program.says("blocking");
    assert_eq!(program.probe("/livez").status, 200);
    program.probe_becomes("/leaderz", 503);
    let end = program.end();
    assert_eq!(end.code, Some(4));
    program.says("leader work can't be stopped: controllers");
    let lasted = end.at - world.last_renewal("a");
    println!("ended {lasted:?} after the last renewal; others wait {LEASE_DURATION:?}");
    assert!(lasted >= RENEW_DEADLINE && lasted < LEASE_DURATION, "{lasted:?}");
    assert!(world.releases().is_empty());
}

#[test]
fn a_thread_that_blocks_does_not_keep_a_process_that_has_drained() {
    let world = World::new();
    let mut program = world.start("blocked-thread", "a");
    program.says("blocking");
    program.terminate();
    program.says("stopped; released: lease; exit code 0");
    let reported = now();
    let end = program.end();
    assert_eq!(end.code, Some(0));
    let took = end.at.saturating_sub(reported);
    println!("ended {took:?} after its report");
    assert!(took < STOP_BUDGET + Duration::from_secs(1), "{took:?}");
    assert_eq!(world.releases().len(), 1);
}

fn leader(world: &World) -> Program {
    let leader = world.start("leader", "a");
    leader.says("works in term");
    leader
}

/// The environment of these programs.
const GRACE: Duration = Duration::from_secs(4);
const STOP_BUDGET: Duration = Duration::from_millis(500);
