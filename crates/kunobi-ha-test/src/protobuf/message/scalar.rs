//! Scalars, and the small messages that are scalars in JSON.

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use jiff::Timestamp;
use serde_json::{Number, Value};

use super::super::wire::{self, Fields, Wire};
use crate::shape::Scalar;

/// Reads a scalar in the form that it has in JSON.
pub(super) fn read(kind: Scalar, wire: Wire<'_>) -> Result<Value, String> {
    Ok(match (kind, wire) {
        (Scalar::Boolean, Wire::Varint(value)) => (value != 0).into(),
        // Negative numbers of 32 bits are written with 64.
        (Scalar::Int32 | Scalar::Int64, Wire::Varint(value)) => value.cast_signed().into(),
        (Scalar::Number, Wire::Fixed64(bits)) => number(f64::from_bits(bits)),
        (Scalar::Bytes, Wire::Bytes(value)) => BASE64.encode(value).into(),
        (Scalar::String, Wire::Bytes(value)) => wire::text(value)?.into(),
        (Scalar::Quantity, Wire::Bytes(message)) => quantity(message)?,
        (Scalar::IntOrString, Wire::Bytes(message)) => int_or_string(message)?,
        (Scalar::Time, Wire::Bytes(message)) => time(message, 0)?,
        (Scalar::MicroTime, Wire::Bytes(message)) => time(message, 6)?,
        (
            Scalar::Boolean
            | Scalar::Bytes
            | Scalar::Int32
            | Scalar::Int64
            | Scalar::IntOrString
            | Scalar::MicroTime
            | Scalar::Number
            | Scalar::Quantity
            | Scalar::String
            | Scalar::Time,
            _,
        ) => return Err("proto: wrong wireType".into()),
    })
}

/// A number as Go writes it in JSON: a whole one without a point.
#[expect(clippy::cast_possible_truncation, reason = "only a whole number within the range is cast")]
fn number(value: f64) -> Value {
    if value.fract() == 0.0 && value.abs() < LARGEST_WHOLE {
        return (value as i64).into();
    }
    Number::from_f64(value).map_or(Value::Null, Value::Number)
}

fn quantity(message: &[u8]) -> Result<Value, String> {
    let mut read = "0";
    for field in Fields::of(message) {
        if let (1, Wire::Bytes(text)) = field? {
            read = wire::text(text)?;
        }
    }
    Ok(read.into())
}

fn int_or_string(message: &[u8]) -> Result<Value, String> {
    let (mut is_text, mut number, mut text) = (false, 0, "");
    for field in Fields::of(message) {
        match field? {
            (1, Wire::Varint(kind)) => is_text = kind != 0,
            (2, Wire::Varint(value)) => number = value.cast_signed(),
            (3, Wire::Bytes(value)) => text = wire::text(value)?,
            _ => {}
        }
    }
    Ok(if is_text { text.into() } else { number.into() })
}

/// A time with so many digits of a second. No time at all is null.
fn time(message: &[u8], digits: usize) -> Result<Value, String> {
    let (mut seconds, mut nanos) = (None, 0);
    for field in Fields::of(message) {
        match field? {
            (1, Wire::Varint(value)) => seconds = Some(value.cast_signed()),
            (2, Wire::Varint(value)) => nanos = i32::try_from(value).map_err(|_| OUT_OF_RANGE)?,
            _ => {}
        }
    }
    let Some(seconds) = seconds else {
        return Ok(Value::Null);
    };
    let time = Timestamp::new(seconds, nanos).map_err(|_| OUT_OF_RANGE)?;
    Ok(format!("{time:.digits$}").into())
}

const LARGEST_WHOLE: f64 = 9e15;
const OUT_OF_RANGE: &str = "a time out of range";
