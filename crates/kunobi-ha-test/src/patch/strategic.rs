//! Strategic merge patch: lists are merged by the keys of their types, and `$` fields direct the merge.

use serde_json::{Map, Value};

use super::not_an_object;
use crate::{
    go::printed::printed,
    shape::{Field, Form, PatchStrategy, Shape},
    status::Rejection,
};

type Object = Map<String, Value>;

pub(super) fn merge(patch: &Value, live: &Value, shape: &Shape) -> Result<Value, Rejection> {
    let (Value::Object(patch), Value::Object(live)) = (patch, live) else {
        return Err(not_an_object(patch));
    };
    let mut merged = live.clone();
    merge_object(&mut merged, patch, shape)?;
    Ok(merged.into())
}

fn merge_object(target: &mut Object, patch: &Object, shape: &Shape) -> Result<(), Rejection> {
    match patch.get(PATCH) {
        None => {}
        Some(directive) => match directive.as_str() {
            Some("merge") => {}
            Some("replace") => {
                target.clear();
                for (key, value) in patch.iter().filter(|(key, _)| !key.starts_with('$')) {
                    target.insert(key.clone(), value.clone());
                }
                return Ok(());
            }
            Some("delete") => {
                target.clear();
                return Ok(());
            }
            _ => return Err(bad_directive(directive, patch)),
        },
    }
    if let Some(kept) = patch.get(RETAIN_KEYS) {
        let kept = kept.as_array().ok_or_else(|| bad_directive(kept, patch))?;
        target.retain(|key, _| kept.iter().any(|kept| kept == key.as_str()));
    }
    for (key, values) in patch {
        if let Some(list) = key.strip_prefix(DELETE_FROM)
            && let Some(Value::Array(items)) = target.get_mut(list)
        {
            let values = values.as_array().ok_or_else(|| bad_directive(values, patch))?;
            items.retain(|item| !values.contains(item));
        }
    }
    let is_ordered = patch.keys().any(|key| key.starts_with(SET_ORDER));
    let before = if is_ordered { target.clone() } else { Object::new() };
    for (key, value) in patch.iter().filter(|(key, _)| !key.starts_with('$')) {
        let is_ordered = patch.contains_key(&format!("{SET_ORDER}{key}"));
        merge_field(target, key, value, shape, is_ordered)?;
    }
    for (key, order) in patch {
        if let Some(list) = key.strip_prefix(SET_ORDER)
            && let Some(Value::Array(items)) = target.get_mut(list)
        {
            let order = order.as_array().ok_or_else(|| bad_directive(order, patch))?;
            let before = before.get(list).and_then(Value::as_array).cloned().unwrap_or_default();
            set_order(items, order, &before, field(shape, list).map(|field| field.1));
        }
    }
    Ok(())
}

fn merge_field(
    target: &mut Object,
    key: &str,
    value: &Value,
    shape: &Shape,
    is_ordered: bool,
) -> Result<(), Rejection> {
    if value.is_null() {
        target.remove(key);
        return Ok(());
    }
    let known = field(shape, key);
    let any = Shape::new(Form::Any);
    let (shape, strategy) =
        known.as_ref().map_or((&any, None), |(shape, patch)| (shape, Some(patch)));
    match (target.get_mut(key), value) {
        (Some(Value::Object(old)), Value::Object(new)) => merge_object(old, new, shape),
        (None, Value::Object(new)) => {
            let mut object = Object::new();
            merge_object(&mut object, new, shape)?;
            target.insert(key.into(), object.into());
            Ok(())
        }
        (old, Value::Array(new)) if strategy.is_some_and(|strategy| strategy.merges) => {
            let merge_key = strategy.and_then(|strategy| strategy.merge_key.as_deref());
            let mut items = old.and_then(|old| old.as_array().cloned()).unwrap_or_default();
            let before = items.clone();
            match merge_key {
                Some(merge_key) => merge_list(&mut items, new, merge_key, shape)?,
                None => merge_set(&mut items, new),
            }
            if !is_ordered {
                // What the patch states comes in its order, and what is new there comes first.
                let stated: Vec<Value> =
                    new.iter().filter(|item| item.get(PATCH).is_none()).cloned().collect();
                set_order(&mut items, &stated, &before, strategy.cloned());
            }
            target.insert(key.into(), items.into());
            Ok(())
        }
        (_, value) => {
            target.insert(key.into(), value.clone());
            Ok(())
        }
    }
}

