//! Bodies in protobuf, which Go's typed clients send if they are not told otherwise, read as the JSON of the same
//! objects. Answers are always JSON: those clients accept it, too.

mod message;
mod numbers;
mod wire;

use bytes::Bytes;
use serde_json::{Map, Value};

use self::wire::{Fields, Wire};
use crate::shape::Shape;

/// The media type of such bodies.
pub(crate) const MEDIA_TYPE: &str = "application/vnd.kubernetes.protobuf";

/// What a body says of itself (`runtime.Unknown` and its `TypeMeta`).
#[derive(Debug, Default)]
struct Envelope<'a> {
    api_version: &'a str,
    kind: &'a str,
    message: &'a [u8],
}

/// Reads a body as an object of that shape, whose kind is known to the caller. Of another kind nothing is read but
/// its name.
pub(crate) fn to_json(body: &[u8], shape: &Shape, kind: &str) -> Result<Bytes, String> {
    let envelope = Envelope::read(body)?;
    let mut object = Map::new();
    if envelope.kind == kind {
        object = message::read(shape, envelope.message)?;
    }
    for (name, text) in [("apiVersion", envelope.api_version), ("kind", envelope.kind)] {
        if !text.is_empty() {
            object.insert(name.into(), text.into());
        }
    }
    Ok(Value::Object(object).to_string().into())
}

/// The name that an object states: its metadata is the first field of a message, and its name the first of that.
pub(crate) fn name(body: &[u8]) -> Option<&str> {
    let metadata = first(Envelope::read(body).ok()?.message)?;
    wire::text(first(metadata)?).ok()
}

fn first(message: &[u8]) -> Option<&[u8]> {
    Fields::of(message).find_map(|field| match field {
        Ok((1, Wire::Bytes(bytes))) => Some(bytes),
        Ok(_) | Err(_) => None,
    })
}

impl<'a> Envelope<'a> {
    fn read(body: &'a [u8]) -> Result<Self, String> {
        let fields = body.strip_prefix(MAGIC).ok_or(
            "provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]",
        )?;
        let mut envelope = Self::default();
        for field in Fields::of(fields) {
            match field? {
                (1, Wire::Bytes(kind)) => envelope.read_kind(kind)?,
                (2, Wire::Bytes(message)) => envelope.message = message,
                (3, Wire::Bytes(encoding)) if !encoding.is_empty() => {
                    return Err("the object is encoded once more, which is not supported".into());
                }
                _ => {}
            }
        }
        Ok(envelope)
    }

    fn read_kind(&mut self, bytes: &'a [u8]) -> Result<(), String> {
        for field in Fields::of(bytes) {
            match field? {
                (1, Wire::Bytes(text)) => self.api_version = wire::text(text)?,
                (2, Wire::Bytes(text)) => self.kind = wire::text(text)?,
                _ => {}
            }
        }
        Ok(())
    }
}

/// What each body begins with.
const MAGIC: &[u8] = b"k8s\0";

#[cfg(test)]
mod tests;
