//! The conditions in the status of an object.

use serde_json::{Map, Value};

/// Sets a condition. Its time is that of the last change from true to false or back.
pub(super) fn set(status: &mut Map<String, Value>, mut new: Value) {
    let list = status.entry("conditions").or_insert(Value::Null);
    if !list.is_array() {
        *list = Value::Array(Vec::new());
    }
    let Some(list) = list.as_array_mut() else {
        return;
    };
    let Some(old) = list.iter_mut().find(|old| old.get("type") == new.get("type")) else {
        list.push(new);
        return;
    };
    let since = old.get("lastTransitionTime").filter(|_| old.get("status") == new.get("status"));
    if let (Some(since), Some(new)) = (since.cloned(), new.as_object_mut()) {
        new.insert("lastTransitionTime".into(), since);
    }
    *old = new;
}
