//! The limits of numbers. A number without a fraction that fits is an integer, as Go reads it.

use serde_json::{Number, Value};

use super::{Failure, Outcome};
use crate::crd::{
    path::Path,
    schema::{Bound, Format, Kind, Schema},
};

/// Beyond it, floats leave integers out.
const MOST_EXACT: f64 = 9_007_199_254_740_991.0;

/// The name of its type, and whether `kind` takes it.
pub(super) fn kind(kind: Kind, number: &Number) -> (&'static str, bool) {
    if number.is_i64() {
        let is_type = matches!(kind, Kind::Integer | Kind::IntOrString | Kind::Number);
        return ("integer", is_type);
    }
    let is_whole = float(number).fract() == 0.0 && float(number).abs() <= MOST_EXACT;
    let is_integer = matches!(kind, Kind::Integer | Kind::IntOrString) && is_whole;
    ("number", kind == Kind::Number || is_integer)
}

/// What Go calls its format.
pub(super) fn format(number: &Number) -> &'static str {
    if number.is_i64() { "int64" } else { "float64" }
}

fn float(number: &Number) -> f64 {
    number.as_f64().unwrap_or_default()
}

pub(super) fn check(schema: &Schema, number: &Number, path: &Path<'_>, outcome: &mut Outcome) {
    check_range(schema, number, path, outcome);
    let limits = &schema.limits;
    let data = float(number);
    let value = || Value::from(number.clone());
    // Go compares integers with integers.
    let limit_of = |limit: f64| if number.is_i64() { limit.trunc() } else { limit };
    if let Some(factor) = limits.multiple_of.map(limit_of) {
        if factor <= 0.0 {
            let factor = shown(factor);
            let message =
                format!("factor MultipleOf declared for {path} must be positive: {factor}");
            outcome.add(Failure::invalid(path, value(), message));
        } else if !is_multiple(number, factor) {
            let message = format!("{path} in body should be a multiple of {}", shown(factor));
            outcome.add(Failure::invalid(path, value(), message));
        }
    }
    let mut bound = |bound: Option<Bound>, is_beyond: fn(f64, f64) -> bool, word: &str| {
        let Some(Bound { value, is_exclusive }) = bound else { return };
        let limit = limit_of(value);
        let is_at = is_exclusive && !is_beyond(data, limit) && !is_beyond(limit, data);
        if is_beyond(data, limit) || is_at {
            let or_equal = if is_exclusive { "" } else { " or equal to" };
            let limit = shown(limit);
            let message = format!("{path} in body should be {word} than{or_equal} {limit}");
            outcome.add(Failure::invalid(path, number.clone().into(), message));
        }
    };
    bound(limits.minimum, |data, limit| data < limit, "greater");
    bound(limits.maximum, |data, limit| data > limit, "less");
    outcome.count(2);
}

fn check_range(schema: &Schema, number: &Number, path: &Path<'_>, outcome: &mut Outcome) {
    let data = float(number);
    let format = schema.limits.format.as_ref();
    let is_within = match (schema.kind, format) {
        (Kind::Integer, Some(Format::Int32)) => {
            data.fract() == 0.0 && data >= f64::from(i32::MIN) && data <= f64::from(i32::MAX)
        }
        (Kind::Integer, _) => number.is_i64() || data.fract() == 0.0 && data.abs() < 9.2e18,
        (Kind::Number, Some(Format::Float)) => data.abs() <= f64::from(f32::MAX),
        _ => true,
    };
    let Some(name) = schema.kind.name().filter(|_| !is_within) else { return };
    let format = match format {
        Some(format) => format!("with format {}", format.name()),
        None => "(default format)".to_owned(),
    };
    let message = format!("Checked value must be of type {name} {format} in {path}");
    outcome.add(Failure::whole(message));
}

fn is_multiple(number: &Number, factor: f64) -> bool {
    let data = float(number);
    let quotient = if factor < 1.0 { 1.0 / factor * data } else { data / factor };
    let nearest = quotient.round();
    (quotient - nearest).abs() <= f64::EPSILON * nearest.abs().max(1.0)
}

/// A number as Go prints it.
pub(in crate::crd) fn go_number(number: &Number) -> String {
    if number.is_i64() { number.to_string() } else { shown(float(number)) }
}

fn shown(number: f64) -> String {
    let size = number.abs();
    if size >= 1e21 || (size < 1e-4 && size > 0.0) {
        let text = format!("{number:e}");
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (sign, exponent) = match exponent.strip_prefix('-') {
            Some(exponent) => ('-', exponent),
            None => ('+', exponent),
        };
        return format!("{digits}e{sign}{exponent:0>2}");
    }
    format!("{number}")
}
