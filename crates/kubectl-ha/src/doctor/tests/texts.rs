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

#[test]
fn a_leader_that_has_run_out_is_not_to_be_asked_to_hand_over() {
    let mut world = World::healthy();
    world.set("/observed/renewals", "0");
    world.set("/lease/metadata/managedFields/0/manager", "\"kubectl-edit\"");
    let asks = |world: &World| fix(world, "record-by-hand").contains("kubectl ha step-down");
    assert!(asks(&world) && fix(&world, "record-by-hand").contains("--evict"));
    world.set("/lease/metadata/managedFields/0/time", "\"2026-11-27T11:59:40Z\"");
    assert!(!asks(&world));
}

#[test]
fn a_leader_that_can_be_asked_is_not_to_be_evicted() {
    let mut world = World::healthy();
    world.set("/observed/renewals", "0");
    world.set("/lease/metadata/managedFields/0/manager", "\"kunobi-ha\"");
    let by_hand = r#"{"manager":"kubectl-patch","operation":"Update","time":"2026-11-27T12:00:00Z",
                      "fieldsV1":{"f:spec":{"f:holderIdentity":{}}}}"#;
    world.set("/lease/metadata/managedFields/-", by_hand);
    assert!(!fix(&world, "record-by-hand").contains("--evict"));
}

#[test]
fn one_fix_for_two_findings_is_said_once() {
    let mut world = World::healthy();
    world.set("/access/0/allowed", "[\"Get\"]");
    let grant = fix(&world, "access-missing");
    assert_eq!(fix(&world, "access-create"), "The same fix as that of access-missing.");
    world.set("/access/0/allowed", "[\"Get\",\"Update\"]");
    assert_eq!(fix(&world, "access-create"), grant);
}

fn fix(world: &World, id: &str) -> String {
    let findings = world.diagnosis().findings;
    findings.into_iter().find(|it| it.id == id).unwrap().fix
}
