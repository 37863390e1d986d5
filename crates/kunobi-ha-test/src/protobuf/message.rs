//! Messages, read by the shapes of what they hold.

mod scalar;

use serde_json::{Map, Value};

use super::{
    numbers::{self, Any, Entry},
    wire::{self, Fields, Wire},
};
use crate::shape::{Form, Shape};

/// Reads a message of a built-in type.
pub(super) fn read(shape: &Shape, message: &[u8]) -> Result<Map<String, Value>, String> {
    object(shape, message, 0)
}

fn object(shape: &Shape, message: &[u8], depth: usize) -> Result<Map<String, Value>, String> {
    let mut read = Map::new();
    fields(shape, shape.name(), message, depth, &mut read)?;
    Ok(read)
}

/// Reads the fields of a message of type `of`, which stand in an object of that shape.
fn fields(
    shape: &Shape,
    of: &str,
    message: &[u8],
    depth: usize,
    read: &mut Map<String, Value>,
) -> Result<(), String> {
    let (Form::Struct(known), Some(numbers)) = (shape.form(), numbers::of(of)) else {
        return Err(format!("the type {of:?} is not supported in protobuf"));
    };
    if depth > DEEPEST {
        return Err("exceeded max depth".into());
    }
    for field in Fields::of(message) {
        let (number, wire) = field?;
        match (numbers.get(&number), wire) {
            (Some(Entry::Inline(of)), Wire::Bytes(inner)) => {
                fields(shape, of, inner, depth + 1, read)?;
            }
            (Some(&Entry::Field { name, any }), _) => {
                let Some(field) = known.fields.get(name) else { continue };
                let reader = Reader { any, depth };
                reader
                    .field(&field.shape, wire, read, name)
                    .map_err(|why| format!("{name}: {why}"))?;
            }
            // Go does not read a field that it does not know either.
            (None | Some(Entry::Inline(_)), _) => {}
        }
    }
    Ok(())
}

struct Reader {
    any: Option<Any>,
    depth: usize,
}

impl Reader {
    /// Adds a field to what was read, or an element to the list or map that it is.
    fn field(
        &self,
        shape: &Shape,
        wire: Wire<'_>,
        read: &mut Map<String, Value>,
        name: &str,
    ) -> Result<(), String> {
        match shape.form() {
            Form::List { items, .. } => {
                let value = self.value(items, wire)?;
                let list = read.entry(name).or_insert_with(|| Value::Array(Vec::new()));
                if let Value::Array(list) = list {
                    list.push(value);
                }
            }
            Form::Map { values, .. } => {
                let (key, value) = self.entry(values, bytes(wire)?)?;
                let map = read.entry(name).or_insert_with(|| Value::Object(Map::new()));
                if let Value::Object(map) = map {
                    map.insert(key, value);
                }
            }
            Form::Any | Form::Scalar(_) | Form::Struct(_) | Form::Named(_) => {
                let value = self.value(shape, wire)?;
                read.insert(name.into(), value);
            }
        }
        Ok(())
    }

    fn entry(&self, values: &Shape, message: &[u8]) -> Result<(String, Value), String> {
        let (mut key, mut value) = ("", values.zero());
        for field in Fields::of(message) {
            match field? {
                (1, wire) => key = wire::text(bytes(wire)?)?,
                (2, wire) => value = self.value(values, wire)?,
                _ => {}
            }
        }
        Ok((key.to_owned(), value))
    }

    fn value(&self, shape: &Shape, wire: Wire<'_>) -> Result<Value, String> {
        match shape.form() {
            Form::Scalar(kind) => scalar::read(*kind, wire),
            Form::Struct(_) => object(shape, bytes(wire)?, self.depth + 1).map(Value::Object),
            // A list within a map is a message with a single field.
            Form::List { items, .. } => {
                let elements = Fields::of(bytes(wire)?);
                let elements = elements.map(|field| self.value(items, field?.1));
                let list = elements.collect::<Result<Vec<_>, String>>()?;
                Ok(if list.is_empty() { Value::Null } else { Value::Array(list) })
            }
            Form::Any => self.any(bytes(wire)?),
            Form::Map { .. } | Form::Named(_) => Err("a map has no message of its own".into()),
        }
    }

    fn any(&self, message: &[u8]) -> Result<Value, String> {
        let Some(any) = self.any else {
            return Err("what it holds is not supported".into());
        };
        let mut schema = None;
        let (mut list, mut boolean) = (Vec::new(), false);
        for field in Fields::of(message) {
            match (any, field?) {
                (Any::Raw, (1, wire)) => return raw(bytes(wire)?),
                (Any::Boolean, (1, Wire::Varint(allows))) => boolean = allows != 0,
                (Any::Array | Any::Strings, (1, wire)) | (Any::Boolean, (2, wire)) => {
                    schema = Some(self.schema(bytes(wire)?)?);
                }
                (Any::Array, (2, wire)) => list.push(self.schema(bytes(wire)?)?),
                (Any::Strings, (2, wire)) => list.push(wire::text(bytes(wire)?)?.into()),
                (Any::Raw | Any::Array | Any::Boolean | Any::Strings, _) => {}
            }
        }
        Ok(match (any, schema) {
            (Any::Array | Any::Strings, _) if !list.is_empty() => Value::Array(list),
            (Any::Array | Any::Strings | Any::Boolean, Some(schema)) => schema,
            (Any::Boolean, None) => Value::Bool(boolean),
            (Any::Raw, _) | (Any::Array | Any::Strings, None) => Value::Null,
        })
    }

    fn schema(&self, message: &[u8]) -> Result<Value, String> {
        object(&Shape::named(SCHEMA), message, self.depth + 1).map(Value::Object)
    }
}

fn raw(text: &[u8]) -> Result<Value, String> {
    if text.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_slice(text).map_err(|error| error.to_string())
}

fn bytes(wire: Wire<'_>) -> Result<&[u8], String> {
    match wire {
        Wire::Bytes(bytes) => Ok(bytes),
        Wire::Varint(_) | Wire::Fixed64(_) | Wire::Fixed32(_) => {
            Err("proto: wrong wireType".into())
        }
    }
}

/// As deep as JSON may be.
const DEEPEST: usize = 100;
const SCHEMA: &str = "apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps";
