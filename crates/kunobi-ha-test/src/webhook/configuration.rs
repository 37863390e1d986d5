//! What a configuration of webhooks may say.

mod client;
mod rules;

use std::collections::BTreeSet;

use serde_json::Value;

use super::conditions;
use crate::{
    crd,
    status::Cause,
    validation::{dns_subdomain, label_key, label_selector},
};

/// What an update may keep that was wrong before.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each stands alone")]
struct Tolerance {
    side_effects: bool,
    review_versions: bool,
    same_names: bool,
    label_values: bool,
}

/// Returns what is wrong with a configuration.
pub(crate) fn validate(old: Option<&Value>, value: &Value) -> Vec<Cause> {
    let tolerance = old.map(Tolerance::of).unwrap_or_default();
    let before = old.map(webhooks).unwrap_or_default();
    let conditions = |hooks: &[Value]| -> Vec<Value> {
        hooks.iter().map(|hook| hook.get("matchConditions").cloned().unwrap_or_default()).collect()
    };
    let keeps_conditions = old.is_some() && conditions(before) == conditions(webhooks(value));
    let mut causes = Vec::new();
    let mut names = BTreeSet::new();
    for (index, hook) in webhooks(value).iter().enumerate() {
        let path = format!("webhooks[{index}]");
        check(hook, tolerance, &path, &mut causes);
        if !keeps_conditions {
            check_conditions(hook, &format!("{path}.matchConditions"), &mut causes);
        }
        check_versions(hook, tolerance, &format!("{path}.admissionReviewVersions"), &mut causes);
        let name = text(hook, "name");
        if !tolerance.same_names && !name.is_empty() && !names.insert(name) {
            causes.push(Cause::duplicate(format!("{path}.name"), &name.into()));
        }
    }
    causes
}

impl Tolerance {
    fn of(old: &Value) -> Self {
        let hooks = webhooks(old);
        let names: BTreeSet<&str> = hooks.iter().map(|hook| text(hook, "name")).collect();
        let has_known = |hook: &Value| {
            let versions = list(hook, "admissionReviewVersions");
            versions.is_empty() || versions.iter().any(is_known_version)
        };
        Self {
            side_effects: !hooks.iter().all(|hook| NO_EFFECTS.contains(&text(hook, "sideEffects"))),
            review_versions: !hooks.iter().all(has_known),
            same_names: names.len() < hooks.len(),
            label_values: hooks.iter().any(|hook| {
                let mut selectors = SELECTORS.iter().filter_map(|field| hook.get(*field));
                selectors.any(|selector| !label_selector(selector, true, "").is_empty())
            }),
        }
    }
}

fn check(hook: &Value, tolerance: Tolerance, path: &str, causes: &mut Vec<Cause>) {
    let name = text(hook, "name");
    let field = format!("{path}.name");
    if name.is_empty() {
        causes.push(Cause::required(field, ""));
    } else if let Some(why) = name_problem(name) {
        causes.push(Cause::invalid(field, &name.into(), &why));
    }
    for (index, rule) in list(hook, "rules").iter().enumerate() {
        rules::check(rule, &format!("{path}.rules[{index}]"), causes);
    }
    check_choice(hook, "failurePolicy", &["Fail", "Ignore"], path, causes);
    check_choice(hook, "matchPolicy", &["Equivalent", "Exact"], path, causes);
    let effects: &[&str] = if tolerance.side_effects { &EFFECTS } else { &NO_EFFECTS };
    match hook.get("sideEffects").filter(|it| !it.is_null()) {
        None => {
            let why = format!("must specify one of {}", effects.join(", "));
            causes.push(Cause::required(format!("{path}.sideEffects"), &why));
        }
        Some(_) => check_choice(hook, "sideEffects", effects, path, causes),
    }
    let timeout = hook
        .get("timeoutSeconds")
        .filter(|seconds| seconds.as_i64().is_some_and(|seconds| !(1..=30).contains(&seconds)));
    if let Some(seconds) = timeout {
        let why = "the timeout value must be between 1 and 30 seconds";
        causes.push(Cause::invalid(format!("{path}.timeoutSeconds"), seconds, why));
    }
    for field in SELECTORS {
        let selector = hook.get(field).unwrap_or(&Value::Null);
        let path = format!("{path}.{field}");
        causes.extend(label_selector(selector, !tolerance.label_values, &path));
    }
    check_choice(hook, "reinvocationPolicy", &["IfNeeded", "Never"], path, causes);
    let config = hook.get("clientConfig").unwrap_or(&Value::Null);
    client::check(config, &format!("{path}.clientConfig"), causes);
}

