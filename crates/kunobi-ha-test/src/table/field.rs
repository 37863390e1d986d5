//! Reads fields of an object by their pointers (`/spec/replicas`). What a test has injected may lack any
//! field, or have it in another type: it is empty then.

use serde_json::Value;

/// A field that is there and not null.
pub(super) fn some<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    value.pointer(path).filter(|value| !value.is_null())
}

pub(super) fn text<'a>(value: &'a Value, path: &str) -> &'a str {
    set(value, path).unwrap_or_default()
}

/// A text, be it empty; none if the field is not there.
pub(super) fn set<'a>(value: &'a Value, path: &str) -> Option<&'a str> {
    value.pointer(path).and_then(Value::as_str)
}

/// A text that is not empty, or else this one.
pub(super) fn filled<'a>(value: &'a Value, path: &str, otherwise: &'a str) -> &'a str {
    set(value, path).filter(|text| !text.is_empty()).unwrap_or(otherwise)
}

pub(super) fn number(value: &Value, path: &str) -> i64 {
    value.pointer(path).and_then(Value::as_i64).unwrap_or_default()
}

pub(super) fn flag(value: &Value, path: &str) -> bool {
    value.pointer(path).and_then(Value::as_bool).unwrap_or_default()
}

pub(super) fn list<'a>(value: &'a Value, path: &str) -> &'a [Value] {
    value.pointer(path).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// An annotation, be it empty.
pub(super) fn annotation<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.pointer("/metadata/annotations")?.get(name)?.as_str()
}

/// How many there are in a list or a map.
pub(super) fn count(value: &Value, path: &str) -> i64 {
    let count = match value.pointer(path) {
        Some(Value::Array(items)) => items.len(),
        Some(Value::Object(fields)) => fields.len(),
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) | None => 0,
    };
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// The texts of a list, with commas between them.
pub(super) fn joined(value: &Value, path: &str) -> String {
    let texts: Vec<&str> = list(value, path).iter().filter_map(Value::as_str).collect();
    texts.join(",")
}

/// A quantity, or a number that may be a percentage.
pub(super) fn quantity(value: &Value, path: &str) -> Option<String> {
    match value.pointer(path) {
        Some(Value::String(text)) => Some(text.clone()),
        Some(Value::Number(number)) => Some(number.to_string()),
        Some(Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_)) | None => None,
    }
}

/// The condition of this type.
pub(super) fn condition<'a>(value: &'a Value, path: &str, kind: &str) -> Option<&'a Value> {
    list(value, path).iter().find(|condition| text(condition, "/type") == kind)
}

pub(super) fn is_true(condition: Option<&Value>) -> bool {
    condition.is_some_and(|condition| text(condition, "/status") == "True")
}
