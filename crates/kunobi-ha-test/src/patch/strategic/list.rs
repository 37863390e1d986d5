//! Lists that are merged: objects by a key, scalars each at most once.

use std::mem;

use serde_json::Value;

use super::{PATCH, failure, merge_object, order};
use crate::{go::printed::type_of, shape::Shape, status::Rejection};

/// Merges a patch into a list.
pub(super) fn merge(
    target: &mut Vec<Value>,
    patch: &[Value],
    shape: &Shape,
    key: Option<&str>,
) -> Result<(), Rejection> {
    if target.is_empty() && patch.is_empty() {
        return Ok(());
    }
    if !is_of_objects(target, patch)? {
        let before = target.clone();
        for new in patch {
            if !target.contains(new) {
                target.push(new.clone());
            }
        }
        return order::arrange(target, patch, &before, key);
    }
    let key = key.ok_or_else(failure::no_merge_key_declared)?;
    let mut stated = direct(target, patch, key)?;
    let before = target.clone();
    for new in &mut stated {
        let value = new.get(key).cloned().ok_or_else(|| failure::no_merge_key(new, key))?;
        let old = find(target, key, &value)?.and_then(|index| target.get_mut(index));
        match (old, &mut *new) {
            (Some(Value::Object(old)), Value::Object(new)) => merge_object(old, new, shape)?,
            (_, new) => target.push(new.clone()),
        }
    }
    order::arrange(target, &stated, &before, Some(key))
}

/// Removes scalars, as `$deleteFromPrimitiveList` asks.
pub(super) fn remove(items: &mut Vec<Value>, removed: &[Value]) -> Result<(), Rejection> {
    if !(items.is_empty() && removed.is_empty()) {
        is_of_objects(items, removed)?;
    }
    items.retain(|item| !removed.contains(item));
    Ok(())
}

/// Obeys the items that direct the merge. Returns the others.
fn direct(target: &mut Vec<Value>, patch: &[Value], key: &str) -> Result<Vec<Value>, Rejection> {
    let mut stated = Vec::new();
    let mut is_replaced = false;
    for item in patch {
        let Some(directive) = item.get(PATCH) else {
            stated.push(item.clone());
            continue;
        };
        match directive.as_str() {
            Some("delete") => {
                let value = item.get(key).ok_or_else(|| failure::no_merge_key(item, key))?;
                target.retain(|item| item.get(key) != Some(value));
            }
            Some("replace") => is_replaced = true,
            Some("merge") => return Err(failure::lists_cannot_merge()),
            _ => {
                let item = item.as_object().ok_or_else(|| failure::not_a_map(item))?;
                return Err(failure::bad_directive(directive, item));
            }
        }
    }
    if is_replaced {
        *target = mem::take(&mut stated);
    }
    Ok(stated)
}

/// Where the item with this key stands.
pub(super) fn find(items: &[Value], key: &str, value: &Value) -> Result<Option<usize>, Rejection> {
    for (index, item) in items.iter().enumerate() {
        let item = item.as_object().ok_or_else(|| failure::not_a_map_at(index))?;
        if item.get(key) == Some(value) {
            return Ok(Some(index));
        }
    }
    Ok(None)
}

/// All items of both lists have to be of one type. There is at least one.
pub(super) fn is_of_objects(target: &[Value], patch: &[Value]) -> Result<bool, Rejection> {
    let mut all = target.iter().chain(patch);
    let first = all.next().ok_or_else(failure::no_elements)?;
    if first.is_array() {
        return Err(failure::lists_of_lists());
    }
    if first.is_null() || all.any(|item| type_of(item) != type_of(first)) {
        return Err(failure::mixed([target, patch]));
    }
    Ok(first.is_object())
}
