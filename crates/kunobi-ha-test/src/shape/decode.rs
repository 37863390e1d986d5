//! Reading a value as a built-in type: unknown fields are dropped, wrong types are refused.

pub(super) mod quantity;
mod scalar;
mod time;

use serde_json::{Map, Value};

pub(super) use self::scalar::zero;

use super::{Field, Form, Scalar, Shape};
use crate::go;

/// Where a value stands in an object.
#[derive(Clone, Copy)]
enum Path<'a> {
    Root,
    Field(&'a Self, &'a str),
    Key(&'a Self, &'a str),
    Index(&'a Self, usize),
}

/// Brings a value into the form of its type. Returns what to say of the fields that the type does not
/// know, or why the value is not of the type.
pub(crate) fn decode(shape: &Shape, value: &mut Value) -> Result<Vec<String>, String> {
    let mut unknown = Vec::new();
    let mut decoder = Decoder { unknown: &mut unknown };
    decoder.value(shape, value, Path::Root, shape.go_name())?;
    Ok(unknown)
}

struct Decoder<'a> {
    unknown: &'a mut Vec<String>,
}

impl Decoder<'_> {
    /// `owner` is the Go type that the field belongs to.
    fn value(
        &mut self,
        shape: &Shape,
        value: &mut Value,
        path: Path,
        owner: &str,
    ) -> Result<(), String> {
        match (shape.form(), &mut *value) {
            // An element of a list or map may be null; a field that is null is no field.
            (Form::Any | Form::Named(_), _)
            | (Form::List { .. } | Form::Map { .. }, Value::Null) => Ok(()),
            (Form::Scalar(kind), value) => {
                scalar::read(*kind, value).map_err(|problem| problem.text(owner, path))
            }
            (Form::Struct(_), Value::Object(object)) => self.fields(shape, object, path),
            (Form::Map { values, .. }, Value::Object(object)) => {
                for (key, value) in object.iter_mut() {
                    self.entry(values, value, Path::Key(&path, key), owner)?;
                }
                Ok(())
            }
            (Form::List { items, .. }, Value::Array(list)) => {
                for (index, value) in list.iter_mut().enumerate() {
                    self.entry(items, value, Path::Index(&path, index), owner)?;
                }
                Ok(())
            }
            (Form::Struct(_) | Form::Map { .. } | Form::List { .. }, value) => {
                Err(scalar::Problem::Kind { is: go::kind(value).into(), wanted: go_type(shape) }
                    .text(owner, path))
            }
        }
    }

    /// An element that is null is the zero value of its type.
    fn entry(
        &mut self,
        shape: &Shape,
        value: &mut Value,
        path: Path,
        owner: &str,
    ) -> Result<(), String> {
        if value.is_null() {
            *value = shape.zero();
        }
        self.value(shape, value, path, owner)
    }

    fn fields(
        &mut self,
        shape: &Shape,
        object: &mut Map<String, Value>,
        path: Path,
    ) -> Result<(), String> {
        let Form::Struct(known) = shape.form() else {
            return Ok(());
        };
        let mut dropped = Vec::new();
        for (name, value) in object.iter_mut() {
            match known.fields.get(name) {
                Some(_) if value.is_null() => dropped.push(name.clone()),
                Some(field) => {
                    let path = Path::Field(&path, name);
                    self.value(&field.shape, value, path, shape.go_name())?;
                    if is_left_out(name, field, value) {
                        dropped.push(name.clone());
                    }
                }
                None if known.keeps_unknown => {}
                None => {
                    self.unknown
                        .push(format!("unknown field {:?}", Path::Field(&path, name).text()));
                    dropped.push(name.clone());
                }
            }
        }
        for name in dropped {
            object.remove(&name);
        }
        for (name, field) in known.fields.iter().filter(|(_, field)| field.is_always) {
            if !object.contains_key(name) {
                object.insert(name.clone(), field.shape.zero());
            }
        }
        Ok(())
    }
}

impl Path<'_> {
    /// `spec.containers[0].image`.
    fn text(self) -> String {
        match self {
            Self::Root | Self::Field(Self::Root, "") => String::new(),
            Self::Field(Self::Root, name) | Self::Key(Self::Root, name) => name.into(),
            Self::Field(parent, name) | Self::Key(parent, name) => {
                format!("{}.{name}", parent.text())
            }
            Self::Index(parent, index) => format!("{}[{index}]", parent.text()),
        }
    }

    /// `spec.containers.image`: Go's decoder tells no index and no key of a map.
    fn fields(self) -> String {
        match self {
            Self::Root => String::new(),
            Self::Field(Self::Root, name) => name.into(),
            Self::Field(parent, name) => format!("{}.{name}", parent.fields()),
            Self::Key(parent, _) | Self::Index(parent, _) => parent.fields(),
        }
    }
}

/// The type of a field as Go names it in an error.
fn go_type(shape: &Shape) -> String {
    match shape.form() {
        Form::List { items, .. } => format!("[]{}", go_type(items)),
        Form::Map { values, .. } => format!("map[string]{}", go_type(values)),
        Form::Struct(_) => format!("v1.{}", shape.go_name()),
        Form::Scalar(kind) => scalar::go_type(*kind).into(),
        Form::Any | Form::Named(_) => "interface {}".into(),
    }
}

/// Whether Go leaves a field out when it writes it: it has no content, and can do without.
fn is_left_out(name: &str, field: &Field, value: &Value) -> bool {
    // An empty list of managers asks to forget them.
    let may_be_empty = field.is_required || name == "managedFields";
    match (field.shape.form(), value) {
        (Form::List { .. }, Value::Array(items)) => items.is_empty() && !may_be_empty,
        (Form::Map { .. }, Value::Object(entries)) => entries.is_empty() && !may_be_empty,
        (Form::Scalar(Scalar::Bytes), _) if may_be_empty => false,
        (Form::Scalar(kind), value) => {
            !field.is_always && !field.is_pointer && scalar::is_zero(*kind, value)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests;
