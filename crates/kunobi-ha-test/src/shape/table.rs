//! The fields of the built-in types, from a table that `scripts/kubernetes-fields.py` makes.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, OnceLock},
};

use serde_json::Value;

use super::{Field, Form, ListKind, PatchStrategy, Scalar, Shape, Struct};

/// The types by their names. The line of a type is read when the type is first needed.
static TABLE: LazyLock<HashMap<&'static str, Type>> = LazyLock::new(|| {
    let lines = include_str!("fields.txt").lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let (name, fields) = line.split_once(' ').unwrap_or((line, ""));
            (name, Type { fields, form: OnceLock::new() })
        })
        .collect()
});

#[derive(Debug)]
struct Type {
    fields: &'static str,
    form: OnceLock<Form>,
}

/// Returns the name as the table has it, if the table has the type.
pub(super) fn name(name: &str) -> Option<&'static str> {
    TABLE.get_key_value(name).map(|(name, _)| *name)
}

pub(super) fn form(name: &str) -> &'static Form {
    static UNKNOWN: Form = Form::Any;
    TABLE.get(name).map_or(&UNKNOWN, |known| known.form.get_or_init(|| read(known.fields)))
}

/// Reads `name!:string replicas?:int32 ports:[api.core.v1.ContainerPort]%map=containerPort~merge=containerPort`.
fn read(line: &'static str) -> Form {
    let mut read = Struct::default();
    for word in line.split_whitespace() {
        if word == "%atomic" {
            read.is_atomic = true;
        } else if let Some((name, rest)) = word.split_once(':') {
            let bare = name.trim_end_matches(['!', '^', '?']);
            let marks = name.strip_prefix(bare).unwrap_or_default();
            let is = |mark| marks.contains(mark);
            let (is_required, is_always, is_pointer) = (is('!'), is('^'), is('?'));
            let (shape, patch) = rest.split_once('~').unwrap_or((rest, ""));
            let (shape, patch) = (self::shape(shape), strategy(patch));
            let default = default(bare, &shape, is_required);
            let field = Field { shape, is_required, is_always, is_pointer, patch, default };
            read.fields.insert(bare.into(), field);
        }
    }
    Form::Struct(read)
}

/// What a key of a list is where it is left out: one of all keys has a default, a required one has
/// the zero value of Go.
fn default(name: &str, shape: &Shape, is_required: bool) -> Option<Value> {
    // Not what a name stands for: it may be the type that is being read.
    match &*shape.0 {
        Form::Scalar(_) if name == "protocol" => Some("TCP".into()),
        Form::Scalar(Scalar::String) if is_required => Some("".into()),
        Form::Scalar(Scalar::Int32 | Scalar::Int64) if is_required => Some(0.into()),
        Form::Any
        | Form::List { .. }
        | Form::Map { .. }
        | Form::Named(_)
        | Form::Scalar(_)
        | Form::Struct(_) => None,
    }
}

fn shape(text: &'static str) -> Shape {
    if let Some(list) = text.strip_prefix('[') {
        let (items, kind) = list.rsplit_once(']').unwrap_or((list, ""));
        let kind = match kind.strip_prefix("%map=") {
            Some(keys) => ListKind::Map(keys.split(',').map(Into::into).collect()),
            None if kind == "%set" => ListKind::Set,
            None => ListKind::Atomic,
        };
        return Shape::new(Form::List { items: shape(items), kind });
    }
    if let Some(map) = text.strip_prefix('{') {
        let (values, kind) = map.rsplit_once('}').unwrap_or((map, ""));
        return Shape::new(Form::Map { values: shape(values), is_atomic: kind == "%atomic" });
    }
    let scalar = SCALARS.iter().find(|(name, _)| *name == text);
    Shape(Arc::new(match scalar {
        Some((_, scalar)) => Form::Scalar(*scalar),
        None if text == "any" => Form::Any,
        None => Form::Named(text),
    }))
}

fn strategy(text: &str) -> PatchStrategy {
    let mut strategy = PatchStrategy::default();
    for word in text.split('~').filter(|word| !word.is_empty()) {
        let (word, key) = word.split_once('=').unwrap_or((word, ""));
        strategy.merges |= word == "merge";
        strategy.retains_keys |= word == "retain";
        if !key.is_empty() {
            strategy.merge_key = Some(key.into());
        }
    }
    strategy
}

const SCALARS: [(&str, Scalar); 10] = [
    ("boolean", Scalar::Boolean),
    ("bytes", Scalar::Bytes),
    ("int32", Scalar::Int32),
    ("int64", Scalar::Int64),
    ("intorstring", Scalar::IntOrString),
    ("microtime", Scalar::MicroTime),
    ("number", Scalar::Number),
    ("quantity", Scalar::Quantity),
    ("string", Scalar::String),
    ("time", Scalar::Time),
];

#[cfg(test)]
mod tests;
