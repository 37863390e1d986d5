//! Whether a configuration is of its type, in the words of structured-merge-diff.

use std::collections::BTreeSet;

use serde_json::Value;

use super::types;
use crate::{
    apply::element::Element,
    go::printed,
    shape::{Form, ListKind, Scalar},
};

/// Returns what is wrong with a configuration: a path and why.
pub(super) fn check(form: &Form, applied: &Value) -> Vec<String> {
    let mut checker = Checker::default();
    checker.value(form, applied);
    checker.problems
}

/// As Go prints a list of problems.
pub(super) fn text(problems: &[String]) -> String {
    match problems {
        [only] => only.clone(),
        all => format!("errors:\n  {}", all.join("\n  ")),
    }
}

#[derive(Default)]
struct Checker {
    path: String,
    problems: Vec<String>,
}

impl Checker {
    fn problem(&mut self, why: &str) {
        let path = &self.path;
        self.problems.push(if path.is_empty() { why.into() } else { format!("{path}: {why}") });
    }

    fn below(&mut self, element: &Element, form: &Form, value: &Value) {
        let length = self.path.len();
        self.path.push_str(&element.shown());
        self.value(form, value);
        self.path.truncate(length);
    }

    fn value(&mut self, form: &Form, value: &Value) {
        match (form, value) {
            (Form::Any | Form::Named(_), _) | (_, Value::Null) => {}
            (Form::Scalar(kind), value) => {
                if let Some(why) = mismatch(*kind, value) {
                    self.problem(&why);
                }
            }
            (Form::Struct(_) | Form::Map { .. }, Value::Object(object)) => {
                for (name, value) in object {
                    let element = Element::Field(name.clone());
                    let Some(form) = types::declared(form, name) else {
                        let path = format!("{}{}", self.path, element.shown());
                        self.problems.push(format!("{path}: field not declared in schema"));
                        return;
                    };
                    self.below(&element, form, value);
                }
            }
            (Form::Struct(_) | Form::Map { .. }, other) => {
                self.problem(&format!("expected map, got &{{{}}}", printed::printed(other)));
            }
            (Form::List { items, kind }, Value::Array(list)) => {
                self.items(items.form(), kind, list);
            }
            (Form::List { .. }, other) => {
                self.problem(&format!("expected list, got &{{{}}}", printed::printed(other)));
            }
        }
    }

    fn items(&mut self, form: &Form, kind: &ListKind, list: &[Value]) {
        let items = match kind {
            ListKind::Atomic => None,
            ListKind::Set => Some(types::Items { form, keys: None }),
            ListKind::Map(keys) => Some(types::Items { form, keys: Some(keys) }),
        };
        let mut seen = BTreeSet::new();
        for (index, item) in (0..).zip(list) {
            let element = match items.map(|items| items.element(item)) {
                None => Element::Index(index),
                Some(Ok(element)) => {
                    if !seen.insert(element.clone()) {
                        self.problem(&format!("duplicate entries for key {}", element.shown()));
                    }
                    element
                }
                // What follows can't be named either.
                Some(Err(types::NoKey(why))) => {
                    return self.problem(&format!("element {index}: {why}"));
                }
            };
            self.below(&element, form, item);
        }
    }
}

fn mismatch(kind: Scalar, value: &Value) -> Option<String> {
    match kind {
        Scalar::Boolean if !value.is_boolean() => {
            Some(format!("expected boolean, got &{{{}}}", printed::printed(value)))
        }
        Scalar::Int32 | Scalar::Int64 | Scalar::Number if !value.is_number() => {
            Some(format!("expected numeric (int or float), got {}", printed::type_of(value)))
        }
        Scalar::Bytes | Scalar::String if !value.is_string() => {
            let value = printed::in_source(value);
            Some(format!("expected string, got &value.valueUnstructured{{Value:{value}}}"))
        }
        Scalar::IntOrString | Scalar::MicroTime | Scalar::Quantity | Scalar::Time
            if value.is_array() || value.is_object() =>
        {
            Some(format!("expected any scalar, got &{{{}}}", printed::printed(value)))
        }
        Scalar::Boolean
        | Scalar::Bytes
        | Scalar::Int32
        | Scalar::Int64
        | Scalar::IntOrString
        | Scalar::MicroTime
        | Scalar::Number
        | Scalar::Quantity
        | Scalar::String
        | Scalar::Time => None,
    }
}
