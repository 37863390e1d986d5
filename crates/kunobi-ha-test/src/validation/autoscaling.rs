//! Autoscalers of pods.

mod metrics;

use super::field::Field;

pub(super) fn autoscaler(object: &Field, old: Option<&Field>) {
    let spec = object.get("spec");
    let (least, most) = (spec.get("minReplicas"), spec.get("maxReplicas"));
    if least.is_set() && most.integer() < least.integer() {
        most.wrong_number("must be greater than or equal to `minReplicas`");
    }
    let target = spec.get("scaleTargetRef");
    reference(&target);
    // What was stored before a rule was made stays.
    let was = old.map(|old| old.get("spec").get("scaleTargetRef"));
    let is_kept = was.is_some_and(|was| {
        ["apiVersion", "kind"].iter().all(|f| target.get(f).text() == was.get(f).text())
    });
    if !is_kept {
        version(&target, target.get("kind").text() != "ReplicationController");
    }
    metrics::check(&spec.get("metrics"), least.number());
    for rules in ["scaleUp", "scaleDown"].map(|way| spec.get("behavior").get(way)) {
        if rules.is_set() {
            scaling(&rules);
        }
    }
    late(&spec);
}

pub(super) fn autoscaler_status(object: &Field, _: &Field) {
    let status = object.get("status");
    status.get("conditions").items().for_each(|one| one.get("observedGeneration").not_negative());
    status.get("currentReplicas").not_negative();
    status.get("desiredReplicas").not_negative();
}

/// kube-apiserver's newer checks, which come last.
fn late(spec: &Field) {
    let (least, most) = (spec.get("minReplicas"), spec.get("maxReplicas"));
    least.not_negative();
    match most.integer() {
        0 => most.required(""),
        ..0 => most.invalid("must be greater than or equal to 1"),
        1.. => {}
    }
}

fn reference(target: &Field) {
    for field in ["kind", "name"].map(|field| target.get(field)) {
        if field.required_text() {
            field.path_segment();
        }
    }
}

fn version(target: &Field, needs_group: bool) {
    let version = target.get("apiVersion");
    if let Some(problem) = version_problem(version.text(), needs_group) {
        version.wrong_text(&problem);
    }
}

fn version_problem(version: &str, needs_group: bool) -> Option<String> {
    match version.matches('/').count() {
        0 if needs_group => Some("apiVersion must specify API group".into()),
        1 if needs_group && version.starts_with('/') => {
            Some("apiVersion must specify API group".into())
        }
        0 | 1 => None,
        _ => Some(format!("unexpected GroupVersion string: {version}")),
    }
}

fn scaling(rules: &Field) {
    let (window, policies) = (rules.get("stabilizationWindowSeconds"), rules.get("policies"));
    if window.integer() < 0 {
        window.invalid("must be greater than or equal to zero");
    }
    if window.integer() > 3600 {
        window.invalid("must be less than or equal to 3600");
    }
    rules.get("selectPolicy").one_of_if_set(&["Disabled", "Max", "Min"]);
    if policies.len() == 0 {
        policies.required("must specify at least one Policy");
    }
    for policy in policies.items() {
        policy.get("type").one_of(&["Percent", "Pods"]);
        policy.get("value").positive();
        policy.get("periodSeconds").positive();
        if policy.get("periodSeconds").integer() > 1800 {
            policy.get("periodSeconds").invalid("must be less than or equal to 1800");
        }
    }
    rules.get("tolerance").not_negative_quantity();
}
