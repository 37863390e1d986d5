//! Which old value a new one replaces.

use serde_json::Value;

use super::schema::{ListType, Schema};

/// The old item of a list that has the keys of a new one. Other lists tell nothing.
pub(super) fn item<'a>(list: &Schema, old: Option<&'a Value>, new: &Value) -> Option<&'a Value> {
    let ListType::Map(keys) = &list.list else { return None };
    let has_keys = |old: &Value| {
        keys.iter().all(|key| new.get(key).is_some_and(|value| old.get(key) == Some(value)))
    };
    old?.as_array()?.iter().find(|old| has_keys(old))
}
