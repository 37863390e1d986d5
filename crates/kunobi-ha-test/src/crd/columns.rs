//! What is printed of custom objects: `additionalPrinterColumns`.

mod json_path;

use std::sync::LazyLock;

use jiff::Timestamp;
use serde_json::{Number, Value, json};

use self::json_path::JsonPath;
use super::{check::go_number, raw};
use crate::{
    go,
    table::{self, age},
};

static SCALE: LazyLock<Columns> = LazyLock::new(Columns::scale);
static UNSTATED: LazyLock<Columns> = LazyLock::new(|| Columns::of(&[age_column()]));

/// The columns of a version, after the one with the name.
#[derive(Debug)]
pub(crate) struct Columns(Vec<Column>);

#[derive(Debug)]
struct Column {
    path: JsonPath,
    kind: String,
    definition: Value,
}

impl Columns {
    /// Reads them from an element of `spec.versions`. None: it states none.
    pub(super) fn read(version: &Value) -> Option<Self> {
        let stated = raw::list(version, "additionalPrinterColumns");
        (!stated.is_empty()).then(|| Self::of(stated))
    }

    /// Of a version that states none.
    pub(super) fn unstated() -> &'static Self {
        &UNSTATED
    }

    /// Of a Scale.
    pub(crate) fn of_scale() -> &'static Self {
        &SCALE
    }

    fn scale() -> Self {
        let replicas = |name: &str, description: &str, path: &str| json!({ "name": name, "type": "integer", "description": description, "jsonPath": path });
        let desired = replicas("Desired", "Number of desired replicas", ".spec.replicas");
        let available = replicas("Available", "Number of actual replicas", ".status.replicas");
        Self::of(&[desired, available, age_column()])
    }

    /// As there, the first one whose path can't be read is the end of them.
    fn of(columns: &[Value]) -> Self {
        Self(columns.iter().map_while(Column::read).collect())
    }

    /// As a Table tells them.
    pub(crate) fn definitions(&self) -> impl Iterator<Item = &Value> {
        self.0.iter().map(|column| &column.definition)
    }

    pub(crate) fn cells<'a>(
        &'a self,
        object: &'a Value,
        now: Timestamp,
    ) -> impl Iterator<Item = Value> + 'a {
        self.0.iter().map(move |column| column.cell(object, now))
    }
}

impl Column {
    fn read(column: &Value) -> Option<Self> {
        let path = raw::text(column, "jsonPath");
        let description = match raw::text(column, "description") {
            "" => format!("Custom resource definition column (in JSONPath format): {path}"),
            description => description.to_owned(),
        };
        let kind = raw::text(column, "type").to_owned();
        let definition = json!({
            "name": raw::text(column, "name"),
            "type": kind,
            "format": raw::text(column, "format"),
            "description": description,
            "priority": raw::count(column, "priority").unwrap_or_default(),
        });
        Some(Self { path: JsonPath::parse(path)?, kind, definition })
    }

    fn cell(&self, object: &Value, now: Timestamp) -> Value {
        let Some(value) = self.path.first(object) else { return Value::Null };
        match (self.kind.as_str(), &*value) {
            ("string", value) => printed(value).into(),
            ("integer", Value::Number(number)) => whole(number),
            ("number", Value::Number(number)) => {
                // A whole number has no fraction, as Go writes it.
                serde_json::from_str(&go_number(number)).unwrap_or_default()
            }
            ("boolean", Value::Bool(is)) => (*is).into(),
            ("date", Value::String(text)) => date(text, now).into(),
            _ => Value::Null,
        }
    }
}

/// A number without its fraction.
fn whole(number: &Number) -> Value {
    let float = || format!("{:.0}", number.as_f64().unwrap_or_default().trunc()).parse().ok();
    number.as_i64().or_else(float).into()
}

fn date(text: &str, now: Timestamp) -> String {
    if matches!(text, "" | "null") {
        return age::since(None, now);
    }
    // Go takes less for a time than jiff does.
    let is_strict = text.len() >= "2006-01-02T15:04:05Z".len()
        && text.as_bytes().get(10) == Some(&b'T')
        && !text.bytes().any(|byte| byte.is_ascii_lowercase());
    let text = Value::from(text);
    match age::moment(Some(&text)) {
        Some(_) if is_strict => age::since(Some(&text), now),
        Some(_) | None => "<invalid>".into(),
    }
}

/// A value in a column of texts.
fn printed(value: &Value) -> String {
    match value {
        Value::Null => "<no value>".into(),
        Value::Bool(is) => is.to_string(),
        Value::Number(number) => go_number(number),
        Value::String(text) => text.clone(),
        Value::Array(_) | Value::Object(_) => in_json(value),
    }
}

/// JSON as Go writes it, with its numbers.
fn in_json(value: &Value) -> String {
    match value {
        Value::Null | Value::Bool(_) => value.to_string(),
        Value::Number(number) => number_in_json(number),
        Value::String(_) => go::json(value),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(in_json).collect();
            format!("[{}]", items.join(","))
        }
        Value::Object(fields) => {
            let field = |(name, value): (&String, &Value)| {
                format!("{}:{}", in_json(&name.as_str().into()), in_json(value))
            };
            let fields: Vec<String> = fields.iter().map(field).collect();
            format!("{{{}}}", fields.join(","))
        }
    }
}

fn number_in_json(number: &Number) -> String {
    let float = number.as_f64().unwrap_or_default();
    if number.is_i64() {
        number.to_string()
    } else if float == 0.0 || (1e-6..1e21).contains(&float.abs()) {
        float.to_string()
    } else {
        go_number(number).replace("e-0", "e-")
    }
}

/// The age as a column that nobody has to define.
fn age_column() -> Value {
    json!({ "name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp",
            "description": table::description("Age") })
}

#[cfg(test)]
mod tests;
