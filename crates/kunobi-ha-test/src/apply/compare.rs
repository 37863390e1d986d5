//! What differs between two states of an object.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{
    element::Element,
    order,
    set::{Node, Set},
    types::{self, Items, Kind},
};
use crate::shape::Form;

/// The fields that differ.
#[derive(Debug, Default, Eq, PartialEq)]
pub(super) struct Changes {
    /// Those that are new or have another value.
    pub(super) changed: Set,
    pub(super) removed: Set,
}

/// What differs in one field.
#[derive(Default)]
struct Change {
    changed: Node,
    removed: Node,
}

impl Changes {
    /// An object that is not there yet is compared as an empty one.
    pub(super) fn between(form: &Form, old: Option<&Value>, new: &Value) -> Self {
        let change = compare(form, old.or(Some(types::empty())), Some(new));
        Self { changed: change.changed.children, removed: change.removed.children }
    }

    /// Leaves fields out, and all that is below them.
    pub(super) fn cut(&mut self, fields: &Set) {
        self.changed.cut(fields);
        self.removed.cut(fields);
    }

    /// Leaves fields out.
    pub(super) fn forget(&mut self, fields: &Set) {
        self.changed.subtract(fields);
        self.removed.subtract(fields);
    }

    fn put(&mut self, element: impl Fn() -> Element, change: Change) {
        self.changed.put(&element, change.changed);
        self.removed.put(&element, change.removed);
    }
}

fn compare(form: &Form, old: Option<&Value>, new: Option<&Value>) -> Change {
    match types::kind(form, old, new) {
        Kind::Whole => whole(old, new),
        Kind::Fields => fields(form, old, new),
        Kind::Items(kind) => {
            let (before, after) = (types::items(old), types::items(new));
            if before.is_empty() && after.is_empty() {
                whole(old, new)
            } else if old == new {
                Change::default()
            } else {
                around(items(kind, before, after), old, new)
            }
        }
    }
}

fn whole(old: Option<&Value>, new: Option<&Value>) -> Change {
    match (old, new) {
        (Some(old), Some(new)) if order::same(old, new) => Change::default(),
        (_, Some(_)) => Change { changed: Node::MEMBER, ..Change::default() },
        (_, None) => Change { removed: Node::MEMBER, ..Change::default() },
    }
}

/// The change of a value whose parts have changed so: it may be new or gone itself.
fn around(parts: Changes, old: Option<&Value>, new: Option<&Value>) -> Change {
    Change {
        changed: Node { is_member: old.is_none(), children: parts.changed },
        removed: Node { is_member: new.is_none(), children: parts.removed },
    }
}

fn fields(form: &Form, old: Option<&Value>, new: Option<&Value>) -> Change {
    let (before, after) = (types::fields(old), types::fields(new));
    // A struct that is new or gone is so with all that it always has.
    let is_one = old.is_some() != new.is_some();
    let implied: Vec<&String> =
        if is_one { types::always_there(form).collect() } else { Vec::new() };
    if before.is_none() && after.is_none() && implied.is_empty() {
        return whole(old, new);
    }
    let added = after.into_iter().flat_map(Map::keys);
    let added = added.filter(|name| before.is_none_or(|before| !before.contains_key(*name)));
    let is_stated = |name: &&String| {
        [before, after].into_iter().flatten().any(|fields| fields.contains_key(*name))
    };
    let implied = implied.into_iter().filter(|name| !is_stated(name));
    let mut parts = Changes::default();
    for name in before.into_iter().flat_map(Map::keys).chain(added).chain(implied) {
        let (old, new) = (types::get(form, old, name), types::get(form, new, name));
        let change = compare(types::field(form, name), old, new);
        parts.put(|| Element::Field(name.clone()), change);
    }
    let mut change = around(parts, old, new);
    // An object in the place of something else, or the reverse, where any value is allowed.
    let is_other = |value: Option<&Value>| value.is_some_and(|v| !v.is_object() && !v.is_null());
    change.changed.is_member |= is_other(old) && new.is_some() || is_other(new) && old.is_some();
    change
}

fn items(kind: Items, before: &[Value], after: &[Value]) -> Changes {
    let mut pairs: BTreeMap<Element, (Vec<&Value>, Vec<&Value>)> = BTreeMap::new();
    for item in before {
        if let Ok(element) = kind.element(item) {
            pairs.entry(element).or_default().0.push(item);
        }
    }
    for item in after {
        if let Ok(element) = kind.element(item) {
            pairs.entry(element).or_default().1.push(item);
        }
    }
    let mut parts = Changes::default();
    for (element, (old, new)) in pairs {
        parts.put(|| element.clone(), item(kind, &old, &new));
    }
    parts
}

/// Items with the same keys are owned together, as one value.
fn item(kind: Items, old: &[&Value], new: &[&Value]) -> Change {
    match (old, new) {
        ([] | [_], [] | [_]) => compare(kind.form, old.first().copied(), new.first().copied()),
        ([_, _, ..], [_, _, ..]) => {
            let same = |(old, new): (&&Value, &&Value)| order::same(old, new);
            let is_same = old.len() == new.len() && old.iter().zip(new).all(same);
            let changed = if is_same { Node::default() } else { Node::MEMBER };
            Change { changed, ..Change::default() }
        }
        ([_, _, ..], _) => {
            let added = new.first().map(|new| compare(kind.form, None, Some(new)));
            Change { removed: Node::MEMBER, ..added.unwrap_or_default() }
        }
        (_, [_, _, ..]) => {
            let removed = old.first().map(|old| compare(kind.form, Some(old), None));
            Change { changed: Node::MEMBER, ..removed.unwrap_or_default() }
        }
    }
}

#[cfg(test)]
mod tests;
