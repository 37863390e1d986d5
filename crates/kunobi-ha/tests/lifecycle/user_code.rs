//! Code of the user's that is easily overlooked: `Drop`, `Display`, panic payloads, policies.

use std::time::Duration;

use crate::{program::Program, world::World};

#[test]
fn nothing_that_a_program_hands_over_runs_on_the_supervisors_thread() {
    let world = World::new();
    let mut program = world.start("witness", "a");
    program.says("a lead closure");
    program.says("drop of a check's error");
    assert_eq!(program.probe("/metrics").status, 200);
    world.overwrite_holder("intruder", 1);
    program.says("a policy");
    program.says_again("a lead closure", 2);
    program.terminate();
    assert_eq!(program.end().code, Some(0));
    elsewhere(
        &program,
        &[
            "a lead closure",
            "a policy",
            "a question",
            "a release hook",
            "a stop hook",
            "an always closure",
            "an encoder",
            "display of an error",
            "drop of a check's error",
            "drop of a lead future",
            "drop of a policy",
            "drop of a question",
            "drop of a release hook",
            "drop of a stop hook",
            "drop of an aborted future",
            "drop of an always future",
            "drop of an answer",
            "drop of an encoder",
            "drop of what always captured",
            "drop of what lead captured",
        ],
    );
}

#[test]
fn an_error_and_a_panic_end_on_the_threads_of_the_work() {
    let world = World::new();
    let mut program = world.start("witness-failing", "a");
    assert_eq!(program.end().code, Some(1));
    program.says("failing failed: told");
    elsewhere(&program, &["display of an error", "drop of an error", "drop of a panic"]);
}

#[test]
fn what_was_never_run_is_not_dropped_on_the_supervisors_thread_either() {
    let world = World::new();
    let mut program = world.start("witness-gone", "a");
    program.says("killing");
    assert_eq!(program.end().code, Some(1));
    let kinds = ["drop of a lead future", "drop of a stop hook", "drop of what lead captured"];
    elsewhere(&program, &kinds);
}

#[test]
fn what_takes_long_to_be_dropped_does_not_hold_up_the_end() {
    let world = World::new();
    let mut program = world.start("slow-drop", "a");
    program.says("works in term");
    let signalled = program.terminate();
    let end = program.end();
    program.says("dropping");
    assert_eq!(end.code, Some(0));
    assert!(end.at - signalled < Duration::from_secs(4), "it took {:?}", end.at - signalled);
    assert_eq!(world.releases().len(), 1);
}

#[test]
fn a_policy_that_does_not_answer_ends_the_program() {
    let world = World::new();
    let mut program = world.start("hung-policy", "a");
    program.says("works in term");
    let lost = world.overwrite_holder("intruder", 60);
    program.says("choosing");
    let end = program.end();
    assert_eq!(end.code, Some(1));
    program.says("the policy for a lost leadership did not choose within 1s");
    println!("ended {:?} after the loss", end.at - lost);
}

/// Checks that each of these was reported, and never on the supervisor's thread.
fn elsewhere(program: &Program, kinds: &[&str]) {
    assert_eq!(program.all("on thread \"kunobi-ha\""), Vec::<String>::new());
    let unsaid: Vec<_> = kinds.iter().filter(|kind| program.all(kind).is_empty()).collect();
    assert!(unsaid.is_empty(), "{unsaid:?}");
}