fn name_problem(name: &str) -> Option<String> {
    let is_short = name.split('.').count() < 3;
    let short = "should be a domain with at least three segments separated by dots";
    let problems = dns_subdomain(name);
    if problems.is_empty() { is_short.then(|| short.into()) } else { Some(problems.join(",")) }
}

fn check_choice(hook: &Value, field: &str, all: &[&str], path: &str, causes: &mut Vec<Cause>) {
    let wrong = hook.get(field).and_then(Value::as_str).filter(|text| !all.contains(text));
    if let Some(text) = wrong {
        let all: Vec<Value> = all.iter().map(|known| (*known).into()).collect();
        causes.push(Cause::not_supported(format!("{path}.{field}"), &text.into(), &all));
    }
}

fn check_conditions(hook: &Value, path: &str, causes: &mut Vec<Cause>) {
    let conditions = list(hook, "matchConditions");
    if conditions.len() > MOST_CONDITIONS {
        causes.push(Cause::too_many(path, conditions.len(), MOST_CONDITIONS));
    }
    let mut names = BTreeSet::new();
    for (index, condition) in conditions.iter().enumerate() {
        let path = format!("{path}[{index}]");
        let (name, expression) = (text(condition, "name"), text(condition, "expression"));
        let field = format!("{path}.expression");
        if expression.trim().is_empty() {
            causes.push(Cause::required(field, ""));
        } else if let Some(why) = conditions::problem(expression.trim()) {
            causes.push(Cause::invalid(field, &expression.trim().into(), &why));
        }
        let field = format!("{path}.name");
        if name.is_empty() {
            causes.push(Cause::required(field, ""));
            continue;
        }
        let problems = label_key(name);
        causes.extend(problems.iter().map(|why| Cause::invalid(&field[..], &name.into(), why)));
        if !names.insert(name) {
            causes.push(Cause::duplicate(field, &name.into()));
        }
    }
}

fn check_versions(hook: &Value, tolerance: Tolerance, path: &str, causes: &mut Vec<Cause>) {
    let versions = list(hook, "admissionReviewVersions");
    if versions.is_empty() {
        causes.push(Cause::required(path, "must specify one of v1, v1beta1"));
        return;
    }
    for (index, version) in versions.iter().enumerate() {
        let path = format!("{path}[{index}]");
        if versions.iter().take(index).any(|before| before == version) {
            causes.push(Cause::invalid(path, version, "duplicate version"));
            continue;
        }
        if let Some(why) = crd::label_error(version.as_str().unwrap_or_default()) {
            causes.push(Cause::invalid(path, version, &why));
        }
    }
    if !tolerance.review_versions && !versions.iter().any(is_known_version) {
        let why = "must include at least one of v1, v1beta1";
        causes.push(Cause::invalid(path, &Value::from(versions), why));
    }
}

fn is_known_version(version: &Value) -> bool {
    version == "v1" || version == "v1beta1"
}

fn webhooks(value: &Value) -> &[Value] {
    list(value, "webhooks")
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value.get(field).and_then(Value::as_str).unwrap_or_default()
}

fn list<'a>(value: &'a Value, field: &str) -> &'a [Value] {
    value.get(field).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

const SELECTORS: [&str; 2] = ["namespaceSelector", "objectSelector"];
const EFFECTS: [&str; 4] = ["None", "NoneOnDryRun", "Some", "Unknown"];
const NO_EFFECTS: [&str; 2] = ["None", "NoneOnDryRun"];
const MOST_CONDITIONS: usize = 64;
