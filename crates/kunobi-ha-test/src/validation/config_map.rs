//! What kube-apiserver checks in a `ConfigMap`.

use serde_json::Value;

use crate::status::Cause;

/// Returns what is wrong with a `ConfigMap` that is new, or replaces an old one.
pub(crate) fn config_map(old: Option<&Value>, value: &Value) -> Vec<Cause> {
    let mut causes = Vec::new();
    let is_fixed = |value: &Value| value.get("immutable").and_then(Value::as_bool) == Some(true);
    if let Some(old) = old.filter(|old| is_fixed(old)) {
        let detail = "field is immutable when `immutable` is set";
        if !is_fixed(value) {
            causes.push(Cause::forbidden("immutable", detail));
        }
        for field in FIELDS {
            if old.get(field) != value.get(field) {
                causes.push(Cause::forbidden(field, detail));
            }
        }
    }
    let mut size = 0_usize;
    for field in FIELDS {
        for (key, text) in entries(value, field) {
            size = size.saturating_add(text);
            let path = format!("{field}[{key}]");
            if let Some(problem) = key_problem(key) {
                causes.push(Cause::invalid(&path, &key.into(), problem));
            }
            if field == FIELDS[0] && entries(value, FIELDS[1]).any(|(other, _)| other == key) {
                let detail = "duplicate of key present in binaryData";
                causes.push(Cause::invalid(path, &key.into(), detail));
            }
        }
    }
    if size > LARGEST {
        causes.push(Cause::too_long("", LARGEST));
    }
    causes
}

/// The keys, each with the length of what is under it.
fn entries<'a>(value: &'a Value, field: &str) -> impl Iterator<Item = (&'a str, usize)> {
    let map = value.get(field).and_then(Value::as_object);
    map.into_iter().flatten().map(|(key, value)| (key.as_str(), value.as_str().map_or(0, str::len)))
}

fn key_problem(key: &str) -> Option<&'static str> {
    let is_letter = |letter: u8| letter.is_ascii_alphanumeric() || b"-._".contains(&letter);
    if key.len() > LONGEST {
        return Some("must be no more than 253 bytes");
    }
    if key.is_empty() || !key.bytes().all(is_letter) {
        return Some(
            "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. \
             'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is \
             '[-._a-zA-Z0-9]+')",
        );
    }
    match key {
        "." => Some("must not be '.'"),
        ".." => Some("must not be '..'"),
        _ if key.starts_with("..") => Some("must not start with '..'"),
        _ => None,
    }
}

const FIELDS: [&str; 2] = ["data", "binaryData"];
const LONGEST: usize = 253;
const LARGEST: usize = 1 << 20;
