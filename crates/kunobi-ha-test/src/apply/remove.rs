//! Taking fields out of a value.

use serde_json::Value;

use super::{
    element::Element,
    set::Set,
    types::{self, Kind},
};
use crate::shape::Form;

/// Removes fields and items. What is left without any becomes null.
pub(super) fn remove(form: &Form, value: &mut Value, fields: &Set) {
    if fields.is_empty() {
        return;
    }
    let is_empty = match (types::kind(form, Some(value), None), &mut *value) {
        (Kind::Fields, Value::Object(object)) => {
            object.retain(|name, value| {
                let Some(node) = fields.get(&Element::Field(name.clone())) else {
                    return true;
                };
                if !node.is_member {
                    remove(types::field(form, name), value, &node.children);
                }
                !node.is_member
            });
            object.is_empty()
        }
        (Kind::Items(kind), Value::Array(items)) => {
            items.retain_mut(|item| {
                let node = kind.element(item).ok().and_then(|element| fields.get(&element));
                let Some(node) = node else {
                    return true;
                };
                if !node.is_member {
                    remove(kind.form, item, &node.children);
                }
                !node.is_member
            });
            items.is_empty()
        }
        (Kind::Whole, Value::Array(_) | Value::Object(_)) => true,
        _ => false,
    };
    if is_empty {
        *value = Value::Null;
    }
}

#[cfg(test)]
mod tests;
