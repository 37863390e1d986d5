//! The order at the end, and what a policy chooses.

use std::time::Duration;

use rustix::process::Signal;

use crate::{
    http,
    world::{World, eventually, now},
};

#[test]
fn probes_are_answered_to_the_end_and_say_that_it_comes() {
    let world = World::new();
    let mut program = world.start("order", "a");
    program.says("works in term");
    program.probe_becomes("/readyz", 200);
    program.terminate();
    let answer = program.probe_becomes("/readyz", 503);
    assert_eq!(
        answer.body,
        "[+]leader-election ok\n[-]shutdown failed: reason withheld\nreadyz check failed\n"
    );
    assert!(program.all("drains").is_empty(), "everything still serves");
    assert_eq!(program.probe("/leaderz").status, 200);

    program.says("server drains");
    program.says("controllers end");
    program.probe_becomes("/leaderz", 503);
    eventually("the lease is freed", || (world.releases().len() == 1).then_some(()));
    assert!(program.all("server ends").is_empty(), "the lease does not wait for it");
    assert_eq!(program.probe("/livez").status, 200);
    program.says("last words begin");
    assert_eq!(program.all("server ends").len(), 1);
    assert_eq!(program.probe("/livez").status, 200);
    let address = program.probes();
    let mut answered = now();
    eventually("nobody answers", || match http::get(address, "/livez") {
        Ok(_) => {
            answered = now();
            None
        }
        Err(_) => Some(()),
    });
    let end = program.end();
    program.says("last words end");
    assert_eq!(end.code, Some(0));
    let silence = end.at.saturating_sub(answered);
    println!("the last probe was answered {silence:?} before the end");
    assert!(silence < Duration::from_secs(1), "{silence:?}");
}

#[test]
fn an_interrupt_skips_the_delay_and_a_hung_release_takes_no_more_than_its_budget() {
    let world = World::new();
    let mut program = world.start("order", "a");
    program.says("works in term");
    world.cut_off("a");
    let interrupted = program.signal(Signal::INT);
    program.says("controllers end");
    assert!(now() - interrupted < Duration::from_secs(1), "no second of being unready first");
    let end = program.end();
    assert_eq!(end.code, Some(0));
    program.says("not released: lease");
    assert!(world.releases().is_empty());
    let took = end.at - interrupted;
    println!("with a hung release the end took {took:?}");
    assert!(took < Duration::from_secs(8), "{took:?}");
}

#[test]
fn a_policy_chooses_by_the_reason_and_always_work_goes_on() {
    let world = World::new();
    let mut program = world.start("policy", "a");
    program.says("works in term");
    world.overwrite_holder("intruder", 1);
    program.says("contending again in 1s");
    program.says_again("works in term ", 2);
    let fences = program.all("works in term ");
    let fence = |line: &str| line.rsplit_once(' ').unwrap().1.parse::<u64>().unwrap();
    assert!(fence(&fences[0]) < fence(&fences[1]), "{fences:?}");
    let ticks: Vec<_> = program
        .all("always ")
        .iter()
        .map(|line| line.rsplit_once(' ').unwrap().1.parse().unwrap())
        .map(Duration::from_nanos)
        .collect();
    let pause = ticks.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap();
    assert!(pause < Duration::from_secs(1), "always-work paused for {pause:?}");

    world.cut_off("a");
    assert_eq!(program.end().code, Some(4));
    assert!(world.releases().is_empty());
}
