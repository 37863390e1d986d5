//! Fast failover, and one handover per rollout: what each asks for, and that nobody else gets it.

use std::collections::BTreeSet;

use k8s_openapi_0_29::api::rbac::v1::{ClusterRole, PolicyRule, Role};
use serde_json::Value;

use crate::{
    constants::{
        CERTIFICATES_PATH, CERTIFICATES_VARIABLE, SUCCESSOR_VARIABLE, VERBS, VERBS_CERTIFICATES,
        VERBS_SUCCESSOR,
    },
    rbac::{election_rules, lease_rule},
    rendering::Rendering,
    workload::Workload,
};

fn pods_rule(verbs: &[&str]) -> PolicyRule {
    PolicyRule {
        api_groups: Some(vec![String::new()]),
        resources: Some(vec!["pods".into()]),
        verbs: verbs.iter().map(ToString::to_string).collect(),
        ..PolicyRule::default()
    }
}

/// Returns what the account of the pods may do with pods.
fn verbs_on_pods(rendering: &Rendering) -> BTreeSet<String> {
    let rules = rendering.all::<Role>().into_iter().filter_map(|role| role.rules);
    let cluster = rendering.all::<ClusterRole>().into_iter().filter_map(|role| role.rules);
    let on_pods = |rule: &PolicyRule| {
        let mut resources = rule.resources.iter().flatten();
        resources.any(|it| it == "*" || it == "pods" || it.starts_with("pods/"))
    };
    rules.chain(cluster).flatten().filter(on_pods).flat_map(|rule| rule.verbs).collect()
}

/// Returns the objects without what fast failover and one handover add.
fn as_before(rendering: &str) -> Vec<Value> {
    let mut objects = Rendering::named(rendering).objects;
    for object in &mut objects {
        if let Some(rules) = object.get_mut("rules").and_then(Value::as_array_mut) {
            rules.retain(|rule| rule["resources"][0] != "pods");
        }
        if let Some(container) = object.pointer_mut("/spec/template/spec/containers/0") {
            let container = container.as_object_mut().unwrap();
            container.retain(|field, _| !field.starts_with("terminationMessage"));
            let added = [CERTIFICATES_VARIABLE, SUCCESSOR_VARIABLE];
            let env = container["env"].as_array_mut().unwrap();
            env.retain(|variable| !added.contains(&variable["name"].as_str().unwrap()));
        }
    }
    objects
}

#[test]
fn the_role_allows_on_pods_what_the_program_is_told_to_do_and_nothing_else() {
    let mut with_rights = Vec::new();
    for rendering in Rendering::with_deployment() {
        let workload = Workload::of(&rendering);
        let told = |variable: &str, verbs: &'static [&str]| {
            let verbs = workload.variable(variable).map_or::<&[&str], _>(&[], |_| verbs);
            verbs.iter().map(ToString::to_string)
        };
        let expected: BTreeSet<_> = told(CERTIFICATES_VARIABLE, &VERBS_CERTIFICATES)
            .chain(told(SUCCESSOR_VARIABLE, &VERBS_SUCCESSOR))
            .collect();
        assert_eq!(verbs_on_pods(&rendering), expected, "{}", rendering.name);
        if !expected.is_empty() {
            with_rights.push(rendering.name);
        }
    }
    assert_eq!(with_rights, ["fast-failover", "one-handover", "both", "fast"]);
}

#[test]
fn each_value_adds_one_rule_and_both_together_one() {
    let added = [
        ("fast-failover", vec!["get", "watch"]),
        ("one-handover", vec!["list"]),
        ("both", vec!["get", "list", "watch"]),
    ];
    for (name, verbs) in added {
        let rules = [lease_rule("kunobi-operator", &VERBS), pods_rule(&verbs)];
        assert_eq!(election_rules(name), rules, "{name}");
    }
}

#[test]
fn each_value_tells_the_program_and_changes_nothing_else() {
    let told = [
        ("fast-failover", Some("operator"), None),
        ("one-handover", None, Some("true")),
        ("both", Some("operator"), Some("true")),
        ("fast", Some("operator"), Some("true")),
    ];
    for (name, certificates, successor) in told {
        let workload = Workload::of(&Rendering::named(name));
        assert_eq!(workload.variable(CERTIFICATES_VARIABLE).as_deref(), certificates, "{name}");
        assert_eq!(workload.variable(SUCCESSOR_VARIABLE).as_deref(), successor, "{name}");
        let without = if name == "fast" { "base" } else { "defaults" };
        assert_eq!(as_before(name), Rendering::named(without).objects, "{name}");
    }
}

#[test]
fn what_a_certificate_assumes_holds_wherever_the_program_writes_one() {
    let mut seen = 0;
    for rendering in Rendering::with_deployment() {
        let workload = Workload::of(&rendering);
        let named = workload.variable(CERTIFICATES_VARIABLE);
        let Workload { pod, container, .. } = workload;
        let message = (container.termination_message_path, container.termination_message_policy);
        let Some(named) = named else {
            assert_eq!(message, (None, None), "{}", rendering.name);
            continue;
        };
        seen += 1;
        // Rule C3: of the container that is named, whose end is the end of its processes.
        assert_eq!(named, container.name, "{}", rendering.name);
        assert_eq!(message, (Some(CERTIFICATES_PATH.into()), Some("File".into())));
        assert_eq!((pod.share_process_namespace, pod.host_pid, pod.os), (None, None, None));
        assert_eq!(pod.host_network, None, "{}", rendering.name);
        let mounts = container.volume_mounts.unwrap_or_default();
        assert!(mounts.is_empty(), "{}: {mounts:?}", rendering.name);
    }
    assert_eq!(seen, 3, "fast-failover, both, fast");
}
