//! What `allOf`, `anyOf`, `oneOf` and `not` may say.

use serde_json::{Value, json};

use super::Level;
use crate::{
    crd::{path::Path, raw, schema::Pattern},
    status::Cause,
};

/// Fields of a schema that say something about its own type; they may not stand in `allOf` etc.
const FORBIDDEN_INSIDE: [(&str, &str); 11] = [
    ("type", "must be empty to be structural"),
    ("default", "must be undefined to be structural"),
    ("title", "must be empty to be structural"),
    ("description", "must be empty to be structural"),
    ("nullable", "must be false to be structural"),
    ("x-kubernetes-preserve-unknown-fields", "must be false to be structural"),
    ("x-kubernetes-embedded-resource", "must be false to be structural"),
    ("x-kubernetes-int-or-string", "must be false to be structural"),
    ("x-kubernetes-list-map-keys", "must be empty to be structural"),
    ("x-kubernetes-list-type", "must be undefined to be structural"),
    ("x-kubernetes-map-type", "must be undefined to be structural"),
];

/// The schemas in `not`, `allOf`, `anyOf` and `oneOf`, with where they are.
pub(super) fn nested(schema: &Value) -> Vec<(String, &Value)> {
    let not = raw::object(schema, "not").map(|not| ("not".to_owned(), not));
    let lists = ["allOf", "anyOf", "oneOf"].into_iter().flat_map(|list| {
        let each = raw::list(schema, list).iter().enumerate();
        each.map(move |(index, inside)| (format!("{list}[{index}]"), inside))
    });
    not.into_iter().chain(lists).collect()
}

/// `has_exceptions`: at this place `anyOf` may say that a value is an integer or a text.
pub(super) fn check_values(
    schema: &Value,
    has_exceptions: bool,
    level: Level,
    path: &Path<'_>,
    causes: &mut Vec<Cause>,
) {
    let both = [json!({ "type": "integer" }), json!({ "type": "string" })];
    let is_int_or_string = |schema: &Value| raw::list(schema, "anyOf") == both;
    let skips_any_of = has_exceptions && is_int_or_string(schema);
    for list in ["anyOf", "allOf", "oneOf"] {
        for (index, inside) in raw::list(schema, list).iter().enumerate() {
            if list == "anyOf" && skips_any_of {
                continue;
            }
            let is_first = list == "allOf" && index == 0 && has_exceptions;
            check_nested(
                inside,
                is_first && is_int_or_string(inside),
                level,
                &path.child(list).index(index),
                causes,
            );
        }
    }
    if let Some(not) = raw::object(schema, "not") {
        check_nested(not, false, level, &path.child("not"), causes);
    }
    let pattern = raw::text(schema, "pattern");
    if let Some(error) = Pattern::new(pattern).error().filter(|_| !pattern.is_empty()) {
        let why = format!("must be a valid regular expression, but isn't: {error}");
        causes.push(Cause::invalid(path.child("pattern"), &pattern.into(), &why));
    }
}

/// A schema in `allOf` and the like, at any depth.
fn check_nested(
    schema: &Value,
    skips_any_of: bool,
    level: Level,
    path: &Path<'_>,
    causes: &mut Vec<Cause>,
) {
    check_values(schema, skips_any_of, level, path, causes);
    if let Some(items) = raw::object(schema, "items") {
        check_nested(items, false, level, &path.child("items"), causes);
    }
    for (name, field) in raw::entries(schema, "properties") {
        let path = path.child("properties");
        check_nested(field, false, Level::Field, &path.key(name), causes);
        if name == "metadata" {
            let why = "must not be specified in a nested context";
            causes.push(Cause::forbidden(path.key(name), why));
        }
    }
    let additional = raw::some(schema, "additionalProperties");
    if additional.is_some_and(|additional| *additional != Value::Bool(false)) {
        let path = path.child("additionalProperties");
        causes.push(Cause::forbidden(path, "must be undefined to be structural"));
    }
    for (field, why) in FORBIDDEN_INSIDE {
        let is_said = match schema.get(field) {
            None | Some(Value::Null | Value::Bool(false)) => false,
            Some(Value::String(text)) => !text.is_empty() || field == "default",
            Some(Value::Array(items)) => !items.is_empty() || field == "default",
            Some(_) => true,
        };
        if is_said {
            causes.push(Cause::forbidden(path.child(field), why));
        }
    }
    if !raw::list(schema, "x-kubernetes-validations").is_empty() {
        let path = path.child("x-kubernetes-validations");
        causes.push(Cause::forbidden(path, "must be empty to be structural"));
    }
}

/// Whatever a schema in `allOf` and the like speaks of is specified outside of it too.
pub(super) fn check_complete(
    inside: &Value,
    outside: Option<&Value>,
    path: &Path<'_>,
    within: &str,
    causes: &mut Vec<Cause>,
) {
    let Some(outside) = outside else {
        causes.push(Cause::required(path, &format!("because it is defined in {within}")));
        return;
    };
    for (step, deeper) in nested(inside) {
        check_complete(deeper, Some(outside), path, &format!("{within}.{step}"), causes);
    }
    if let Some(items) = raw::object(inside, "items") {
        let outside = raw::object(outside, "items");
        check_complete(items, outside, &path.child("items"), &format!("{within}.items"), causes);
    }
    for (name, field) in raw::entries(inside, "properties") {
        let outside = raw::object(outside, "properties").and_then(|all| raw::object(all, name));
        let path = path.child("properties");
        let within = format!("{within}.properties[{name}]");
        check_complete(field, outside, &path.key(name), &within, causes);
    }
}
