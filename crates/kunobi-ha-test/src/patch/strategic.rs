//! Strategic merge patch: lists are merged by the keys of their types, and `$` fields direct the merge.

mod failure;
mod list;
mod order;

use std::mem;

use serde_json::{Map, Value};

use super::{convert::convert, invalid, not_an_object};
use crate::{
    go::printed::printed,
    shape::{Form, PatchStrategy, Shape},
    status::Rejection,
};

type Object = Map<String, Value>;

/// Returns the merged object, and the patch as a refusal of the object shows it.
pub(super) fn merge(
    mut patch: Value,
    live: &Value,
    shape: &Shape,
) -> Result<(Value, String), Rejection> {
    let mut none = Object::new();
    let patch = match &mut patch {
        Value::Null => &mut none,
        Value::Object(patch) => patch,
        other => return Err(Rejection::bad_request(not_an_object(other))),
    };
    let mut merged = live.as_object().cloned().unwrap_or_default();
    merge_object(&mut merged, patch, shape)?;
    // The merge takes the directives and the nulls out of the patch.
    let shown = printed(&mem::take(patch).into());
    let mut merged = Value::from(merged);
    convert(shape, &mut merged).map_err(|why| invalid(&shown, &why))?;
    // The type is that of the URL, whatever the patch says.
    if let Value::Object(merged) = &mut merged {
        for field in ["apiVersion", "kind"] {
            if let Some(value) = live.get(field) {
                merged.insert(field.into(), value.clone());
            }
        }
    }
    Ok((merged, shown))
}

fn merge_object(target: &mut Object, patch: &mut Object, shape: &Shape) -> Result<(), Rejection> {
    if let Some(directive) = patch.get(PATCH) {
        match directive.as_str() {
            Some("replace") => {
                patch.remove(PATCH);
                target.clone_from(patch);
            }
            Some("delete") => target.clear(),
            _ => return Err(failure::bad_directive(directive, patch)),
        }
        return Ok(());
    }
    retain_keys(target, patch)?;
    order::merge(target, patch, shape)?;
    for (key, value) in patch {
        if key.starts_with(DELETE_FROM) {
            let key = directed(key, DELETE_FROM).ok_or_else(failure::bad_primitive_list)?;
            if let (Some(Value::Array(items)), Value::Array(removed)) = (target.get_mut(key), value)
            {
                list::remove(items, removed)?;
            }
        } else {
            merge_field(target, key, value, shape)?;
        }
    }
    Ok(())
}

/// Drops the fields that `$retainKeys` does not name. It has to name all that the patch states.
fn retain_keys(target: &mut Object, patch: &mut Object) -> Result<(), Rejection> {
    let Some(kept) = patch.remove(RETAIN_KEYS) else {
        return Ok(());
    };
    let kept = kept.as_array().ok_or_else(failure::bad_retained_keys)?;
    let is_kept = |key: &str| kept.iter().any(|kept| kept == key);
    let is_stated = |key: &str, value: &Value| {
        !(value.is_null() || key.starts_with(DELETE_FROM) || key.starts_with(SET_ORDER))
    };
    if patch.iter().any(|(key, value)| is_stated(key, value) && !is_kept(key)) {
        return Err(failure::bad_retained_keys());
    }
    target.retain(|key, _| is_kept(key));
    Ok(())
}

fn merge_field(
    target: &mut Object,
    key: &str,
    value: &mut Value,
    shape: &Shape,
) -> Result<(), Rejection> {
    if value.is_null() {
        target.remove(key);
        return Ok(());
    }
    match (target.get_mut(key), &mut *value) {
        (Some(Value::Object(old)), Value::Object(new)) => {
            let (shape, _) = field(shape, key)?;
            merge_object(old, new, &shape)
        }
        (Some(Value::Array(old)), Value::Array(new)) => {
            let (shape, strategy) = field(shape, key)?;
            if strategy.merges {
                list::merge(old, new, &items(&shape), strategy.merge_key.as_deref())
            } else {
                old.clone_from(new);
                Ok(())
            }
        }
        (_, value) => {
            discard_nulls(value);
            if remove_directives(value) {
                target.insert(key.into(), value.clone());
            } else {
                target.remove(key);
            }
            Ok(())
        }
    }
}

fn discard_nulls(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, value| !value.is_null());
            fields.values_mut().for_each(discard_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(discard_nulls),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Returns false of an object that only directs the merge.
fn remove_directives(value: &mut Value) -> bool {
    match value {
        Value::Object(fields) => {
            if fields.contains_key(PATCH) {
                return false;
            }
            fields.retain(|_, value| remove_directives(value));
        }
        Value::Array(items) => items.retain_mut(remove_directives),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    true
}

/// The name of the list that a directive is about: `a` of `$setElementOrder/a`.
fn directed<'a>(key: &'a str, directive: &str) -> Option<&'a str> {
    key.strip_prefix(directive)?.strip_prefix('/')
}

fn field(shape: &Shape, name: &str) -> Result<(Shape, PatchStrategy), Rejection> {
    match shape.form() {
        Form::Struct(known) => {
            let field = known.fields.get(name);
            let field = field.ok_or_else(|| failure::no_such_field(shape, name))?;
            Ok((field.shape.clone(), field.patch.clone()))
        }
        Form::Map { .. } => Err(failure::not_a_struct()),
        Form::Any | Form::List { .. } | Form::Named(_) | Form::Scalar(_) => {
            Ok((Shape::new(Form::Any), PatchStrategy::default()))
        }
    }
}

/// The shape of the items of a list.
fn items(shape: &Shape) -> Shape {
    match shape.form() {
        Form::List { items, .. } => items.clone(),
        _ => Shape::new(Form::Any),
    }
}

const PATCH: &str = "$patch";
const RETAIN_KEYS: &str = "$retainKeys";
const DELETE_FROM: &str = "$deleteFromPrimitiveList";
const SET_ORDER: &str = "$setElementOrder";
