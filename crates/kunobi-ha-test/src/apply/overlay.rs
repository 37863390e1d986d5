//! A configuration laid over an object. Nothing is removed by it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::{Map, Value};

use super::{
    element::Element,
    types::{self, Items, Kind},
};
use crate::shape::Form;

/// Returns the object with the values of the configuration.
pub(super) fn overlay(form: &Form, live: &Value, applied: &Value) -> Value {
    match types::kind(form, Some(applied), Some(live)) {
        Kind::Whole => applied.clone(),
        Kind::Fields => {
            let (before, stated) = (types::fields(Some(live)), types::fields(Some(applied)));
            match (before, stated) {
                // An object in a place for anything is replaced by what is not one.
                (Some(_), None) if !applied.is_object() && !applied.is_null() => applied.clone(),
                (Some(_), None) => live.clone(),
                (Some(before), Some(stated)) => fields(form, before, stated),
                (None, _) => applied.clone(),
            }
        }
        Kind::Items(kind) => match (types::items(Some(live)), types::items(Some(applied))) {
            ([], _) => applied.clone(),
            (_, []) => live.clone(),
            (before, stated) => Value::Array(Merge::new(kind, before, stated).run()),
        },
    }
}

fn fields(form: &Form, before: &Map<String, Value>, stated: &Map<String, Value>) -> Value {
    let mut merged = before.clone();
    for (name, applied) in stated {
        let value = match before.get(name) {
            Some(live) => overlay(types::field(form, name), live, applied),
            None => applied.clone(),
        };
        merged.insert(name.clone(), value);
    }
    Value::Object(merged)
}

/// Two lists that become one. Items that both have come in the order of the configuration.
struct Merge<'a> {
    kind: Items<'a>,
    live: Vec<(Element, &'a Value)>,
    applied: Vec<(Element, &'a Value)>,
    /// What an item of the configuration is laid over: none, or null for items that are there twice.
    by_element: BTreeMap<Element, Option<&'a Value>>,
    stated: BTreeSet<Element>,
    /// The items that both have and that are not merged yet.
    shared: VecDeque<Element>,
    merged: BTreeSet<Element>,
    out: Vec<Value>,
}

impl<'a> Merge<'a> {
    fn new(kind: Items<'a>, live: &'a [Value], applied: &'a [Value]) -> Self {
        let elements = |items: &'a [Value]| -> Vec<(Element, &'a Value)> {
            items.iter().filter_map(|item| Some((kind.element(item).ok()?, item))).collect()
        };
        let (live, applied) = (elements(live), elements(applied));
        let mut by_element = BTreeMap::new();
        for (element, item) in &live {
            by_element
                .entry(element.clone())
                .and_modify(|found| *found = None)
                .or_insert(Some(*item));
        }
        let stated = applied.iter().map(|(element, _)| element.clone()).collect();
        let shared = applied.iter().map(|(element, _)| element);
        let shared = shared.filter(|element| by_element.contains_key(*element)).cloned().collect();
        let (merged, out) = (BTreeSet::new(), Vec::new());
        Self { kind, live, applied, by_element, stated, shared, merged, out }
    }

    fn run(mut self) -> Vec<Value> {
        let live = std::mem::take(&mut self.live);
        let applied = std::mem::take(&mut self.applied);
        let (mut old, mut new) = (live.iter().peekable(), applied.iter().peekable());
        loop {
            match (old.peek().copied(), new.peek().copied()) {
                (None, None) => return self.out,
                (Some((is, _)), Some((wanted, item))) if is == wanted => {
                    self.take(wanted, item);
                    old.next();
                    new.next();
                    self.shared.pop_front();
                    continue;
                }
                // It comes later, where the configuration has it.
                (Some((is, _)), Some(_)) if self.is_shared_and_not_next(is) => {
                    old.next();
                    continue;
                }
                _ => {}
            }
            if let Some((is, item)) = old.peek().copied() {
                if !self.stated.contains(is) {
                    self.out.push((*item).clone());
                    old.next();
                    continue;
                }
                if self.merged.contains(is) {
                    old.next();
                }
            }
            if let Some((wanted, item)) = new.next() {
                self.take(wanted, item);
                if self.shared.front() == Some(wanted) {
                    self.shared.pop_front();
                }
            }
        }
    }

    fn is_shared_and_not_next(&self, element: &Element) -> bool {
        self.stated.contains(element) && self.shared.front().is_some_and(|next| next != element)
    }

    fn take(&mut self, element: &Element, applied: &Value) {
        self.merged.insert(element.clone());
        let item = match self.by_element.get(element) {
            Some(Some(live)) => overlay(self.kind.form, live, applied),
            Some(None) | None => applied.clone(),
        };
        self.out.push(item);
    }
}

#[cfg(test)]
mod tests;
