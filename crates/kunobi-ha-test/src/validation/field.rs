//! A value inside of an object: where it is, what it says, and what is wrong with it.

use std::{cell::RefCell, fmt, rc::Rc};

use serde_json::Value;

use crate::status::Cause;

/// Collects what is wrong with an object, in the order in which it is found.
#[derive(Debug, Default)]
pub(super) struct Report(RefCell<Vec<Cause>>);

/// A value in its place, which may be absent. Checks report to one list.
#[derive(Clone, Debug)]
pub(super) struct Field<'a> {
    value: &'a Value,
    path: Path<'a>,
    report: &'a Report,
}

/// How a field is reached from its object. It becomes text only when something is wrong there.
#[derive(Clone, Debug)]
struct Path<'a>(Option<Rc<Step<'a>>>);

#[derive(Debug)]
struct Step<'a> {
    parent: Path<'a>,
    part: Part<'a>,
}

#[derive(Debug)]
enum Part<'a> {
    Index(usize),
    Key(&'a str),
    Name(&'a str),
}

impl Report {
    pub(super) fn len(&self) -> usize {
        self.0.borrow().len()
    }

    pub(super) fn causes(self) -> Vec<Cause> {
        self.0.into_inner()
    }
}

impl<'a> Field<'a> {
    pub(super) fn new(object: &'a Value, report: &'a Report) -> Self {
        Self { value: object, path: Path(None), report }
    }

    /// The field of a structure.
    pub(super) fn get(&self, name: &'a str) -> Self {
        self.step(self.value.get(name), Part::Name(name))
    }

    /// What is under a key of a map.
    pub(super) fn key(&self, key: &'a str) -> Self {
        self.step(self.value.get(key), Part::Key(key))
    }

    /// The items of a list.
    pub(super) fn items(&self) -> impl Iterator<Item = Self> + use<'a> {
        let (list, field) = (self.value.as_array(), self.clone());
        let items = list.into_iter().flatten().enumerate();
        items.map(move |(index, item)| field.step(Some(item), Part::Index(index)))
    }

    /// The entries of a map.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&'a str, Self)> + use<'a> {
        let (map, field) = (self.value.as_object(), self.clone());
        let entries = map.into_iter().flatten();
        entries.map(move |(key, value)| (key.as_str(), field.step(Some(value), Part::Key(key))))
    }

    /// A value as if it were an item of this list.
    pub(super) fn item(&self, index: usize, value: &'a Value) -> Self {
        self.step(Some(value), Part::Index(index))
    }

    /// Another value in the same place.
    pub(super) fn with(&self, value: &'a Value) -> Self {
        Self { value, ..self.clone() }
    }

    fn step(&self, value: Option<&'a Value>, part: Part<'a>) -> Self {
        let parent = self.path.clone();
        let path = Path(Some(Rc::new(Step { parent, part })));
        Self { value: value.unwrap_or(&Value::Null), path, report: self.report }
    }

    pub(super) fn value(&self) -> &'a Value {
        self.value
    }

    pub(super) fn is_set(&self) -> bool {
        !self.value.is_null()
    }

    pub(super) fn text(&self) -> &'a str {
        self.value.as_str().unwrap_or_default()
    }

    pub(super) fn number(&self) -> Option<i64> {
        self.value.as_i64()
    }

    /// The number, or 0.
    pub(super) fn integer(&self) -> i64 {
        self.number().unwrap_or_default()
    }

    pub(super) fn is_true(&self) -> bool {
        self.value.as_bool() == Some(true)
    }

    /// How many items or entries there are.
    pub(super) fn len(&self) -> usize {
        match self.value {
            Value::Array(items) => items.len(),
            Value::Object(entries) => entries.len(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
        }
    }

    /// The items of a list of texts.
    pub(super) fn texts(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.value.as_array().into_iter().flatten().filter_map(Value::as_str)
    }

    /// How much was found so far.
    pub(super) fn problems(&self) -> usize {
        self.report.len()
    }

    pub(super) fn push(&self, cause: Cause) {
        self.report.0.borrow_mut().push(cause);
    }

    pub(super) fn path(&self) -> String {
        self.path.to_string()
    }

    pub(super) fn required(&self, detail: &str) {
        self.push(Cause::required(self.path(), detail));
    }

    pub(super) fn forbidden(&self, detail: &str) {
        self.push(Cause::forbidden(self.path(), detail));
    }

    /// The value as it is: an absent one is null.
    pub(super) fn invalid(&self, detail: &str) {
        self.invalid_as(self.value, detail);
    }

    /// The value, or "" where Go has a text that is not a pointer.
    pub(super) fn wrong_text(&self, detail: &str) {
        self.invalid_as(&self.text().into(), detail);
    }

    /// The value, or 0 where Go has a number that is not a pointer.
    pub(super) fn wrong_number(&self, detail: &str) {
        self.invalid_as(&self.integer().into(), detail);
    }

    pub(super) fn invalid_as(&self, value: &Value, detail: &str) {
        self.push(Cause::invalid(self.path(), value, detail));
    }

    /// The value in the words of Go, which is no JSON.
    pub(super) fn invalid_internal(&self, value: &str, detail: &str) {
        let message = format!("Invalid value: {value}: {detail}");
        self.push(Cause::new("FieldValueInvalid", self.path(), message));
    }

    /// The failure quotes no value.
    pub(super) fn invalid_state(&self, detail: &str) {
        let message = format!("Invalid value: {detail}");
        self.push(Cause::new("FieldValueInvalid", self.path(), message));
    }

    pub(super) fn duplicate(&self) {
        self.push(Cause::duplicate(self.path(), self.value));
    }

    pub(super) fn duplicate_as(&self, value: &Value) {
        self.push(Cause::duplicate(self.path(), value));
    }

    pub(super) fn unsupported(&self, known: &[&str]) {
        let known: Vec<Value> = known.iter().map(|known| (*known).into()).collect();
        let value = if self.is_set() { self.value } else { &"".into() };
        self.push(Cause::not_supported(self.path(), value, &known));
    }

    pub(super) fn unsupported_internal(&self, value: &str, known: &[&str]) {
        let known: Vec<String> = known.iter().map(|known| format!("{known:?}")).collect();
        let known = known.join(", ");
        let message = format!("Unsupported value: {value}: supported values: {known}");
        self.push(Cause::new("FieldValueNotSupported", self.path(), message));
    }

    pub(super) fn duplicate_internal(&self, value: &str) {
        let message = format!("Duplicate value: {value}");
        self.push(Cause::new("FieldValueDuplicate", self.path(), message));
    }

    /// What is named here does not exist.
    pub(super) fn missing(&self, detail: &str) {
        let more = if detail.is_empty() { String::new() } else { format!(": {detail}") };
        let message = format!("Not found: {:?}{more}", self.text());
        self.push(Cause::new("FieldValueNotFound", self.path(), message));
    }

    pub(super) fn too_long(&self, most: usize) {
        self.push(Cause::too_long(self.path(), most));
    }

    pub(super) fn too_many(&self, most: usize) {
        self.push(Cause::too_many(self.path(), self.len(), most));
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(step) = &self.0 else {
            return Ok(());
        };
        step.parent.fmt(f)?;
        match step.part {
            Part::Index(index) => write!(f, "[{index}]"),
            Part::Key(key) => write!(f, "[{key}]"),
            Part::Name(name) if step.parent.0.is_none() => f.write_str(name),
            Part::Name(name) => write!(f, ".{name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_path_is_written_as_go_writes_it() {
        let object = json!({ "a": [{ "b": { "c d": "e" } }] });
        let report = Report::default();
        let root = Field::new(&object, &report);
        for item in root.get("a").items() {
            for (_, entry) in item.get("b").entries() {
                entry.invalid("why");
                entry.get("f").required("");
            }
        }
        assert_eq!(report.len(), 2);
        let texts: Vec<String> = report.causes().iter().map(Cause::text).collect();
        assert_eq!(
            texts,
            ["a[0].b[c d]: Invalid value: \"e\": why", "a[0].b[c d].f: Required value"]
        );
    }

    #[test]
    fn what_is_absent_is_empty() {
        let (object, report) = (json!({}), Report::default());
        let absent = Field::new(&object, &report).get("a").get("b");
        assert!(!absent.is_set() && !absent.is_true());
        assert_eq!((absent.text(), absent.integer(), absent.len()), ("", 0, 0));
        assert_eq!(absent.items().count() + absent.entries().count() + absent.texts().count(), 0);
        absent.unsupported(&["x"]);
        let texts: Vec<String> = report.causes().iter().map(Cause::text).collect();
        assert_eq!(texts, ["a.b: Unsupported value: \"\": supported values: \"x\""]);
    }
}
