//! Each check has elections that it finds something in, and ones nearly the same that it does not.

mod fixtures;
mod holders;
mod page;
mod texts;
mod world;

use std::collections::BTreeSet;

use self::{fixtures::fixtures, world::World};
use super::{facts::Because, finding::Severity, rules::RULES};

#[test]
fn the_chart_as_it_is_rendered_is_healthy() {
    for render in ["defaults", "pauses", "everything", "documented", "fast-failover", "both"] {
        let diagnosis = World::of_chart(render).diagnosis();
        assert!(diagnosis.findings.is_empty(), "{render}: {:#?}", diagnosis.findings);
        assert!(diagnosis.skipped.is_empty(), "{render}: {:#?}", diagnosis.skipped);
        assert_eq!(diagnosis.passed.len(), RULES.len());
    }
}

#[test]
fn a_host_network_is_no_finding_while_identities_are_names_of_pods() {
    let diagnosis = World::of_chart("host-network").diagnosis();
    assert!(diagnosis.findings.is_empty(), "{:#?}", diagnosis.findings);
}

#[test]
fn each_fixture_has_exactly_the_findings_that_it_names() {
    let mut wrong = Vec::new();
    for fixture in fixtures() {
        let (id, line) = (&fixture.id, fixture.line);
        let mut expected = fixture.also.clone();
        expected.push(id.clone());
        let near = fixture.near();
        for (what, found, expected) in [
            ("", fixture.triggers().ids(), sorted(&expected)),
            ("near ", near.ids(), sorted(&fixture.near_also)),
        ] {
            if found != expected {
                wrong.push(format!("{what}{id}, fixtures.txt:{line}: {found:?}, not {expected:?}"));
            }
        }
        let skipped: Vec<_> = near.diagnosis().skipped.into_iter().map(|it| it.id).collect();
        if skipped.contains(&id.as_str()) != fixture.near_skips {
            wrong.push(format!("near {id}, fixtures.txt:{line}: skipped are {skipped:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn each_rule_has_a_fixture_and_a_name_of_its_own() {
    let known: BTreeSet<_> = RULES.iter().map(|it| it.id.to_owned()).collect();
    assert_eq!(known.len(), RULES.len());
    let tested: BTreeSet<_> = fixtures().into_iter().map(|it| it.id).collect();
    assert_eq!(known, tested);
}

/// What is hidden is never taken for what is well.
#[test]
fn a_check_that_could_not_look_is_skipped_and_says_why() {
    let rows: [(&str, &[&str]); 5] = [
        (
            "pods",
            &["holder-not-ready", "holder-gone", "holder-overdue", "rollout-stuck", "one-node"],
        ),
        ("nodes", &["holder-node-lost"]),
        ("budgets", &["pdb-blocks"]),
        ("events", &["flapping"]),
        ("access", &["access-missing", "access-create", "access-wider", "access-elsewhere"]),
    ];
    for (hidden, skipped) in rows {
        let mut world = World::healthy();
        world.hide(hidden);
        let diagnosis = world.diagnosis();
        assert!(diagnosis.findings.is_empty(), "{hidden}: {:?}", diagnosis.findings);
        for id in skipped {
            let found = diagnosis.skipped.iter().find(|it| it.id == *id);
            let because = &found.unwrap_or_else(|| panic!("{id} without {hidden}")).because;
            assert!(because.contains(hidden), "{id}: {because}");
        }
    }
}

#[test]
fn without_any_right_but_on_the_lease_only_the_lease_is_checked() {
    let mut world = World::healthy();
    for part in World::PARTS {
        world.hide(part);
    }
    let passed = world.diagnosis().passed;
    let expected = [
        "nobody-leads",
        "duration-invalid",
        "record-by-hand",
        "duration-no-margin",
        "duration-short",
        "duration-long",
        "clock-skew",
        "lease-deleting",
        "lease-owner",
        "lease-abandoned",
    ];
    assert_eq!(passed, expected);
}

#[test]
fn the_worst_comes_first() {
    let mut world = World::healthy();
    world.set("/deployments/0/spec/replicas", "1");
    world.set("/lease/spec/leaseDurationSeconds", "4000");
    world.set("/nodes/0/status/conditions/0/status", "\"Unknown\"");
    let diagnosis = world.diagnosis();
    let severities: Vec<_> = diagnosis.findings.iter().map(|it| it.severity).collect();
    let mut sorted = severities.clone();
    sorted.sort();
    assert_eq!((severities.len() >= 3, &severities), (true, &sorted));
    assert_eq!(diagnosis.worst(), Some(Severity::Error));
}

/// What can be pasted names the objects that are meant.
#[test]
fn every_finding_says_how_to_fix_it() {
    for fixture in fixtures() {
        for finding in fixture.triggers().diagnosis().findings {
            let advice = finding.fix.lines().next().unwrap_or_default();
            let pastes = finding.fix.contains('\n');
            assert!(advice.ends_with(if pastes { ':' } else { '.' }), "{finding:?}");
            let below = finding.fix.lines().skip(1);
            assert_eq!(below.filter(|line| line.ends_with('.')).count(), 0, "{finding:?}");
            assert!(!advice.starts_with("kubectl") && !finding.seen.is_empty(), "{finding:?}");
            assert!(finding.why.ends_with('.') && !finding.title.ends_with('.'), "{finding:?}");
        }
    }
}

#[test]
fn what_can_be_pasted_fits_its_object() {
    let fix = |world: &World, id: &str| {
        let found = world.diagnosis().findings;
        found.into_iter().find(|it| it.id == id).map(|it| it.fix).unwrap()
    };
    let mut world = World::healthy();
    world.set("/deployments/0/spec/template/metadata/labels/version", "\"1.10\"");
    world.set("/pods/1/spec/nodeName", "\"n1\"");
    assert!(fix(&world, "one-node").contains("version: \"1.10\""));
    let mut world = World::healthy();
    let template =
        r#"{"spec":{"containers":[{"name":"c","args":["--lease-name=kunobi-operator"]}]}}"#;
    world.set(
        "/daemonsets/-",
        &format!(
            r#"{{"metadata":{{"name":"agent","namespace":"kunobi-operator"}},"spec":{{"selector":{{}},
            "template":{template}}},"status":{{"currentNumberScheduled":1,"desiredNumberScheduled":1,
            "numberMisscheduled":0,"numberReady":1}}}}"#
        ),
    );
    let fix = fix(&world, "single-replica");
    assert!(fix.ends_with("kubectl -n kunobi-operator describe daemonset agent"), "{fix}");
}

