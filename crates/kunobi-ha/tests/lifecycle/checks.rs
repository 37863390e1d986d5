//! A dependency that does not answer.

use std::time::Duration;

use crate::world::{World, eventually};

#[test]
fn a_check_that_never_returns_fails_after_three_and_holds_up_no_probe() {
    let world = World::new();
    let mut program = world.start("hung-check", "a");
    program.probe_becomes("/readyz", 200);
    let mut slowest = Duration::ZERO;
    let answer = eventually("it has failed", || {
        let answer = program.probe("/readyz");
        slowest = slowest.max(answer.took);
        (answer.status == 503).then_some(answer)
    });
    let asked = program.all("asked").len();
    assert_eq!(
        answer.body,
        "[-]database failed: reason withheld\n[+]shutdown ok\nreadyz check failed\n"
    );
    program.says("check fails: no answer within 100ms");
    println!("/readyz took {slowest:?} at most, and failed after question {asked}");
    assert!(asked >= 6, "three answers, and three that never came: {asked}");
    assert!(slowest < Duration::from_millis(500), "{slowest:?}");
    assert_eq!(program.probe("/livez").status, 200);
    program.terminate();
    assert_eq!(program.end().code, Some(0));
}

#[test]
fn a_check_that_blocks_its_thread_holds_up_no_probe() {
    let world = World::new();
    let mut program = world.start("blocking-check", "a");
    program.says("blocking");
    let answer = program.probe("/livez");
    assert_eq!(answer.status, 200);
    assert!(answer.took < Duration::from_millis(500), "{:?}", answer.took);
    assert_eq!(program.probe("/readyz").status, 503);
    program.says("check fails: ");
    program.terminate();
    assert_eq!(program.end().code, Some(0));
}
