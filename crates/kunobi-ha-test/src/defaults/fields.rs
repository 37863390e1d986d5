//! Fields of an object, as Go sees them.

use serde_json::{Map, Value};

/// Fills in a field that is a pointer in Go: where it is missing.
pub(crate) fn fill(object: &mut Map<String, Value>, field: &str, default: &Value) {
    if object.get(field).is_none_or(Value::is_null) {
        object.insert(field.into(), default.clone());
    }
}

/// Fills in a field that is no pointer in Go: where it is missing, empty or 0.
pub(crate) fn fill_zero(object: &mut Map<String, Value>, field: &str, default: &Value) {
    if object.get(field).is_none_or(is_zero) {
        object.insert(field.into(), default.clone());
    }
}

/// Makes a field what it is in another object: there, or missing.
pub(crate) fn copy(from: &Value, to: &mut Map<String, Value>, field: &str) {
    match from.get(field) {
        Some(value) => drop(to.insert(field.into(), value.clone())),
        None => drop(to.remove(field)),
    }
}

/// A text, which is empty if it is missing.
pub(crate) fn text<'a>(object: &'a Map<String, Value>, field: &str) -> &'a str {
    object.get(field).and_then(Value::as_str).unwrap_or_default()
}

pub(crate) fn is_empty(object: &Map<String, Value>, field: &str) -> bool {
    object.get(field).is_none_or(is_zero)
}

/// An object in the object, which is made if it is missing.
pub(crate) fn child<'a>(
    object: &'a mut Map<String, Value>,
    field: &str,
) -> Option<&'a mut Map<String, Value>> {
    let child = object.entry(field).or_insert_with(|| Map::new().into());
    if child.is_null() {
        *child = Map::new().into();
    }
    child.as_object_mut()
}

/// The objects of a list.
pub(crate) fn items<'a>(
    object: &'a mut Map<String, Value>,
    field: &str,
) -> impl Iterator<Item = &'a mut Map<String, Value>> {
    let list = object.get_mut(field).and_then(Value::as_array_mut);
    list.into_iter().flatten().filter_map(Value::as_object_mut)
}

fn is_zero(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(truth) => !truth,
        Value::Number(number) => number.as_i64() == Some(0),
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(object) => object.is_empty(),
    }
}
