//! `x-kubernetes-list-type`, `x-kubernetes-list-map-keys` and `x-kubernetes-map-type`.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{
    crd::{path::Path, raw},
    status::Cause,
};

const LIST: &str = "x-kubernetes-list-type";
const MAP: &str = "x-kubernetes-map-type";
const KEYS: &str = "x-kubernetes-list-map-keys";

pub(super) fn check_map_type(schema: &Value, path: &Path<'_>, causes: &mut Vec<Cause>) {
    let Some(is) = raw::some(schema, MAP) else { return };
    must_be("object", MAP, schema, path, causes);
    if !["atomic", "granular"].contains(&is.as_str().unwrap_or_default()) {
        let all = ["atomic", "granular"].map(Value::from);
        causes.push(Cause::not_supported(path.child(MAP), is, &all));
    }
}

/// Returns whether `schema` has this type.
fn must_be(
    expected: &str,
    field: &str,
    schema: &Value,
    path: &Path<'_>,
    causes: &mut Vec<Cause>,
) -> bool {
    let kind = raw::text(schema, "type");
    if kind == expected {
        return true;
    }
    let why = format!("must be {expected} if {field} is specified");
    causes.push(match kind {
        "" => Cause::required(path.child("type"), &why),
        kind => Cause::invalid(path.child("type"), &kind.into(), &why),
    });
    false
}

pub(super) fn check(schema: &Value, path: &Path<'_>, causes: &mut Vec<Cause>) {
    let is = raw::some(schema, LIST);
    let list_type = raw::text(schema, LIST);
    let items = raw::object(schema, "items");
    if is.is_some()
        && must_be("array", LIST, schema, path, causes)
        && list_type == "set"
        && let Some(items) = items
    {
        check_set(items, path, causes);
    }
    if let Some(is) = is.filter(|_| !["atomic", "set", "map"].contains(&list_type)) {
        let all = ["atomic", "set", "map"].map(Value::from);
        causes.push(Cause::not_supported(path.child(LIST), is, &all));
    }
    if !raw::list(schema, KEYS).is_empty() && list_type != "map" {
        let why = format!("must be map if {KEYS} is non-empty");
        causes.push(match is {
            None => Cause::required(path.child(LIST), &why),
            Some(is) => Cause::invalid(path.child(LIST), is, &why),
        });
    }
    if list_type == "map" {
        check_keys(schema, items, path, causes);
    }
    if let Some(items) = items.filter(|_| ["set", "map"].contains(&list_type)) {
        check_items(schema, items, list_type, path, causes);
    }
}

/// The items of a set are owned as a whole.
fn check_set(items: &Value, path: &Path<'_>, causes: &mut Vec<Cause>) {
    let path = path.child("items");
    let field = match raw::text(items, "type") {
        "array" if !["", "atomic"].contains(&raw::text(items, LIST)) => LIST,
        "object" if raw::text(items, MAP) != "atomic" => MAP,
        _ => return,
    };
    let why = "must be atomic as item of a list with x-kubernetes-list-type=set";
    let is = items.get(LIST).unwrap_or(&Value::Null);
    causes.push(Cause::invalid(path.child(field), is, why));
}

fn check_keys(schema: &Value, items: Option<&Value>, path: &Path<'_>, causes: &mut Vec<Cause>) {
    let keys = raw::list(schema, KEYS);
    if keys.is_empty() {
        let why = format!("must not be empty if {LIST} is map");
        causes.push(Cause::required(path.child(KEYS), &why));
    }
    let items_path = path.child("items");
    let Some(items) = items else {
        let why = format!("must have a schema if {LIST} is map");
        causes.push(Cause::required(items_path, &why));
        return;
    };
    let kind = raw::text(items, "type");
    if kind != "object" {
        let why = format!("must be object if parent array's {LIST} is map");
        causes.push(Cause::invalid(items_path.child("type"), &kind.into(), &why));
        return;
    }
    let all = schema.get(KEYS).unwrap_or(&Value::Null);
    let mut seen = BTreeSet::new();
    for key in raw::texts(schema, KEYS) {
        match items.get("properties").and_then(|fields| fields.get(key)) {
            Some(field) if ["array", "object"].contains(&raw::text(field, "type")) => {
                let why = format!("must be a scalar type if parent array's {LIST} is map");
                let field = format!("{items_path}.properties[{key}].type");
                causes.push(Cause::invalid(field, &kind.into(), &why));
            }
            Some(_) => {}
            None => {
                let why = "entries must all be names of item properties";
                causes.push(Cause::invalid(path.child(KEYS), all, why));
            }
        }
        if !seen.insert(key) {
            let why = "must not contain duplicate entries";
            causes.push(Cause::invalid(path.child(KEYS), all, why));
        }
    }
}

/// Items of a set or a map are never null, and have their keys.
fn check_items(
    schema: &Value,
    items: &Value,
    list_type: &str,
    path: &Path<'_>,
    causes: &mut Vec<Cause>,
) {
    let path = path.child("items");
    if raw::flag(items, "nullable") {
        let why = format!("cannot be nullable when {LIST} is {list_type}");
        causes.push(Cause::forbidden(path.child("nullable"), &why));
    }
    let path = path.child("properties");
    let keys = raw::texts(schema, KEYS).filter(|_| list_type == "map");
    for key in keys {
        let Some(field) = items.get("properties").and_then(|fields| fields.get(key)) else {
            continue;
        };
        let path = path.key(key);
        let what = format!("this property is in {KEYS}, so it");
        if raw::some(field, "default").is_none()
            && raw::texts(items, "required").all(|name| name != key)
        {
            let why = format!("{what} must have a default or be a required property");
            causes.push(Cause::required(path.child("default"), &why));
        }
        if raw::flag(field, "nullable") {
            let why = format!("{what} cannot be nullable");
            causes.push(Cause::forbidden(path.child("nullable"), &why));
        }
    }
}
