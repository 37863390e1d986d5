//! Signals that come twice, or early.

use std::time::Duration;

use rustix::process::Signal;

use crate::world::{World, eventually};

#[test]
fn a_second_signal_ends_the_process_at_once_and_frees_nothing() {
    let mut best = Duration::MAX;
    for _ in 0..3 {
        let world = World::new();
        let mut program = world.start("endless", "a");
        program.says("writing");
        program.terminate();
        program.says("shutting down: SIGTERM");
        let second = program.terminate();
        let end = program.end();
        assert_eq!(end.code, Some(143));
        assert!(world.releases().is_empty());
        best = best.min(end.at - second);
        if best < PROMISED {
            break;
        }
    }
    println!("ended {best:?} after the second signal");
    assert!(best < PROMISED, "it took {best:?}");
}

#[test]
fn an_interrupt_after_a_termination_says_so_in_its_code() {
    let world = World::new();
    let mut program = world.start("endless", "a");
    program.says("writing");
    program.terminate();
    program.says("shutting down: SIGTERM");
    program.signal(Signal::INT);
    assert_eq!(program.end().code, Some(130));
}

#[test]
fn a_signal_before_there_is_a_client_ends_the_program() {
    let world = World::new();
    let mut program = world.start("start-up", "a");
    program.says("installed");
    let signalled = program.terminate();
    let end = program.end();
    assert_eq!(end.code, Some(0));
    assert!(end.at - signalled < SOON, "it took {:?}", end.at - signalled);
    assert!(world.requests_of("a").is_empty());
}

#[test]
fn a_standby_ends_at_a_signal_without_having_touched_the_lease() {
    let world = World::new();
    let leader = world.start("leader", "a");
    leader.says("works in term");
    let mut standby = world.start("leader", "b");
    eventually("it looks", || {
        world.requests_of("b").iter().any(|request| request.status.is_some()).then_some(())
    });
    let signalled = standby.terminate();
    let end = standby.end();
    assert_eq!(end.code, Some(0));
    assert!(end.at - signalled < SOON, "it took {:?}", end.at - signalled);
    assert!(world.requests_of("b").iter().all(|request| request.method == "GET"));

    // Nor does it contend when its leader goes at the same time.
    let standby = world.start("leader", "c");
    eventually("it looks", || (!world.requests_of("c").is_empty()).then_some(()));
    let asked = standby.terminate();
    leader.terminate();
    let mut programs = [standby, leader];
    assert!(programs.iter_mut().all(|program| program.end().code == Some(0)));
    assert!(world.holds().iter().all(|hold| hold.at < asked || hold.client == "a"));
    assert_eq!(world.releases().len(), 1);
}

const PROMISED: Duration = Duration::from_millis(100);
/// Much less than the grace period, which is 8 s.
const SOON: Duration = Duration::from_secs(3);
