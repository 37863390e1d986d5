//! The probes of a standby.

use kunobi_ha_test::{Fault, Faults};

use crate::{
    program::Program,
    world::{LEASE_DURATION, RETRY_PERIOD, World, eventually, now},
};

#[test]
fn a_standby_is_alive_and_ready_until_it_is_refused() {
    let world = World::new();
    let mut leader = world.start("leader", "a");
    leader.says("works in term");
    assert_eq!(leader.probe("/leaderz").status, 200);

    world.server.script("b", [Fault::Hang]);
    let mut standby = world.start("leader", "b");
    let first = now();
    assert_standby(&mut standby);
    assert!(
        world.requests_of("b").iter().all(|request| request.status.is_none()),
        "not a word yet"
    );
    eventually("it has outlived the grace of its start", || {
        assert_standby(&mut standby);
        (now() > first + LEASE_DURATION + RETRY_PERIOD * 3).then_some(())
    });

    world.forbid("b");
    let answer = standby.probe_becomes("/readyz", 503);
    assert_eq!(
        answer.body,
        "[-]leader-election failed: reason withheld\n[+]shutdown ok\nreadyz check failed\n"
    );
    let line = standby.says("check fails: the API server refuses access to the lease");
    assert!(line.contains("leases.coordination.k8s.io \"lifecycle\" is forbidden"), "{line}");
    assert_eq!(standby.probe("/livez").status, 200, "a restart would not help");
    world.server.set_faults("b", Faults::default());
    leader.terminate();
    assert_eq!(leader.end().code, Some(0));
    standby.terminate();
    assert_eq!(standby.end().code, Some(0));
}

fn assert_standby(standby: &mut Program) {
    let statuses = ["/livez", "/readyz", "/leaderz"].map(|path| standby.probe(path).status);
    assert_eq!(statuses, [200, 200, 503]);
}
