//! A schema is structural: each field has one type, and `allOf` and the like only narrow it.

mod nested;

use serde_json::Value;

use self::nested::{check_complete, check_values, nested};
use crate::{
    crd::{path::Path, raw},
    status::Cause,
};

#[derive(Clone, Copy, Eq, PartialEq)]
enum Level {
    Root,
    Item,
    Field,
}

/// Why a schema is not structural.
pub(super) fn check(schema: &Value, path: &Path<'_>) -> Vec<Cause> {
    let mut causes = Vec::new();
    check_schema(schema, Level::Root, path, &mut causes);
    for (within, inside) in nested(schema) {
        check_complete(inside, Some(schema), path, &format!("{path}.{within}"), &mut causes);
    }
    causes.sort_by_key(Cause::text);
    causes
}

/// What makes a schema one that can't be structural at all, first in the order of its fields.
pub(super) fn unsupported(schema: &Value) -> Option<String> {
    let fields =
        ["id", "$ref", "patternProperties", "dependencies", "additionalItems", "definitions"];
    let is_there = |field: &&&str| match schema.get(**field) {
        None | Some(Value::Null) => false,
        Some(Value::String(text)) => !text.is_empty(),
        Some(Value::Object(fields)) => !fields.is_empty(),
        Some(_) => true,
    };
    if let Some(field) = fields.iter().find(is_there) {
        return Some(format!("OpenAPIV3Schema '{field}' is not supported"));
    }
    if schema.get("$schema").is_some() {
        return Some("OpenAPIV3Schema 'schema' is not supported".to_owned());
    }
    if schema.get("items").is_some_and(Value::is_array) {
        return Some("OpenAPIV3Schema 'items' must be a schema, but is an array".to_owned());
    }
    if schema.get("x-kubernetes-preserve-unknown-fields") == Some(&false.into()) {
        let why =
            "internal error: 'x-kubernetes-preserve-unknown-fields' must be true or undefined";
        return Some(why.to_owned());
    }
    let inner = ["items", "additionalProperties"].into_iter();
    let inner = inner.filter_map(|field| raw::object(schema, field));
    let fields = raw::entries(schema, "properties").map(|(_, field)| field);
    let nested = nested(schema);
    nested.into_iter().map(|(_, inside)| inside).chain(inner).chain(fields).find_map(unsupported)
}

fn check_schema(schema: &Value, level: Level, path: &Path<'_>, causes: &mut Vec<Cause>) {
    let kind = raw::text(schema, "type");
    let items = raw::object(schema, "items");
    if kind == "array" && items.is_none() {
        causes.push(Cause::required(path.child("items"), "must be specified"));
    }
    if let Some(items) = items {
        check_schema(items, Level::Item, &path.child("items"), causes);
    }
    for (name, field) in raw::entries(schema, "properties") {
        check_schema(field, Level::Field, &path.child("properties").key(name), causes);
    }
    let additional = raw::some(schema, "additionalProperties");
    if additional.is_some() && level == Level::Root {
        let path = path.child("additionalProperties");
        causes.push(Cause::forbidden(path, "must not be used at the root"));
    }
    if let Some(each) = additional.filter(|each| each.is_object()) {
        check_schema(each, Level::Field, &path.child("additionalProperties"), causes);
    }
    let is_int_or_string = raw::flag(schema, "x-kubernetes-int-or-string");
    for field in ["x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource"] {
        if is_int_or_string && raw::flag(schema, field) {
            let why = "must be false if x-kubernetes-int-or-string is true";
            causes.push(Cause::invalid(path.child(field), &true.into(), why));
        }
    }
    check_values(schema, true, level, path, causes);
    check_type(schema, level, path, causes);
    check_meta(schema, level, path, causes);
}

fn check_type(schema: &Value, level: Level, path: &Path<'_>, causes: &mut Vec<Cause>) {
    let kind = raw::text(schema, "type");
    let is_embedded = raw::flag(schema, "x-kubernetes-embedded-resource");
    let keeps_unknown = raw::flag(schema, "x-kubernetes-preserve-unknown-fields");
    let path_of = path.child("type");
    if is_embedded && kind != "object" {
        let why = "must be object if x-kubernetes-embedded-resource is true";
        causes.push(match kind {
            "" => Cause::required(path_of, why),
            kind => Cause::invalid(path_of, &kind.into(), why),
        });
    } else if kind.is_empty() && !keeps_unknown && !raw::flag(schema, "x-kubernetes-int-or-string")
    {
        let why = match level {
            Level::Root => "must not be empty at the root",
            Level::Item => "must not be empty for specified array items",
            Level::Field => "must not be empty for specified object fields",
        };
        causes.push(Cause::required(path_of, why));
    }
    if is_embedded && raw::some(schema, "additionalProperties").is_some() {
        let why = "must not be used if x-kubernetes-embedded-resource is set";
        causes.push(Cause::forbidden(path.child("additionalProperties"), why));
    }
    if level == Level::Root && !kind.is_empty() && kind != "object" {
        causes.push(Cause::invalid(path_of, &kind.into(), "must be object at the root"));
    }
    if is_embedded && !keeps_unknown && raw::entries(schema, "properties").next().is_none() {
        let why = "must not be empty if x-kubernetes-embedded-resource is true without \
                   x-kubernetes-preserve-unknown-fields";
        causes.push(Cause::required(path.child("properties"), why));
    }
}

/// What is said of `apiVersion`, `kind` and `metadata`, which each object has anyway.
fn check_meta(schema: &Value, level: Level, path: &Path<'_>, causes: &mut Vec<Cause>) {
    let is_object = level == Level::Root || raw::flag(schema, "x-kubernetes-embedded-resource");
    let Some(properties) = raw::object(schema, "properties").filter(|_| is_object) else { return };
    let path = path.child("properties");
    for name in ["kind", "apiVersion"] {
        let kind = properties.get(name).map(|field| raw::text(field, "type"));
        if let Some(kind) = kind.filter(|kind| *kind != "string") {
            let path = path.key(name);
            causes.push(Cause::invalid(path.child("type"), &kind.into(), "must be string"));
        }
    }
    let Some(meta) = raw::object(properties, "metadata") else { return };
    let path = path.key("metadata");
    let kind = raw::text(meta, "type");
    if kind != "object" {
        causes.push(Cause::invalid(path.child("type"), &kind.into(), "must be object"));
    }
    let is_usual = meta.as_object().is_some_and(|meta| {
        meta.iter().all(|(field, value)| match field.as_str() {
            "type" | "default" => true,
            "properties" => value.as_object().is_some_and(|fields| {
                fields.keys().all(|name| matches!(name.as_str(), "name" | "generateName"))
            }),
            field => LIMITS.contains(&field) && value.is_null(),
        })
    });
    if level == Level::Root && !is_usual {
        let why = "must not specify anything other than name and generateName, but metadata is \
                   implicitly specified";
        causes.push(Cause::forbidden(path, why));
    }
}

const LIMITS: [&str; 1] = ["format"];
