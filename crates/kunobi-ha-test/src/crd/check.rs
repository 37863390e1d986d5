//! Checks a value against a schema, in the order and the words of kube-openapi.
//!
//! An update may keep what was invalid before: a value that equals its old one has no failures.

mod combined;
mod failure;
mod number;

use std::borrow::Cow;

use serde_json::Value;

use self::failure::Code;
pub(super) use self::{failure::Failure, number::go_number};
use super::{
    correlated,
    path::Path,
    schema::{Additional, Format, Kind, Schema},
};

/// What was found. `matches` counts the checks that were made: of several alternatives that all
/// fail, the one with most of them is reported.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) failures: Vec<Failure>,
    matches: usize,
}

impl Outcome {
    fn is_valid(&self) -> bool {
        self.failures.is_empty()
    }

    /// Each text is reported once.
    fn add(&mut self, failure: Failure) {
        if self.failures.iter().all(|known| known.message() != failure.message()) {
            self.failures.push(failure);
        }
    }

    fn merge(&mut self, other: Self) {
        other.failures.into_iter().for_each(|failure| self.add(failure));
        self.count(other.matches);
    }

    fn count(&mut self, more: usize) {
        self.matches = self.matches.saturating_add(more);
    }
}

/// `old` is what stands there before an update, if that can be told.
pub(super) fn check(
    schema: &Schema,
    value: &Value,
    old: Option<&Value>,
    path: &Path<'_>,
) -> Outcome {
    let mut outcome = check_anew(schema, value, old, path);
    if old == Some(value) {
        outcome.failures.clear();
    }
    outcome
}

/// As `check`, but this value itself is not excused by its old one.
fn check_anew(schema: &Schema, value: &Value, old: Option<&Value>, path: &Path<'_>) -> Outcome {
    let mut outcome = Outcome::default();
    if value.is_null() {
        check_type(schema, value, path, &mut outcome);
        check_enum(schema, value, path, &mut outcome);
        return outcome;
    }
    if schema.kind != Kind::Any || schema.limits.format.is_some() {
        check_type(schema, value, path, &mut outcome);
        outcome.count(1);
    }
    outcome.merge(combined::check(schema, value, path));
    outcome.count(1);
    match value {
        Value::String(text) => check_text(schema, text, path, &mut outcome),
        Value::Number(number) => number::check(schema, number, path, &mut outcome),
        Value::Array(items) => check_items(schema, items, old, path, &mut outcome),
        Value::Null | Value::Bool(_) | Value::Object(_) => {}
    }
    check_enum(schema, value, path, &mut outcome);
    outcome.count(1);
    if value.is_object() {
        check_fields(schema, value, old, path, &mut outcome);
        outcome.count(1);
    }
    outcome.count(1);
    outcome
}

fn check_type(schema: &Schema, value: &Value, path: &Path<'_>, outcome: &mut Outcome) {
    let format = schema.limits.format.as_ref().map(Format::name);
    let Some(expected) = schema.kind.name().or(format.map(|_| "")) else { return };
    let (name, is_type) = match value {
        Value::Null => ("null", schema.is_nullable),
        Value::Bool(_) => ("boolean", schema.kind == Kind::Boolean),
        Value::Number(number) => number::kind(schema.kind, number),
        Value::String(_) => ("string", matches!(schema.kind, Kind::String | Kind::IntOrString)),
        Value::Array(_) => ("array", schema.kind == Kind::Array),
        Value::Object(_) => ("object", schema.kind == Kind::Object),
    };
    if value.is_null() && expected.is_empty() {
        outcome.count(1);
        return;
    }
    match (value, format) {
        _ if is_type => outcome.count(1),
        // A text and a list with a format of a text are left to the check of the format.
        (Value::String(_) | Value::Array(_), Some(_))
            if matches!(schema.kind, Kind::Any | Kind::Boolean | Kind::String) =>
        {
            outcome.count(1);
        }
        (Value::Bool(_) | Value::Object(_), Some(format)) => {
            outcome.add(Failure::wrong_type(path, format, ""));
        }
        (Value::Number(is), Some(format)) => {
            outcome.add(Failure::wrong_type(path, format, number::format(is)));
        }
        (Value::Null | Value::String(_) | Value::Array(_), _) | (_, None) => {
            outcome.add(Failure::wrong_type(path, expected, name));
        }
    }
}

