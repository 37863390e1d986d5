//! The rules of a webhook.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{check_choice, list};
use crate::status::Cause;

pub(super) fn check(rule: &Value, path: &str, causes: &mut Vec<Cause>) {
    check_list(rule, "operations", "operations", path, causes);
    for (index, operation) in list(rule, "operations").iter().enumerate() {
        if !OPERATIONS.iter().any(|known| operation == known) {
            let all = OPERATIONS.map(Value::from);
            let path = format!("{path}.operations[{index}]");
            causes.push(Cause::not_supported(path, operation, &all));
        }
    }
    check_list(rule, "apiGroups", "API groups", path, causes);
    check_list(rule, "apiVersions", "API versions", path, causes);
    for (index, version) in list(rule, "apiVersions").iter().enumerate() {
        if version == "" {
            causes.push(Cause::required(format!("{path}.apiVersions[{index}]"), ""));
        }
    }
    check_resources(list(rule, "resources"), &format!("{path}.resources"), causes);
    check_choice(rule, "scope", &["*", "Cluster", "Namespaced"], path, causes);
}

/// There is something in it, and `*` is alone.
fn check_list(rule: &Value, field: &str, named: &str, path: &str, causes: &mut Vec<Cause>) {
    let items = list(rule, field);
    let path = format!("{path}.{field}");
    if items.is_empty() {
        causes.push(Cause::required(path, ""));
    } else if items.len() > 1 && items.iter().any(|item| item == "*") {
        let why = format!("if '*' is present, must not specify other {named}");
        causes.push(Cause::invalid(path, &Value::from(items), &why));
    }
}

fn check_resources(resources: &[Value], path: &str, causes: &mut Vec<Cause>) {
    if resources.is_empty() {
        causes.push(Cause::required(path, ""));
    }
    let (mut with_all_parts, mut of_all_types) = (BTreeSet::new(), BTreeSet::new());
    let mut has_plain = false;
    for (index, resource) in resources.iter().enumerate() {
        let field = format!("{path}[{index}]");
        let text = resource.as_str().unwrap_or_default();
        if text.is_empty() {
            causes.push(Cause::required(field, ""));
            continue;
        }
        let Some((plural, part)) = text.split_once('/') else {
            // As there, the last one counts.
            has_plain = text != "*";
            continue;
        };
        if with_all_parts.contains(plural) {
            let why = format!("if '{plural}/*' is present, must not specify {text}");
            causes.push(Cause::invalid(&field[..], resource, &why));
        }
        if of_all_types.contains(part) {
            let why = format!("if '*/{part}' is present, must not specify {text}");
            causes.push(Cause::invalid(field, resource, &why));
        }
        if part == "*" {
            with_all_parts.insert(plural);
        }
        if plural == "*" {
            of_all_types.insert(part);
        }
    }
    let has = |text: &str| resources.iter().any(|resource| resource == text);
    let all = Value::from(resources);
    if resources.len() > 1 && has("*/*") {
        let why = "if '*/*' is present, must not specify other resources";
        causes.push(Cause::invalid(path, &all, why));
    }
    if has("*") && has_plain {
        let why = "if '*' is present, must not specify other resources without subresources";
        causes.push(Cause::invalid(path, &all, why));
    }
}

const OPERATIONS: [&str; 5] = ["*", "CONNECT", "CREATE", "DELETE", "UPDATE"];