/// A list whose elements are told apart by a key.
fn merge_list(
    items: &mut Vec<Value>,
    patch: &[Value],
    merge_key: &str,
    shape: &Shape,
) -> Result<(), Rejection> {
    let element = match shape.form() {
        Form::List { items, .. } => items.clone(),
        _ => Shape::new(Form::Any),
    };
    let replaces = |item: &Value| item.get(PATCH).is_some_and(|directive| directive == "replace");
    if patch
        .iter()
        .any(|item| replaces(item) && item.as_object().is_some_and(|item| item.len() == 1))
    {
        *items = patch.iter().filter(|item| !replaces(item)).cloned().collect();
        return Ok(());
    }
    for new in patch {
        let object = new.as_object().ok_or_else(|| not_an_object(new))?;
        let Some(key) = object.get(merge_key) else {
            let new = printed(new);
            let message = format!("map: {new} does not contain declared merge key: {merge_key}");
            return Err(Rejection::internal(&message));
        };
        let is_same = |item: &Value| item.get(merge_key) == Some(key);
        if object.get(PATCH).is_some_and(|directive| directive == "delete") {
            items.retain(|item| !is_same(item));
        } else if let Some(Value::Object(old)) = items.iter_mut().find(|item| is_same(item)) {
            merge_object(old, object, &element)?;
        } else {
            let mut added = Object::new();
            merge_object(&mut added, object, &element)?;
            items.push(added.into());
        }
    }
    Ok(())
}

/// A list of scalars, each at most once.
fn merge_set(items: &mut Vec<Value>, patch: &[Value]) {
    for new in patch {
        if !items.contains(new) {
            items.push(new.clone());
        }
    }
}

/// Brings a list into the order that the client asked for. Elements that only the server has keep their
/// places before the elements that they stood before.
fn set_order(
    items: &mut Vec<Value>,
    order: &[Value],
    before: &[Value],
    strategy: Option<PatchStrategy>,
) {
    let merge_key = strategy.and_then(|strategy| strategy.merge_key);
    let key_of = |item: &Value| match &merge_key {
        Some(key) => item.get(key).cloned().unwrap_or_default(),
        None => item.clone(),
    };
    let place = |item: &Value| order.iter().position(|wanted| key_of(wanted) == key_of(item));
    let was_at = |item: &Value| before.iter().position(|known| key_of(known) == key_of(item));
    let (mut ordered, others): (Vec<Value>, Vec<Value>) =
        items.drain(..).partition(|item| place(item).is_some());
    ordered.sort_by_key(&place);
    let mut ordered = ordered.into_iter().peekable();
    for other in others {
        // What was not there has no place, and comes first.
        while let Some(next) = ordered.next_if(|next| was_at(next) < was_at(&other)) {
            items.push(next);
        }
        items.push(other);
    }
    items.extend(ordered);
}

fn field(shape: &Shape, name: &str) -> Option<(Shape, PatchStrategy)> {
    match shape.form() {
        Form::Struct(fields) => {
            let Field { shape, patch, .. } = fields.fields.get(name)?;
            Some((shape.clone(), patch.clone()))
        }
        Form::Map { values, .. } => Some((values.clone(), PatchStrategy::default())),
        Form::Any | Form::List { .. } | Form::Named(_) | Form::Scalar(_) => None,
    }
}

fn bad_directive(directive: &Value, patch: &Object) -> Rejection {
    let (directive, patch) = (printed(directive), printed(&patch.clone().into()));
    Rejection::internal(&format!("unknown patch type: {directive} in map: {patch}"))
}

const PATCH: &str = "$patch";
const RETAIN_KEYS: &str = "$retainKeys";
const DELETE_FROM: &str = "$deleteFromPrimitiveList/";
const SET_ORDER: &str = "$setElementOrder/";
