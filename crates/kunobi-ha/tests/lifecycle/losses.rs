//! Leadership that is lost: work ends before another replica may lead.

use serde_json::json;

use crate::{
    program::Program,
    world::{LEASE, LEASE_DURATION, RENEW_DEADLINE, RETRY_PERIOD, World},
};

#[test]
fn work_has_ended_when_a_silent_api_server_lets_the_lease_run_out() {
    let world = World::new();
    let program = ticking(&world);
    world.cut_off("a");
    work_ends_in_time(&world, program);
}

#[test]
fn work_has_ended_when_a_busy_api_server_lets_the_lease_run_out() {
    let world = World::new();
    let program = ticking(&world);
    world.answer("a", 503, Some(30));
    work_ends_in_time(&world, program);
}

fn ticking(world: &World) -> Program {
    let program = world.start("ticking", "a");
    program.says_again("tick at", 3);
    program
}

fn work_ends_in_time(world: &World, mut program: Program) {
    let end = program.end();
    let renewed = world.last_renewal("a");
    assert_eq!(end.code, Some(4));
    program.says("renew deadline");
    let worked = program.last_tick().saturating_sub(renewed);
    println!("work went on for {worked:?} after the last renewal; others wait {LEASE_DURATION:?}");
    assert!(worked >= RENEW_DEADLINE, "it had until then, and some time to stop");
    assert!(worked < LEASE_DURATION);
    assert!(world.releases().is_empty());
    let late = renewed + RENEW_DEADLINE + RETRY_PERIOD / 2;
    let requests = world.requests_of("a");
    assert!(
        requests.iter().all(|request| request.method == "GET" || world.at(request.at_us) < late)
    );
    let led = |line: &String| line.contains("leads: true");
    let until = program.all("tick at").iter().filter(|line| led(line)).count();
    assert!(program.all("tick at")[until..].iter().all(|line| !led(line)), "never revived");
}

#[test]
fn a_lease_with_an_empty_spec_is_taken() {
    let world = World::new();
    let (leases, _) = LEASE.rsplit_once('/').unwrap();
    world.post(leases, &json!({ "apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": { "name": "lifecycle" }, "spec": {} }));
    let mut program = world.start("leader", "a");
    program.says("works in term");
    program.terminate();
    assert_eq!(program.end().code, Some(0));
    assert_eq!(world.releases().len(), 1);
}
