//! The document in `OpenAPI` 2.0 as protobuf, which is all that Go's clients ask for.
//!
//! They read the types in it, and nothing else since they know version 3.0: the paths are left out. The numbers are
//! those of `openapi.v2.Document` in gnostic-models.

use serde_json::{Map, Value};

/// A message that is being written.
#[derive(Debug, Default)]
struct Message(Vec<u8>);

/// Writes the types of a document in `OpenAPI` 2.0.
pub(super) fn encode(document: &Value) -> Vec<u8> {
    let mut message = Message::default();
    message.text(1, &document["swagger"]);
    let mut info = Message::default();
    info.text(1, &document["info"]["title"]);
    info.text(2, &document["info"]["version"]);
    message.part(2, &info);
    message.part(8, &Message::default());
    message.part(9, &schemas(&document["definitions"]));
    message.0
}

fn schemas(all: &Value) -> Message {
    let mut message = Message::default();
    for (name, of) in all.as_object().into_iter().flatten() {
        message.part(1, &named(name, &schema(of)));
    }
    message
}

fn schema(of: &Value) -> Message {
    let mut message = Message::default();
    let empty = Map::new();
    let members = of.as_object().unwrap_or(&empty);
    for (number, name) in (1..).zip(FIELDS) {
        if let Some(value) = members.get(name) {
            message.field(number, name, value);
        }
    }
    for (name, value) in members.iter().filter(|(name, _)| name.starts_with("x-")) {
        message.part(31, &named(name, &any(value)));
    }
    message
}

fn named(name: &str, value: &Message) -> Message {
    let mut message = Message::default();
    message.bytes(1, name.as_bytes());
    message.part(2, value);
    message
}

/// As YAML.
fn any(value: &Value) -> Message {
    let mut message = Message::default();
    message.bytes(2, format!("{value}\n").as_bytes());
    message
}

impl Message {
    fn field(&mut self, number: u8, name: &str, value: &Value) {
        match (name, value) {
            ("default" | "example", value) => self.part(number, &any(value)),
            ("enum", Value::Array(values)) => {
                for value in values {
                    self.part(number, &any(value));
                }
            }
            ("required", Value::Array(names)) => {
                for name in names {
                    self.text(number, name);
                }
            }
            ("type", name) => self.within(number, |message| message.text(1, name)),
            ("items", of) => self.within(number, |message| message.part(1, &schema(of))),
            ("additionalProperties", Value::Bool(is)) => {
                self.within(number, |message| message.number(2, (*is).into()));
            }
            ("additionalProperties", of) => {
                self.within(number, |message| message.part(1, &schema(of)));
            }
            ("allOf", Value::Array(all)) => {
                for of in all {
                    self.part(number, &schema(of));
                }
            }
            ("properties", all) => self.part(number, &schemas(all)),
            ("multipleOf" | "maximum" | "minimum", value) => {
                self.double(number, value.as_f64().unwrap_or_default());
            }
            (_, Value::Bool(is)) => self.number(number, (*is).into()),
            (_, Value::Number(value)) => self.number(number, value.as_u64().unwrap_or_default()),
            (_, value) => self.text(number, value),
        }
    }

    fn within(&mut self, number: u8, write: impl FnOnce(&mut Self)) {
        let mut message = Self::default();
        write(&mut message);
        self.part(number, &message);
    }

    fn text(&mut self, number: u8, value: &Value) {
        if let Some(text) = value.as_str() {
            self.bytes(number, text.as_bytes());
        }
    }

    fn part(&mut self, number: u8, message: &Self) {
        self.bytes(number, &message.0);
    }

    fn bytes(&mut self, number: u8, bytes: &[u8]) {
        self.key(number, 2);
        self.varint(bytes.len() as u64);
        self.0.extend(bytes);
    }

    fn number(&mut self, number: u8, value: u64) {
        self.key(number, 0);
        self.varint(value);
    }

    fn double(&mut self, number: u8, value: f64) {
        self.key(number, 1);
        self.0.extend(value.to_le_bytes());
    }

    fn key(&mut self, number: u8, wire: u8) {
        self.varint(u64::from(number) << 3 | u64::from(wire));
    }

    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value.to_le_bytes()[0] | 0x80);
            value >>= 7;
        }
        self.0.push(value.to_le_bytes()[0]);
    }
}

/// The fields of a schema; each has its place in this list as its number.
const FIELDS: [&str; 30] = [
    "$ref",
    "format",
    "title",
    "description",
    "default",
    "multipleOf",
    "maximum",
    "exclusiveMaximum",
    "minimum",
    "exclusiveMinimum",
    "maxLength",
    "minLength",
    "pattern",
    "maxItems",
    "minItems",
    "uniqueItems",
    "maxProperties",
    "minProperties",
    "required",
    "enum",
    "additionalProperties",
    "type",
    "items",
    "allOf",
    "properties",
    "discriminator",
    "readOnly",
    "xml",
    "externalDocs",
    "example",
];

#[cfg(test)]
mod tests;
