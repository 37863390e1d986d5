//! What a schema may contain at all, and how its extensions go together.

mod lists;
mod rules;

use serde_json::Value;

use crate::{
    crd::{path::Path, prune, raw},
    status::Cause,
};

const TYPES: [&str; 6] = ["array", "boolean", "integer", "number", "object", "string"];
const UNSUPPORTED: [&str; 6] =
    ["id", "additionalItems", "patternProperties", "definitions", "dependencies", "$ref"];

pub(super) fn check(schema: &Value, path: &Path<'_>, causes: &mut Vec<Cause>) {
    check_schema(schema, Place { is_root: true, ..Place::default() }, path, causes);
}

/// What matters of the place of a schema.
#[derive(Clone, Copy, Default)]
struct Place {
    is_root: bool,
    /// It describes metadata, or `kind` or `apiVersion`.
    is_in_meta: bool,
    /// Why it can't have a default.
    no_default: Option<&'static str>,
}

fn check_schema(schema: &Value, place: Place, path: &Path<'_>, causes: &mut Vec<Cause>) {
    check_fields(schema, place, path, causes);
    check_additional(schema, place, path, causes);
    check_properties(schema, place, path, causes);
    let inside = Place { is_root: false, ..place };
    for field in ["not", "items"] {
        if let Some(each) = raw::object(schema, field) {
            check_schema(each, inside, &path.child(field), causes);
        }
    }
    for field in ["allOf", "oneOf", "anyOf", "items"] {
        for (index, each) in raw::list(schema, field).iter().enumerate() {
            check_schema(each, inside, &path.child(field).index(index), causes);
        }
    }
    if schema.get("x-kubernetes-preserve-unknown-fields") == Some(&false.into()) {
        let path = path.child("x-kubernetes-preserve-unknown-fields");
        causes.push(Cause::invalid(path, &false.into(), "must be true or undefined"));
    }
    lists::check_map_type(schema, path, causes);
    lists::check(schema, path, causes);
    let before = causes.len();
    rules::check(schema, path, causes);
    if causes.len() == before {
        rules::check_programs(schema, path, causes);
    }
}

fn check_fields(schema: &Value, place: Place, path: &Path<'_>, causes: &mut Vec<Cause>) {
    let kind = raw::text(schema, "type");
    if !kind.is_empty() && !TYPES.contains(&kind) {
        let all = TYPES.map(Value::from);
        causes.push(Cause::not_supported(path.child("type"), &kind.into(), &all));
    }
    if let Some(why) = place.no_default.filter(|_| raw::some(schema, "default").is_some()) {
        causes.push(Cause::forbidden(path.child("default"), &format!("must not be set {why}")));
    }
    for field in UNSUPPORTED {
        let is_there = match raw::some(schema, field) {
            None => false,
            Some(Value::String(text)) => !text.is_empty(),
            Some(Value::Object(fields)) => !fields.is_empty(),
            Some(_) => true,
        };
        if is_there {
            let why = format!("{field} is not supported");
            causes.push(Cause::forbidden(path.child(field), &why));
        }
    }
    if kind == "null" {
        let why = "type cannot be set to null, use nullable as an alternative";
        causes.push(Cause::forbidden(path.child("type"), why));
    }
    if !raw::list(schema, "items").is_empty() {
        let why = "items must be a schema object and not an array";
        causes.push(Cause::forbidden(path.child("items"), why));
    }
    if place.is_in_meta && raw::flag(schema, "x-kubernetes-embedded-resource") {
        let path = path.child("x-kubernetes-embedded-resource");
        causes.push(Cause::forbidden(path, "must not be used inside of resource meta"));
    }
    if raw::flag(schema, "uniqueItems") {
        let why =
            "uniqueItems cannot be set to true since the runtime complexity becomes quadratic";
        causes.push(Cause::forbidden(path.child("uniqueItems"), why));
    }
}

fn check_additional(schema: &Value, place: Place, path: &Path<'_>, causes: &mut Vec<Cause>) {
    let Some(additional) = raw::some(schema, "additionalProperties") else { return };
    let path = path.child("additionalProperties");
    let has_properties = raw::entries(schema, "properties").next().is_some();
    if has_properties && *additional != Value::Bool(true) {
        let why = "additionalProperties and properties are mutual exclusive";
        causes.push(Cause::forbidden(path, why));
    }
    if additional.is_object() {
        let mut inside = Place { is_root: false, ..place };
        if place.is_in_meta {
            inside.no_default = Some("inside additionalProperties applying to object metadata");
        }
        check_schema(additional, inside, &path, causes);
    }
}

fn check_properties(schema: &Value, place: Place, path: &Path<'_>, causes: &mut Vec<Cause>) {
    let path = path.child("properties");
    let has_meta = place.is_root || raw::flag(schema, "x-kubernetes-embedded-resource");
    for (name, field) in raw::entries(schema, "properties") {
        let mut inside = Place { is_root: false, ..place };
        if has_meta && prune::META.contains(&name) {
            inside.is_in_meta = true;
            if place.is_root {
                inside.no_default = Some(match name {
                    "metadata" => "in top-level metadata",
                    "kind" => "in top-level kind",
                    _ => "in top-level apiVersion",
                });
            }
        }
        check_schema(field, inside, &path.key(name), causes);
    }
}
