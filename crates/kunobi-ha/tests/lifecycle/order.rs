//! The order at the end.

use std::time::Duration;

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
    assert_eq!((end.code, program.all("main has the report").len()), (Some(0), 1));
    let silence = end.at.saturating_sub(answered);
    println!("the last probe was answered {silence:?} before the end");
    assert!(silence < Duration::from_secs(1), "{silence:?}");
}
