//! What kube-apiserver answered to the definitions and objects of `tests/cases.yaml`, and what is
//! answered here.

use serde_json::{Value, json};

use super::{conditions, default_spec, served, warnings};
use crate::{status::Cause, types::Resource, validation};

const NOW: &str = "2026-01-01T00:00:00Z";

fn recorded() -> Vec<Value> {
    serde_json::from_str(include_str!("tests/recorded.json")).unwrap()
}

fn bodies(causes: &[Cause]) -> Value {
    let mut causes: Vec<Value> = causes.iter().map(Cause::body).collect();
    causes.sort_by_key(Value::to_string);
    json!({ "code": 422, "causes": causes })
}

fn with_warnings(mut answer: Value, warnings: Vec<String>) -> Value {
    if !warnings.is_empty() {
        answer["warnings"] = warnings.into();
    }
    answer
}

fn without_meta(mut object: Value) -> Value {
    object.as_object_mut().unwrap().remove("metadata");
    object
}

fn admit(definition: &mut Value, old: Option<&Value>) -> Result<(), Vec<Cause>> {
    if let Some(spec) = definition.get_mut("spec").and_then(Value::as_object_mut) {
        default_spec(spec);
    }
    super::admit(definition, old)
}

/// The answer to a definition.
fn define(case: &Value) -> Value {
    let old = case.get("old").map(|old| {
        let mut old = old.clone();
        admit(&mut old, None).unwrap();
        conditions(&mut old, std::iter::empty(), NOW);
        old
    });
    let mut new = case["new"].clone();
    if let Err(causes) = admit(&mut new, old.as_ref()) {
        return bodies(&causes);
    }
    let code = if old.is_some() { 200 } else { 201 };
    let warnings = warnings(&new, old.as_ref());
    with_warnings(json!({ "code": code, "object": without_meta(new) }), warnings)
}

/// The answer to an object.
fn store(resource: &Resource, case: &Value) -> Value {
    let version = resource.custom().unwrap();
    let is_status = case["status"] == true;
    let mut new = case["new"].clone();
    let unknown = match version.prune(&mut new) {
        Ok(unknown) => unknown,
        Err(message) => return json!({ "code": 400, "message": message }),
    };
    version.default(&mut new);
    let old = case.get("old");
    let mut causes = validation::metadata(resource, None, &new);
    causes.extend(match old {
        Some(old) if is_status => version.validate_status(&new, old),
        old => version.validate(&new, old),
    });
    if !causes.is_empty() {
        return with_warnings(bodies(&causes), unknown);
    }
    let code = if old.is_some() { 200 } else { 201 };
    with_warnings(json!({ "code": code, "object": without_meta(new) }), unknown)
}

/// Go writes a number without a fraction as an integer, and adds how it failed to decode.
fn expected(answer: &Value, kind: &str) -> Value {
    let mut answer = answer.clone();
    if let Some(warnings) = answer.get_mut("warnings").and_then(Value::as_array_mut) {
        warnings.retain(|warning| !is_excused_rule(warning));
        if warnings.is_empty() {
            answer.as_object_mut().unwrap().remove("warnings");
        }
    }
    let conditions = answer.pointer_mut("/object/status/conditions").and_then(Value::as_array_mut);
    for condition in conditions.into_iter().flatten() {
        condition["lastTransitionTime"] = NOW.into();
    }
    if let Some(causes) = answer.get_mut("causes").and_then(Value::as_array_mut) {
        causes.sort_by_key(Value::to_string);
    }
    if let Some(message) = answer.get("message").and_then(Value::as_str) {
        let prefix = format!("{kind} in version \"v1\" cannot be handled as a {kind}: ");
        answer["message"] = message.trim_start_matches(&prefix).into();
    }
    answer
}

/// A rule that an unchanged value breaks is a warning there, and nothing here.
fn is_excused_rule(warning: &Value) -> bool {
    warning.as_str().is_some_and(|text| text.contains(": Invalid value: "))
}

fn whole_numbers(value: &mut Value) {
    match value {
        Value::Number(number) => {
            if let Some(float) = number.as_f64().filter(|float| float.fract() == 0.0) {
                *value = float.into();
            }
        }
        Value::Array(items) => items.iter_mut().for_each(whole_numbers),
        Value::Object(fields) => fields.values_mut().for_each(whole_numbers),
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

fn compare(what: &str, is: Value, expected: Value, failures: &mut Vec<String>) {
    let (mut is, mut expected) = (is, expected);
    whole_numbers(&mut is);
    whole_numbers(&mut expected);
    if is != expected {
        failures.push(format!("{what}\n  is       {is}\n  expected {expected}"));
    }
}

#[test]
fn definitions_and_objects_are_answered_as_by_kube_apiserver() {
    let mut failures = Vec::new();
    for case in recorded() {
        let name = case["name"].as_str().unwrap();
        if case.get("cel").is_some() && !cfg!(feature = "cel") {
            continue;
        }
        let Some(objects) = case["objects"].as_array() else {
            compare(name, define(&case), expected(&case["answer"], ""), &mut failures);
            continue;
        };
        let mut crd = case["crd"].clone();
        admit(&mut crd, None).unwrap();
        conditions(&mut crd, std::iter::empty(), NOW);
        let all = served(&crd);
        for object in objects {
            let what = format!("{name}: {}", object["new"]);
            let expected = expected(&object["answer"], &all[0].kind);
            compare(&what, store(&all[0], object), expected, &mut failures);
        }
    }
    assert!(failures.is_empty(), "{} differ:\n{}", failures.len(), failures.join("\n"));
}
