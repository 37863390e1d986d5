//! A leader that is stopped (SIGSTOP) for longer than its lease, and goes on.

use rustix::process::Signal;

use crate::world::{World, eventually};

#[test]
fn a_leader_that_was_stopped_for_longer_than_its_lease_works_no_more() {
    let world = World::new();
    let mut stopped = world.start("ticking", "a");
    stopped.says_again("tick at", 3);
    let mut next = world.start("leader", "b");
    eventually("it reads the Lease", || (!world.requests_of("b").is_empty()).then_some(()));
    stopped.signal(Signal::STOP);
    next.says("works in term");
    let ticks = stopped.all("tick at").len();
    stopped.signal(Signal::CONT);
    assert_eq!(stopped.end().code, Some(4));
    let after = stopped.all("tick at").split_off(ticks);
    assert!(after.iter().all(|line| line.contains("leads: false")), "{after:?}");
    next.terminate();
    assert_eq!(next.end().code, Some(0));
    let holds = world.holds();
    let first = holds.iter().position(|hold| hold.client == "b").unwrap();
    assert!(holds[first..].iter().all(|hold| hold.client == "b"), "{holds:?}");
}
