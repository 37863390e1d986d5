//! `fieldsV1`: a set of fields as the API writes it.

use serde_json::{Map, Value};

use super::{
    element::{Element, Malformed},
    set::{Node, Set},
};

/// The name of the member that stands for the field itself.
const SELF: &str = ".";

pub(super) fn read(fields: &Value) -> Result<Set, Malformed> {
    let object = fields.as_object().ok_or(Malformed)?;
    let mut set = Set::default();
    for (name, value) in object.iter().filter(|(name, _)| *name != SELF) {
        if let Some(element) = Element::read(name)? {
            let children = read(value)?;
            let is_member = value.get(SELF).is_some() || children.is_empty();
            set.put(|| element, Node { is_member, children });
        }
    }
    Ok(set)
}

pub(super) fn write(set: &Set) -> Value {
    Value::Object(contents(set))
}

fn contents(set: &Set) -> Map<String, Value> {
    set.iter()
        .map(|(element, node)| {
            let mut below = contents(&node.children);
            if node.is_member && !below.is_empty() {
                below.insert(SELF.into(), Value::Object(Map::new()));
            }
            (element.text(), Value::Object(below))
        })
        .collect()
}

/// Whether `fieldsV1` has all of some fields.
pub(super) fn covers(fields: &Value, set: &Set) -> bool {
    set.iter().all(|(element, node)| {
        let below = fields.get(element.text());
        below.is_some_and(|below| {
            (!node.is_member || is_member(below)) && covers(below, &node.children)
        })
    })
}

/// Whether `fieldsV1` has one of some fields.
pub(super) fn meets(fields: &Value, set: &Set) -> bool {
    set.iter().any(|(element, node)| {
        let below = fields.get(element.text());
        below
            .is_some_and(|below| node.is_member && is_member(below) || meets(below, &node.children))
    })
}

fn is_member(below: &Value) -> bool {
    below.get(SELF).is_some() || below.as_object().is_some_and(Map::is_empty)
}

#[cfg(test)]
mod tests;
