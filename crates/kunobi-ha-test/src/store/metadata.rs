//! The metadata of an object, without panics on values that are no objects.

use serde_json::{Map, Value};

/// Returns a field of the metadata.
pub(crate) fn get<'a>(value: &'a Value, field: &str) -> Option<&'a Value> {
    value.get("metadata")?.get(field)
}

/// Returns a text of the metadata, unless it is missing or empty.
pub(crate) fn text<'a>(value: &'a Value, field: &str) -> Option<&'a str> {
    get(value, field)?.as_str().filter(|text| !text.is_empty())
}

/// Returns the metadata, which it adds to an object that has none. `None`: the value is no object, or its
/// metadata is none.
pub(crate) fn of(value: &mut Value) -> Option<&mut Map<String, Value>> {
    let metadata = value.as_object_mut()?.entry("metadata").or_insert_with(|| Map::new().into());
    if metadata.is_null() {
        *metadata = Map::new().into();
    }
    metadata.as_object_mut()
}

/// Sets a field of the metadata, or removes it.
pub(crate) fn set(value: &mut Value, field: &str, new: Option<Value>) {
    if let Some(metadata) = of(value) {
        match new {
            Some(new) => drop(metadata.insert(field.into(), new)),
            None => drop(metadata.remove(field)),
        }
    }
}

pub(crate) fn finalizers(value: &Value) -> Vec<&str> {
    let list = get(value, "finalizers").and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_str).collect()
}

pub(crate) fn generation(value: &Value) -> Option<i64> {
    get(value, "generation").and_then(Value::as_i64)
}
