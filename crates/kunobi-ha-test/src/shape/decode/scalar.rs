//! Scalars as Go reads and writes them.

use base64::{DecodeError, Engine, engine::general_purpose::STANDARD as BASE64};
use serde_json::{Number, Value};

use super::{Path, quantity, time};
use crate::{go, shape::Scalar};

/// Why a value is not of its type.
#[derive(Debug)]
pub(super) enum Problem {
    /// JSON of another kind.
    Kind { is: String, wanted: String },
    /// Text that does not say what it should.
    Text(String),
}

impl Problem {
    pub(super) fn text(self, owner: &str, path: Path) -> String {
        match self {
            Self::Text(why) => why,
            Self::Kind { is, wanted } if path.fields().is_empty() => {
                format!("json: cannot unmarshal {is} into Go value of type {wanted}")
            }
            Self::Kind { is, wanted } => format!(
                "json: cannot unmarshal {is} into Go struct field {owner}.{} of type {wanted}",
                path.fields()
            ),
        }
    }
}

/// Reads a scalar, and brings it into the form in which the server writes it.
pub(super) fn read(kind: Scalar, value: &mut Value) -> Result<(), Problem> {
    let wrong = |value: &Value| {
        Err(Problem::Kind { is: is_not(kind, value), wanted: go_type(kind).into() })
    };
    match (kind, &*value) {
        (Scalar::Boolean, Value::Bool(_))
        | (Scalar::Number, Value::Number(_))
        | (Scalar::String | Scalar::IntOrString, Value::String(_)) => Ok(()),
        (Scalar::Bytes, Value::String(text)) => check_base64(text).map_err(Problem::Text),
        (Scalar::Int32, Value::Number(number))
            if fits(number, i32::MIN.into(), i32::MAX.into()) =>
        {
            Ok(())
        }
        (Scalar::Int64, Value::Number(number)) if fits(number, i64::MIN, i64::MAX) => Ok(()),
        (Scalar::IntOrString, Value::Number(number))
            if fits(number, i32::MIN.into(), i32::MAX.into()) =>
        {
            Ok(())
        }
        (Scalar::Quantity, Value::String(text)) if is_quantity(text) => {
            if let Some(canonical) = quantity::canonical(text) {
                *value = canonical.into();
            }
            Ok(())
        }
        (Scalar::Quantity, Value::Number(number)) => {
            let text = number.to_string();
            *value = quantity::canonical(&text).unwrap_or(text).into();
            Ok(())
        }
        (Scalar::Quantity, _) => Err(Problem::Text(QUANTITY.into())),
        (Scalar::Time, Value::String(_)) => time::normalise_seconds(value).map_err(Problem::Text),
        (Scalar::MicroTime, Value::String(_)) => {
            time::normalise_micros(value).map_err(Problem::Text)
        }
        (
            Scalar::Boolean
            | Scalar::Bytes
            | Scalar::Int32
            | Scalar::Int64
            | Scalar::IntOrString
            | Scalar::MicroTime
            | Scalar::Number
            | Scalar::String
            | Scalar::Time,
            value,
        ) => wrong(value),
    }
}

fn fits(number: &Number, least: i64, most: i64) -> bool {
    number.as_i64().is_some_and(|number| (least..=most).contains(&number))
}

/// Where text is no base64, in the words of Go.
fn check_base64(text: &str) -> Result<(), String> {
    let at = |at: usize| Err(format!("illegal base64 data at input byte {at}"));
    match BASE64.decode(text) {
        Ok(_) => Ok(()),
        Err(DecodeError::InvalidByte(index, _) | DecodeError::InvalidLastSymbol(index, _)) => {
            at(index)
        }
        Err(DecodeError::InvalidLength(_) | DecodeError::InvalidPadding) => at(text.len()),
    }
}

/// A signed decimal number with a suffix: `100m`, `1.5Gi`, `1e3`.
fn is_quantity(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let digits =
        unsigned.trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == '.');
    let number = unsigned.strip_suffix(digits).unwrap_or_default();
    let is_number = number.matches('.').count() <= 1 && number.bytes().any(|b| b.is_ascii_digit());
    let is_exponent = || {
        let exponent = digits.strip_prefix(['e', 'E']).unwrap_or_default();
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        !exponent.is_empty() && exponent.bytes().all(|byte| byte.is_ascii_digit())
    };
    is_number && (SUFFIXES.contains(&digits) || is_exponent())
}

/// Go shows a number only where it takes numbers, but not this one.
fn is_not(wanted: Scalar, value: &Value) -> String {
    match (wanted, value) {
        (Scalar::Int32 | Scalar::Int64 | Scalar::Number, Value::Number(number)) => {
            format!("number {number}")
        }
        (_, value) => go::kind(value).into(),
    }
}

pub(super) fn go_type(kind: Scalar) -> &'static str {
    match kind {
        Scalar::Boolean => "bool",
        Scalar::Bytes => "[]uint8",
        Scalar::Int32 => "int32",
        Scalar::Int64 => "int64",
        Scalar::IntOrString => "intstr.IntOrString",
        Scalar::Number => "float64",
        Scalar::Quantity => "resource.Quantity",
        Scalar::MicroTime | Scalar::String | Scalar::Time => "string",
    }
}

pub(in crate::shape) fn zero(kind: Scalar) -> Value {
    match kind {
        Scalar::Boolean => false.into(),
        Scalar::Int32 | Scalar::Int64 | Scalar::IntOrString | Scalar::Number => 0.into(),
        Scalar::Quantity => "0".into(),
        Scalar::Bytes | Scalar::String => "".into(),
        Scalar::MicroTime | Scalar::Time => Value::Null,
    }
}

/// Whether Go leaves this out where it is optional. What is a structure in Go is never left out.
pub(super) fn is_zero(kind: Scalar, value: &Value) -> bool {
    match kind {
        Scalar::Boolean => *value == Value::Bool(false),
        Scalar::Int32 | Scalar::Int64 | Scalar::Number => value.as_f64() == Some(0.0),
        Scalar::Bytes | Scalar::String => value.as_str() == Some(""),
        Scalar::IntOrString | Scalar::MicroTime | Scalar::Quantity | Scalar::Time => false,
    }
}

const SUFFIXES: [&str; 16] =
    ["", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
const QUANTITY: &str = "quantities must match the regular expression \
    '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
