//! The fields that a configuration states.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    element::Element,
    set::{Node, Set},
    types::{self, Items, Kind},
};
use crate::shape::Form;

pub(super) fn collect(form: &Form, value: &Value) -> Set {
    node(form, value).children
}

fn node(form: &Form, value: &Value) -> Node {
    match types::kind(form, Some(value), None) {
        // Whether nothing is a field is up to what it is part of.
        Kind::Whole if value.is_null() && matches!(form, Form::Any) => Node::default(),
        Kind::Whole => Node::MEMBER,
        Kind::Fields => fields(form, value),
        Kind::Items(kind) => items(kind, types::items(Some(value))),
    }
}

fn fields(form: &Form, value: &Value) -> Node {
    let mut stated = Set::default();
    for (name, value) in types::fields(Some(value)).into_iter().flatten() {
        let mut field = node(types::field(form, name), value);
        let is_empty = value.is_null() || value.as_object().is_some_and(serde_json::Map::is_empty);
        field.is_member |= is_empty || !types::names(form, name);
        stated.put(|| Element::Field(name.clone()), field);
    }
    Node { is_member: false, children: stated }
}

fn items(kind: Items, items: &[Value]) -> Node {
    let mut seen = BTreeSet::new();
    let mut twice = BTreeSet::new();
    let elements: Vec<_> =
        items.iter().filter_map(|item| Some((kind.element(item).ok()?, item))).collect();
    for (element, _) in &elements {
        if !seen.insert(element) {
            twice.insert(element);
        }
    }
    let mut stated = Set::default();
    for (element, item) in &elements {
        let below = if twice.contains(element) { Node::MEMBER } else { node(kind.form, item) };
        stated.put(|| element.clone(), Node { is_member: true, ..below });
    }
    Node { is_member: false, children: stated }
}