fn check_text(schema: &Schema, text: &str, path: &Path<'_>, outcome: &mut Outcome) {
    let limits = &schema.limits;
    let length = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
    let value = || Value::from(text);
    // Only the first of these is reported.
    if let Some(most) = limits.max_length.filter(|most| length > *most) {
        let message = format!("{path} in body should be at most {most} chars long");
        outcome.add(Failure::new(Code::TooLong(most), path, Some(value()), message));
    } else if let Some(least) = limits.min_length.filter(|least| length < *least) {
        let message = format!("{path} in body should be at least {least} chars long");
        outcome.add(Failure::invalid(path, value(), message));
    } else if let Some(pattern) = limits.pattern.as_ref().filter(|it| !it.is_match(text)) {
        let message = format!("{path} in body should match '{}'", pattern.text());
        outcome.add(Failure::invalid(path, value(), message));
    }
    outcome.count(1);
    if let Some(Format::Text { name, check }) = &limits.format {
        if !check(text) {
            outcome.add(Failure::wrong_type(path, name, text));
        }
        outcome.count(1);
    }
}

fn check_enum(schema: &Schema, value: &Value, path: &Path<'_>, outcome: &mut Outcome) {
    let allowed = &schema.limits.one_of;
    let is_same = |allowed: &Value| match (allowed, value) {
        (Value::Null, _) => false,
        (Value::Number(allowed), Value::Number(value)) => allowed.as_f64() == value.as_f64(),
        _ => allowed == value,
    };
    if allowed.is_empty() || allowed.iter().any(is_same) {
        return;
    }
    let allowed = allowed.iter().map(|value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    });
    let code = Code::NotSupported(allowed.collect());
    let message = format!("{path} in body should be one of {:?}", schema.limits.one_of);
    outcome.add(Failure::new(code, path, Some(value.clone()), message));
}

fn check_items(
    schema: &Schema,
    items: &[Value],
    old: Option<&Value>,
    path: &Path<'_>,
    outcome: &mut Outcome,
) {
    if let Some(each) = &schema.items {
        for (index, item) in items.iter().enumerate() {
            let old = correlated::item(schema, old, item);
            outcome.merge(check(each, item, old, &path.index(index)));
        }
    }
    let size = i64::try_from(items.len()).unwrap_or(i64::MAX);
    if let Some(least) = schema.limits.min_items.filter(|least| size < *least) {
        let message = format!("{path} in body should have at least {least} items");
        outcome.add(Failure::invalid(path, size.into(), message));
    }
    if let Some(most) = schema.limits.max_items.filter(|most| size > *most) {
        let message = format!("{path} in body should have at most {most} items");
        outcome.add(Failure::new(Code::TooMany { is: size, most }, path, None, message));
    }
    outcome.count(2);
}

fn check_fields(
    schema: &Schema,
    value: &Value,
    old: Option<&Value>,
    path: &Path<'_>,
    outcome: &mut Outcome,
) {
    let Some(fields) = value.as_object() else { return };
    let size = i64::try_from(fields.len()).unwrap_or(i64::MAX);
    if let Some(least) = schema.limits.min_properties.filter(|least| size < *least) {
        let message = format!("{path} in body should have at least {least} properties");
        outcome.add(Failure::invalid(path, size.into(), message));
    }
    if let Some(most) = schema.limits.max_properties.filter(|most| size > *most) {
        let message = format!("{path} in body should have at most {most} properties");
        outcome.add(Failure::new(Code::TooMany { is: size, most }, path, None, message));
    }
    let others = fields.iter().filter(|(name, _)| !schema.properties.contains_key(*name));
    for (name, field) in others {
        match &schema.additional {
            Additional::Refused => {
                let message = format!("{path}.{name} in body is a forbidden property");
                outcome.add(Failure::invalid(path, name.as_str().into(), message));
            }
            Additional::Each(each) => {
                let old = old_field(path, old, name);
                outcome.merge(check(each, field, old, &path.child(name)));
            }
            Additional::Unsaid | Additional::Any => {}
        }
    }
    for (name, each) in &schema.properties {
        if let Some(field) = fields.get(name) {
            let old = old_field(path, old, name);
            outcome.merge(check(each, field, old, &path.child(name)));
        }
    }
    for name in schema.limits.required.iter().filter(|name| !fields.contains_key(*name)) {
        let path = path.child(name);
        let message = format!("{path} in body is required");
        outcome.add(Failure::new(Code::Required, &path, None, message));
    }
}

/// What `kind` and `apiVersion` were is not known: the old object was converted to this version.
fn old_field<'a>(path: &Path<'_>, old: Option<&'a Value>, name: &str) -> Option<&'a Value> {
    old.filter(|_| !(path.is_root() && matches!(name, "kind" | "apiVersion")))?.get(name)
}

/// How a path stands in a text that quotes it.
fn quoted(path: &Path<'_>) -> Cow<'static, str> {
    format!("\"{path}\"").into()
}