/// Whatever is known of an outage, something is found, or nothing is said to be well.
#[test]
fn without_a_leader_all_is_never_well() {
    let edits = [
        ("/lease", "null"),
        ("/lease/spec/holderIdentity", "\"\""),
        ("/lease/spec/holderIdentity", "\"gone\""),
        ("/lease/spec/renewTime", "null"),
    ];
    let states = ["[]", "\"Pending\"", "crash", "\"Running\""];
    let parts = World::PARTS.iter().copied().map(Some).chain([None]);
    for (hidden, (pointer, json), state) in parts
        .flat_map(|part| edits.map(|edit| (part, edit)))
        .flat_map(|(part, edit)| states.map(|state| (part, edit, state)))
    {
        let mut world = World::healthy();
        world.set("/observed/renewals", "0");
        world.set("/observed/cadence", "null");
        world.set("/lease/metadata/managedFields/0/time", "\"2026-11-27T11:40:00Z\"");
        world.set("/lease/spec/renewTime", "\"2026-11-27T11:40:00.000000Z\"");
        world.set(pointer, json);
        match state {
            "[]" => world.set("/pods", "[]"),
            "crash" => {
                let state = "{\"waiting\":{\"reason\":\"CrashLoopBackOff\"}}";
                for pod in 0..2 {
                    world.set(&format!("/pods/{pod}/status/containerStatuses/0/state"), state);
                }
            }
            phase => (0..2).for_each(|pod| world.set(&format!("/pods/{pod}/status/phase"), phase)),
        }
        if let Some(part) = hidden {
            world.hide(part);
        }
        let found = world.ids();
        assert!(
            found.contains(&"nobody-leads".to_owned()),
            "{hidden:?} {pointer} {state}: {found:?}"
        );
    }
}

fn sorted(ids: &[String]) -> Vec<String> {
    let mut ids = ids.to_vec();
    ids.sort();
    ids
}

fn because(text: &str) -> Because {
    Because::of(format!("{text} may not be looked at"))
}
