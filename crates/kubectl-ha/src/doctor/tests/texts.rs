//! What is said of a finding, and of a check that was not made.

use super::world::World;

#[test]
fn a_node_that_is_gone_is_not_tainted() {
    let mut world = World::healthy();
    world.set("/nodes/0/status/conditions/0/status", "\"Unknown\"");
    assert!(fix(&world, "holder-node-lost").contains("kubectl taint nodes n1 "));
    world.set("/pods/0/spec/nodeName", "\"n3\"");
    let fix = fix(&world, "holder-node-lost");
    let command = "kubectl -n kunobi-operator delete pod kunobi-operator-5d9f-a --force";
    assert!(fix.contains(command) && fix.contains("two replicas work then"), "{fix}");
    assert!(!fix.contains("taint"), "{fix}");
}

#[test]
fn how_pods_of_an_unknown_workload_are_placed_is_not_known() {
    let mut world = World::healthy();
    world.set("/lease/spec/holderIdentity", "\"n1\"");
    world.set("/deployments", "[]");
    let skipped = world.diagnosis().skipped;
    let found = skipped.iter().find(|it| it.id == "holder-is-node").unwrap();
    assert_eq!(found.because, "no workload of this election is known");
}

#[test]
fn who_leads_beside_pods_that_do_not_run_is_said() {
    let mut world = World::healthy();
    world.set("/pods", "[]");
    world.set("/lease/spec/holderIdentity", "\"laptop\"");
    let findings = world.diagnosis().findings;
    let found = findings.iter().find(|it| it.id == "no-candidate").unwrap();
    let seen = "none of its 2 wanted pods runs: none exists; laptop leads, and is none of them";
    assert_eq!(found.seen, seen);
}

fn fix(world: &World, id: &str) -> String {
    let findings = world.diagnosis().findings;
    findings.into_iter().find(|it| it.id == id).unwrap().fix
}
