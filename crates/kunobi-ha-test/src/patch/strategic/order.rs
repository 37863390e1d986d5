//! The order of a list: that of `$setElementOrder`, else that of the patch, else that of the object.

use std::mem;

use serde_json::Value;

use super::{Object, PATCH, SET_ORDER, directed, failure, field, items, list, remove_directives};
use crate::{shape::Shape, status::Rejection};

/// Merges the lists whose order the patch states, and takes them out of the patch.
pub(super) fn merge(
    target: &mut Object,
    patch: &mut Object,
    shape: &Shape,
) -> Result<(), Rejection> {
    let stated = |key: &&String| key.starts_with(SET_ORDER);
    let directives: Vec<String> = patch.keys().filter(stated).cloned().collect();
    for directive in directives {
        let order = patch.remove(&directive).unwrap_or_default();
        let order = order.as_array().ok_or_else(|| failure::not_a_list(&order))?;
        let name = directed(&directive, SET_ORDER).ok_or_else(failure::bad_order)?;
        merge_ordered(target, patch, name, order, shape)?;
    }
    Ok(())
}

fn merge_ordered(
    target: &mut Object,
    patch: &mut Object,
    name: &str,
    order: &[Value],
    shape: &Shape,
) -> Result<(), Rejection> {
    for value in [target.get(name), patch.get(name)].into_iter().flatten() {
        if !value.is_array() {
            return Err(failure::not_a_list(value));
        }
    }
    let (shape, strategy) = field(shape, name)?;
    let key = strategy.merge_key.as_deref();
    let stated = patch.get(name).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    check(stated, order, key)?;
    let new = match patch.remove(name) {
        Some(Value::Array(new)) => Some(new),
        _ => None,
    };
    let mut before = target.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    let old = target.get_mut(name).and_then(Value::as_array_mut);
    let (merged, types) = match (old, &new) {
        (None, None) => return Ok(()),
        (Some(old), None) => (old, &[][..]),
        (Some(old), Some(new)) if strategy.merges => {
            list::merge(old, new, &items(&shape), key)?;
            refill(&mut before, old, new, key)?;
            (old, new.as_slice())
        }
        (Some(old), Some(new)) => {
            old.clone_from(new);
            (old, new.as_slice())
        }
        (None, Some(new)) => {
            let mut added = Value::from(new.clone());
            remove_directives(&mut added);
            target.insert(name.into(), added);
            let Some(Value::Array(added)) = target.get_mut(name) else {
                return Ok(());
            };
            (added, new.as_slice())
        }
    };
    list::is_of_objects(&before, types)?;
    arrange(merged, order, &before, key)
}

/// On kube-apiserver new items take the places of those that the patch deletes, and their order counts
/// as known.
fn refill(
    before: &mut Vec<Value>,
    merged: &[Value],
    patch: &[Value],
    key: Option<&str>,
) -> Result<(), Rejection> {
    if key.is_none() {
        return Ok(());
    }
    let places = before.len();
    let mut added = Vec::new();
    for item in patch.iter().filter(|item| item.get(PATCH).is_none()) {
        if position(before, item, key)?.is_none() {
            added.push(item.clone());
        }
    }
    before.retain(|item| position(merged, item, key).is_ok_and(|place| place.is_some()));
    before.extend(added);
    before.truncate(places);
    Ok(())
}

/// The items that the patch states have to be in the order that it states.
fn check(stated: &[Value], order: &[Value], key: Option<&str>) -> Result<(), Rejection> {
    if stated.is_empty() || order.is_empty() {
        return Ok(());
    }
    let is_directive = |item: &Value| item.get(PATCH).is_some();
    let mut rest = order.iter();
    for item in stated.iter().filter(|item| !(key.is_some() && is_directive(item))) {
        loop {
            let Some(next) = rest.next() else {
                return Err(failure::other_order(stated, order));
            };
            if key_of(item, key)? == key_of(next, key)? {
                break;
            }
        }
    }
    Ok(())
}

/// Brings a list into an order. What only the object has keeps its places, as far as the object knew
/// those of the others.
pub(super) fn arrange(
    merged: &mut Vec<Value>,
    order: &[Value],
    before: &[Value],
    key: Option<&str>,
) -> Result<(), Rejection> {
    let mut ordered = Vec::new();
    let mut others = Vec::new();
    for item in mem::take(merged) {
        let place = match key {
            Some(name) => list::find(order, name, key_of(&item, key)?)?,
            None => order.iter().position(|other| *other == item),
        };
        let was_at = position(before, &item, key)?;
        match place {
            Some(place) => ordered.push((place, was_at, item)),
            None => others.push((was_at, item)),
        }
    }
    if key.is_some() {
        for item in order.iter().chain(before) {
            key_of(item, key)?;
        }
    }
    ordered.sort_by_key(|(place, ..)| *place);
    others.sort_by_key(|(was_at, _)| was_at.unwrap_or(usize::MAX));
    let mut others = others.into_iter().peekable();
    for (_, was_at, item) in ordered {
        let comes_first = |other: &(Option<usize>, Value)| matches!((other.0, was_at), (Some(left), Some(right)) if left < right);
        while let Some((_, other)) = others.next_if(comes_first) {
            merged.push(other);
        }
        merged.push(item);
    }
    merged.extend(others.map(|(_, other)| other));
    Ok(())
}

fn position(items: &[Value], item: &Value, key: Option<&str>) -> Result<Option<usize>, Rejection> {
    let item = key_of(item, key)?;
    Ok(items.iter().position(|other| key_of(other, key).is_ok_and(|other| other == item)))
}

fn key_of<'a>(item: &'a Value, key: Option<&str>) -> Result<&'a Value, Rejection> {
    let Some(key) = key else {
        return Ok(item);
    };
    let object = item.as_object().ok_or_else(|| failure::not_a_map(item))?;
    object.get(key).ok_or_else(|| failure::no_merge_key(item, key))
}
