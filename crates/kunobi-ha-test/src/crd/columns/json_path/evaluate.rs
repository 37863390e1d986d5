//! Follows the steps.

use std::{borrow::Cow, cmp::Ordering};

use serde_json::Value;

use super::{Filter, Slice, Step};

/// An owned value is a text of the path, or a byte of one: nothing else is in it.
type Values<'a> = Vec<Cow<'a, Value>>;

/// The path asks for what the value can't have.
#[derive(Debug)]
pub(super) struct Mismatch;

pub(super) fn all<'a>(steps: &'a [Step], values: Values<'a>) -> Result<Values<'a>, Mismatch> {
    steps.iter().try_fold(values, |values, step| step.of(values))
}

impl Step {
    fn of<'a>(&'a self, values: Values<'a>) -> Result<Values<'a>, Mismatch> {
        Ok(match self {
            Self::Field(name) => values.iter().filter_map(|it| field(it, name)).collect(),
            Self::Every => values.into_iter().flat_map(parts).collect(),
            Self::Deep => {
                let mut all = Vec::new();
                for value in values {
                    descend(value, &mut all);
                }
                all
            }
            Self::Slice(slice) => {
                let mut all = Vec::new();
                for value in values {
                    all.extend(slice.of(value)?);
                }
                all
            }
            Self::Filter(filter) => {
                let mut all = Vec::new();
                for value in values {
                    let Value::Array(_) = *value else { return Err(Mismatch) };
                    for item in parts(value) {
                        if filter.passes(&item)? {
                            all.push(item);
                        }
                    }
                }
                all
            }
            Self::Union(paths) => {
                let mut results = Vec::new();
                for path in paths {
                    results.extend(all(path, values.clone())?);
                }
                results
            }
            Self::Text(text) => vec![Cow::Owned(text.as_str().into())],
            Self::Literal(literal) => values.iter().map(|_| Cow::Borrowed(literal)).collect(),
            Self::Word => return Err(Mismatch),
        })
    }
}

impl Slice {
    fn of<'a>(&self, value: Cow<'a, Value>) -> Result<Values<'a>, Mismatch> {
        let length = match &*value {
            Value::Null => return Ok(Vec::new()),
            Value::Array(items) => i64::try_from(items.len()).map_err(|_| Mismatch)?,
            Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
                return Err(Mismatch);
            }
        };
        let from = match self.from.unwrap_or(0) {
            from @ ..0 => from + length,
            from => from,
        };
        let to = match self.to.unwrap_or(length) {
            0 if self.is_index => length,
            to @ ..0 => to + length,
            to => to,
        };
        if from == to {
            return Ok(Vec::new());
        }
        let step = usize::try_from(self.step.unwrap_or(1)).map_err(|_| Mismatch)?;
        let is_within = (0..length).contains(&from) && (from..=length).contains(&to) && step > 0;
        let (from, to) = (usize::try_from(from), usize::try_from(to));
        let (Ok(from), Ok(to), true) = (from, to, is_within) else { return Err(Mismatch) };
        Ok(parts(value).into_iter().take(to).skip(from).step_by(step).collect())
    }
}

impl Filter {
    fn passes(&self, item: &Value) -> Result<bool, Mismatch> {
        let found = all(&self.left, vec![Cow::Borrowed(item)]);
        let Some((operator, right)) = &self.test else {
            return Ok(found.is_ok_and(|found| !found.is_empty()));
        };
        let found = found?;
        let Some(left) = only(&found)? else { return Ok(false) };
        let found = all(right, vec![Cow::Borrowed(item)])?;
        let Some(right) = only(&found)? else { return Ok(false) };
        let equal = || compare(left, right).map(Ordering::is_eq);
        let order = || match (left, right) {
            (Value::Bool(_), _) | (_, Value::Bool(_)) => Err(Mismatch),
            _ => compare(left, right),
        };
        match operator.as_str() {
            "==" => equal(),
            "!=" => equal().map(|is| !is),
            "<" => order().map(Ordering::is_lt),
            "<=" => order().map(Ordering::is_le),
            ">" => order().map(Ordering::is_gt),
            ">=" => order().map(Ordering::is_ge),
            _ => Err(Mismatch),
        }
    }
}

/// Nothing is compared with several values.
fn only<'v>(values: &'v [Cow<'_, Value>]) -> Result<Option<&'v Value>, Mismatch> {
    match values {
        [] => Ok(None),
        [only] => Ok(Some(only)),
        [_, _, ..] => Err(Mismatch),
    }
}

/// Only values of the same kind are compared: an integer is none with a fraction.
fn compare(left: &Value, right: &Value) -> Result<Ordering, Mismatch> {
    match (left, right) {
        (Value::Bool(left), Value::Bool(right)) => Ok(left.cmp(right)),
        (Value::String(left), Value::String(right)) => Ok(left.cmp(right)),
        (Value::Number(left), Value::Number(right)) => match (left.as_i64(), right.as_i64()) {
            (Some(left), Some(right)) => Ok(left.cmp(&right)),
            (None, None) => {
                let order = left.as_f64().zip(right.as_f64());
                order.and_then(|(left, right)| left.partial_cmp(&right)).ok_or(Mismatch)
            }
            (Some(_), None) | (None, Some(_)) => Err(Mismatch),
        },
        _ => Err(Mismatch),
    }
}

fn field<'a>(value: &Cow<'a, Value>, name: &str) -> Option<Cow<'a, Value>> {
    match value {
        Cow::Borrowed(value) => value.get(name).map(Cow::Borrowed),
        Cow::Owned(_) => None,
    }
}

/// What is in a value: of an object in the order of its keys, where Go has none. A text consists of bytes.
fn parts(value: Cow<'_, Value>) -> Values<'_> {
    match value {
        Cow::Borrowed(Value::Array(items)) => items.iter().map(Cow::Borrowed).collect(),
        Cow::Borrowed(Value::Object(fields)) => fields.values().map(Cow::Borrowed).collect(),
        value => {
            let text = value.as_str().unwrap_or_default();
            text.bytes().map(|byte| Cow::Owned(byte.into())).collect()
        }
    }
}

/// The value, if there is something in it, and all that is in it.
fn descend<'a>(value: Cow<'a, Value>, all: &mut Values<'a>) {
    let inside = parts(value.clone());
    if !inside.is_empty() {
        all.push(value);
        for value in inside {
            descend(value, all);
        }
    }
}
