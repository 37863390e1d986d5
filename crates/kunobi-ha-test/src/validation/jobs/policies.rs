//! When a job has failed, and when it has succeeded.

use std::collections::BTreeSet;

use super::indexes;
use crate::validation::{field::Field, internal};

pub(super) fn failures(policy: &Field, spec: &Field) {
    let rules = policy.get("rules");
    if rules.len() > 20 {
        rules.too_many(20);
    }
    let pod = spec.get("template").get("spec");
    let names: Vec<Field> = ["containers", "initContainers"]
        .iter()
        .flat_map(|kind| pod.get(kind).items().collect::<Vec<_>>())
        .map(|container| container.get("name"))
        .collect();
    for rule in rules.items() {
        action(&rule.get("action"), spec);
        let (codes, conditions) = (rule.get("onExitCodes"), rule.get("onPodConditions"));
        if codes.is_set() {
            exit_codes(&codes, &names);
        }
        if conditions.len() > 20 {
            conditions.too_many(20);
        }
        for condition in conditions.items() {
            condition.get("type").qualified_name();
            valid_one_of(&condition.get("status"), &["False", "True", "Unknown"]);
        }
        match (codes.is_set(), conditions.len() > 0) {
            (true, true) => rule
                .invalid_state("specifying both OnExitCodes and OnPodConditions is not supported"),
            (false, false) => {
                rule.invalid_state("specifying one of OnExitCodes and OnPodConditions is required");
            }
            (true, false) | (false, true) => {}
        }
    }
}

fn action(action: &Field, spec: &Field) {
    if action.text() == "FailIndex" && !spec.get("backoffLimitPerIndex").is_set() {
        action.invalid("requires the backoffLimitPerIndex to be set");
    }
    valid_one_of(action, &["Count", "FailIndex", "FailJob", "Ignore"]);
}

/// One of these. That there is none is told with the list.
fn valid_one_of(field: &Field, known: &[&str]) {
    if field.text().is_empty() {
        let quoted: Vec<String> = known.iter().map(|known| format!("{known:?}")).collect();
        field.required(&format!("valid values: [{}]", quoted.join(" ")));
    } else {
        field.one_of(known);
    }
}

fn exit_codes(codes: &Field, containers: &[Field]) {
    let (operator, container) = (codes.get("operator"), codes.get("containerName"));
    valid_one_of(&operator, &["In", "NotIn"]);
    if container.is_set() && !containers.iter().any(|name| name.text() == container.text()) {
        let detail = "must be one of the container or initContainer names in the pod template";
        container.invalid(detail);
    }
    let values = codes.get("values");
    match values.len() {
        0 => values.invalid("at least one value is required"),
        1..=255 => {}
        _ => values.too_many(255),
    }
    let (mut seen, mut last, mut is_ordered) = (BTreeSet::new(), i64::MIN, true);
    for value in values.items() {
        let code = value.integer();
        if operator.text() == "In" && code == 0 {
            value.invalid("must not be 0 for the In operator");
        }
        if !seen.insert(code) {
            value.duplicate();
        }
        is_ordered &= last <= code;
        last = code;
    }
    if !is_ordered {
        values.invalid("must be ordered");
    }
}

pub(super) fn successes(policy: &Field, spec: &Field) {
    if !policy.is_set() {
        return;
    }
    if spec.get("completionMode").text() != "Indexed" {
        let quoted = internal::compact("SuccessPolicy", policy.value());
        policy.invalid_internal(&quoted, "requires indexed completion mode");
        return;
    }
    let rules = policy.get("rules");
    match rules.len() {
        0 => rules
            .required("at least one rules must be specified when the successPolicy is specified"),
        1..=20 => {}
        _ => rules.too_many(20),
    }
    let completions = spec.get("completions").integer();
    for rule in rules.items() {
        let (count, named) = (rule.get("succeededCount"), rule.get("succeededIndexes"));
        if !count.is_set() && !named.is_set() {
            let detail = "at least one of succeededCount or succeededIndexes must be specified";
            rule.required(detail);
        }
        let total = if named.text().len() > 64 * 1024 {
            named.too_long(64 * 1024);
            Ok(0)
        } else {
            indexes::count(named.text(), completions)
        };
        if let Err(why) = &total {
            named.invalid(&format!("error parsing succeededIndexes: {why}"));
        }
        count.not_negative();
        let at_most = |most: i64, what: &str| {
            if count.integer() > most {
                count.invalid(&format!("must be less than or equal to {most} ({what})"));
            }
        };
        at_most(completions, "the number of specified completions");
        if named.is_set() {
            let what = "the number of indexes in the specified succeededIndexes field";
            at_most(total.unwrap_or_default(), what);
        }
    }
}
