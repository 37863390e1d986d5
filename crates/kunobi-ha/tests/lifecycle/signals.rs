//! Signals that come twice, or early.

use std::{thread, time::Duration};

use rustix::process::Signal;

use crate::world::{World, now};

#[test]
fn a_second_interrupt_ends_the_process_at_once_and_frees_nothing() {
    let mut best = Duration::MAX;
    for _ in 0..3 {
        let world = World::new();
        let mut program = world.start("endless", "a");
        program.says("writing");
        program.signal(Signal::INT);
        program.says("shutting down: SIGINT");
        let second = program.signal(Signal::INT);
        let end = program.end();
        assert_eq!(end.code, Some(130));
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
fn a_termination_that_is_repeated_within_a_second_changes_nothing() {
    let world = World::new();
    let mut program = world.start("reconcile", "a");
    program.says("writing 2");
    program.terminate();
    program.says("shutting down: SIGTERM");
    for _ in 0..3 {
        program.terminate();
    }
    program.says("SIGTERM again");
    let end = program.end();
    assert_eq!(end.code, Some(0));
    program.says("reconcile done");
    assert_eq!(world.releases().len(), 1);
}

#[test]
fn a_later_termination_hurries_and_a_third_ends_the_process() {
    let world = World::new();
    let mut program = world.start("endless", "a");
    program.says("writing");
    let mut impatient = world.start("patient-standby", "b");
    impatient.says("digging");
    let first = now();
    for program in [&program, &impatient] {
        program.terminate();
        program.says("shutting down: SIGTERM");
    }
    thread::sleep((first + REPEATED).saturating_sub(now()));
    impatient.terminate();
    impatient.says("in a hurry");
    thread::sleep(MORE_THAN_AN_ECHO);
    impatient.terminate();
    let hurried = program.terminate();
    assert_eq!(impatient.end().code, Some(143));

    let end = program.end();
    assert_eq!(end.code, Some(3));
    program.says("in a hurry: work has 2.5s at most to end");
    program.says("cut by a signal; still running: endless_reconcile");
    program.says("lease is not released but left to run out");
    assert!(world.releases().is_empty());
    let took = end.at - hurried;
    println!("ended {took:?} after the second signal");
    assert!(took < HURRY + STOP, "it took {took:?}");
}

#[test]
fn another_stop_signal_can_be_chosen() {
    let world = World::new();
    let mut program = world.start("quit", "a");
    program.says("works in term");
    program.signal(Signal::QUIT);
    program.says("shutting down: signal 3");
    assert_eq!(program.end().code, Some(0));
    assert_eq!(world.releases().len(), 1);
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

/// After this time, a second SIGTERM does not count as a repetition of the first.
const REPEATED: Duration = Duration::from_millis(1_300);
const MORE_THAN_AN_ECHO: Duration = Duration::from_millis(60);
const HURRY: Duration = Duration::from_secs(3);
/// The time that the programs have for their end, and what a busy machine adds.
const STOP: Duration = Duration::from_secs(2);
const PROMISED: Duration = Duration::from_millis(100);
/// Much less than the grace period, which is 8 s.
const SOON: Duration = Duration::from_secs(3);
