//! The checks of which the rules of types are made.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    field::Field,
    names::{label_key, label_value},
    texts,
};

impl<'a> Field<'a> {
    pub(super) fn not_negative(&self) {
        if self.integer() < 0 {
            self.wrong_number(NEGATIVE);
        }
    }

    pub(super) fn positive(&self) {
        if self.integer() <= 0 {
            self.wrong_number("must be greater than zero");
        }
    }

    pub(super) fn within(&self, least: i64, most: i64) {
        if self.number().is_some_and(|number| !(least..=most).contains(&number)) {
            self.wrong_number(&format!("must be between {least} and {most}, inclusive"));
        }
    }

    /// The id of a user or a group, if there is one.
    pub(super) fn id(&self) {
        self.within(0, i32::MAX.into());
    }

    pub(super) fn port_number(&self) {
        if !(1..=65535).contains(&self.integer()) {
            self.wrong_number("must be between 1 and 65535, inclusive");
        }
    }

    /// The number or the name of a port.
    pub(super) fn port(&self) {
        match self.value() {
            Value::String(name) => self.each(texts::port_name(name)),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::Array(_)
            | Value::Object(_) => self.port_number(),
        }
    }

    /// Reports each problem of a text.
    pub(super) fn each(&self, problems: Vec<String>) {
        for problem in problems {
            self.wrong_text(&problem);
        }
    }

    /// Returns whether there is a text.
    pub(super) fn required_text(&self) -> bool {
        if self.text().is_empty() {
            self.required("");
        }
        !self.text().is_empty()
    }

    pub(super) fn one_of(&self, known: &[&str]) {
        if !known.contains(&self.text()) {
            self.unsupported(known);
        }
    }

    /// One of these, if there is a value.
    pub(super) fn one_of_if_set(&self, known: &[&str]) {
        if self.is_set() {
            self.one_of(known);
        }
    }

    /// One of these; the empty text is a missing one.
    pub(super) fn required_one_of(&self, known: &[&str]) {
        if self.required_text() {
            self.one_of(known);
        }
    }

    pub(super) fn dns_label(&self) {
        self.each(texts::dns_label(self.text()));
    }

    pub(super) fn dns_subdomain(&self) {
        self.each(texts::dns_subdomain(self.text()));
    }

    /// The name of an object, if there is one.
    pub(super) fn name_if_any(&self) {
        if !self.text().is_empty() {
            self.dns_subdomain();
        }
    }

    pub(super) fn required_name(&self) {
        if self.required_text() {
            self.dns_subdomain();
        }
    }

    pub(super) fn qualified_name(&self) {
        self.each(label_key(self.text()));
    }

    pub(super) fn path_segment(&self) {
        self.each(texts::path_segment(self.text()));
    }

    pub(super) fn config_key(&self) {
        self.each(texts::config_key(self.text()));
    }

    pub(super) fn labels(&self) {
        for (key, value) in self.entries() {
            self.each_of(key, label_key(key));
            self.each_of(value.text(), label_value(value.text()));
        }
    }

    pub(super) fn annotations(&self) {
        let mut size = 0_usize;
        for (key, value) in self.entries() {
            self.each_of(key, label_key(&key.to_lowercase()));
            size = size.saturating_add(key.len()).saturating_add(value.text().len());
        }
        if size > LARGEST_ANNOTATIONS {
            self.too_long(LARGEST_ANNOTATIONS);
        }
    }

    /// Reports the problems of a part of the value, here.
    pub(super) fn each_of(&self, part: &str, problems: Vec<String>) {
        for problem in problems {
            self.invalid_as(&part.into(), &problem);
        }
    }

    pub(super) fn immutable(&self, old: &Self) {
        if !same(self.value(), old.value()) {
            self.invalid(IMMUTABLE);
        }
    }

    /// The same in the words of kube-apiserver's newer checks, which quote no value.
    pub(super) fn fixed(&self, old: &Self) {
        if !same(self.value(), old.value()) {
            self.invalid_as(&Value::Null, IMMUTABLE);
        }
    }

    /// Reports a text that another item of the list had already.
    pub(super) fn unique(&self, seen: &mut BTreeSet<&'a str>) {
        if !seen.insert(self.text()) {
            self.duplicate_as(&self.text().into());
        }
    }

    /// A path without steps to the parent directory.
    pub(super) fn descending(&self, path: &str) {
        if path.split('/').any(|part| part == "..") {
            self.invalid_as(&path.into(), "must not contain '..'");
        }
    }

    pub(super) fn local_path(&self, path: &str) {
        if path.starts_with('/') {
            self.invalid_as(&path.into(), "must be a relative path");
        }
        self.descending(path);
    }

    /// A relative path that does not look like one of those that the kubelet uses itself.
    pub(super) fn free_path(&self, path: &str) {
        self.local_path(path);
        if path.starts_with("..") && !path.starts_with("../") {
            self.invalid_as(&path.into(), "must not start with '..'");
        }
    }
}

/// Whether two values mean the same: an empty list or map is none.
pub(super) fn same(a: &Value, b: &Value) -> bool {
    let is_empty = |value: &Value| match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(entries) => entries.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    };
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => {
            let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            keys.into_iter().all(|key| {
                same(a.get(key).unwrap_or(&Value::Null), b.get(key).unwrap_or(&Value::Null))
            })
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (a, b) => a == b || is_empty(a) && is_empty(b),
    }
}

pub(super) const NEGATIVE: &str = "must be greater than or equal to 0";
pub(super) const IMMUTABLE: &str = "field is immutable";
const LARGEST_ANNOTATIONS: usize = 256 * 1024;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_empty_is_none() {
        for (a, b, expected) in [
            (json!({ "a": [] }), json!({}), true),
            (json!({ "a": { "b": null } }), json!({ "a": {} }), true),
            (json!({ "a": "" }), json!({}), false),
            (json!([1, 2]), json!([2, 1]), false),
            (json!(0), json!(null), false),
            (json!({ "a": [{ "b": [] }] }), json!({ "a": [{}] }), true),
        ] {
            assert_eq!(same(&a, &b), expected, "{a} {b}");
            assert_eq!(same(&b, &a), expected, "{b} {a}");
        }
    }
}
