//! JSON as values of CEL, typed by the schema.

use std::{collections::HashMap, sync::Arc};

use cel::{
    Value,
    objects::{Key, Map},
};
use serde_json::Value as Json;

use super::times;
use crate::crd::schema::{Format, Kind, ListType, Schema};

/// Words that CEL keeps for itself.
const RESERVED: [&str; 20] = [
    "as",
    "break",
    "const",
    "continue",
    "else",
    "false",
    "for",
    "function",
    "if",
    "import",
    "in",
    "let",
    "loop",
    "namespace",
    "null",
    "package",
    "return",
    "true",
    "var",
    "void",
];

/// `is_root`: it is a whole object, of whose metadata only the name is seen.
pub(super) fn of(json: &Json, schema: Option<&Schema>, is_root: bool) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(is) => Value::Bool(*is),
        Json::Number(number) => match (number.as_i64(), schema.map(|schema| schema.kind)) {
            (Some(integer), kind) if kind != Some(Kind::Number) => Value::Int(integer),
            _ => Value::Float(number.as_f64().unwrap_or_default()),
        },
        Json::String(text) => of_text(text, schema),
        Json::Array(items) => {
            let each = schema.and_then(|schema| schema.items.as_deref());
            let items = in_order(items, schema).into_iter();
            let items = items.map(|item| of(item, each, is_embedded(each)));
            Value::List(Arc::new(items.collect()))
        }
        Json::Object(fields) => {
            let fields = fields.iter().map(|(name, field)| {
                let known = schema.and_then(|schema| schema.properties.get(name));
                let is_property = known.is_some() || is_root;
                let name = if is_property { escaped(name) } else { name.clone() };
                let inside = known.or_else(|| schema?.field(&name));
                let value = if is_root && name == "metadata" {
                    metadata(field)
                } else {
                    of(field, inside, is_embedded(inside))
                };
                (Key::String(Arc::new(name)), value)
            });
            Value::Map(Map { map: Arc::new(fields.collect()) })
        }
    }
}

/// The order of a set and of a map says nothing: two that have the same items are equal.
fn in_order<'a>(items: &'a [Json], schema: Option<&Schema>) -> Vec<&'a Json> {
    let mut items: Vec<&Json> = items.iter().collect();
    match schema.map(|schema| &schema.list) {
        None | Some(ListType::Atomic) => {}
        Some(ListType::Set) => items.sort_by_key(ToString::to_string),
        Some(ListType::Map(keys)) => items.sort_by_key(|item| {
            keys.iter().map(|key| item.get(key).map(Json::to_string)).collect::<Vec<_>>()
        }),
    }
    items
}

fn is_embedded(schema: Option<&Schema>) -> bool {
    schema.is_some_and(|schema| schema.is_embedded)
}

fn metadata(json: &Json) -> Value {
    let fields = ["name", "generateName"].into_iter().filter_map(|name| {
        let value = of(json.get(name)?, None, false);
        Some((Key::String(Arc::new(name.to_owned())), value))
    });
    Value::Map(Map { map: Arc::new(fields.collect::<HashMap<_, _>>()) })
}

/// Texts of some formats are times and durations.
fn of_text(text: &str, schema: Option<&Schema>) -> Value {
    let format = schema.and_then(|schema| schema.limits.format.as_ref()).map(Format::name);
    let value = match format {
        Some("date-time" | "datetime") => times::timestamp(text),
        Some("date") => times::timestamp(&format!("{text}T00:00:00Z")),
        Some("duration") => times::duration(text),
        _ => None,
    };
    value.map_or_else(|| Value::String(Arc::new(text.to_owned())), Value::Int)
}

/// The name of a property as rules write it.
fn escaped(name: &str) -> String {
    if RESERVED.contains(&name) {
        return format!("__{name}__");
    }
    name.replace("__", "__underscores__")
        .replace('.', "__dot__")
        .replace('-', "__dash__")
        .replace('/', "__slash__")
}
