//! What a type of the API is made of: fields, lists and their keys. Built-in and custom types share it.

mod decode;
mod table;

use std::{collections::BTreeMap, sync::Arc};

use serde_json::Value;

pub(crate) use self::decode::{decode, quantity::nanos};

/// The shape of a value. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Shape(Arc<Form>);

#[derive(Debug)]
pub(crate) enum Form {
    /// Any JSON. Its fields are owned one by one, a list in it as a whole.
    Any,
    Scalar(Scalar),
    Struct(Struct),
    Map {
        values: Shape,
        is_atomic: bool,
    },
    List {
        items: Shape,
        kind: ListKind,
    },
    /// A built-in type by its name in the table, whose line is read when it is needed.
    /// [`Shape::form`] never returns it.
    Named(&'static str),
}

#[derive(Debug, Default)]
pub(crate) struct Struct {
    pub(crate) fields: BTreeMap<String, Field>,
    /// It is owned as a whole (`x-kubernetes-map-type: atomic`).
    pub(crate) is_atomic: bool,
    /// Fields that are not known are kept (`x-kubernetes-preserve-unknown-fields`).
    pub(crate) keeps_unknown: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Field {
    pub(crate) shape: Shape,
    pub(crate) is_required: bool,
    /// Go writes it even if nothing is stated: as an empty object, `""`, 0, false or null.
    pub(crate) is_always: bool,
    /// Go has a pointer, so that zero is a value. Else a scalar that is zero is one that is not stated.
    pub(crate) is_pointer: bool,
    pub(crate) patch: PatchStrategy,
    /// What it is if an item of a list leaves it out, where it is a key of the list.
    pub(crate) default: Option<Value>,
}

/// How a strategic merge patch treats a field.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct PatchStrategy {
    /// The list is merged, not replaced.
    pub(crate) merges: bool,
    /// The key by which its elements are told apart; none for a list of scalars.
    pub(crate) merge_key: Option<String>,
    pub(crate) retains_keys: bool,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum ListKind {
    Atomic,
    Set,
    /// Elements are told apart by these fields.
    Map(Vec<String>),
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Scalar {
    Boolean,
    /// Base64.
    Bytes,
    Int32,
    Int64,
    IntOrString,
    MicroTime,
    Number,
    Quantity,
    String,
    Time,
}

impl Field {
    /// A list or map that may not be left out is null in Go if it is.
    pub(crate) fn is_required_list(&self) -> bool {
        self.is_required && matches!(self.shape.form(), Form::List { .. } | Form::Map { .. })
    }
}

impl Shape {
    pub(crate) fn new(form: Form) -> Self {
        Self(Arc::new(form))
    }

    /// The shape of a built-in type, by its name in the `OpenAPI` document. A type that has none is
    /// any JSON.
    pub(crate) fn named(name: &str) -> Self {
        let known = table::name(name.strip_prefix("io.k8s.").unwrap_or(name));
        Self::new(known.map_or(Form::Any, Form::Named))
    }

    /// The value of a type of which nothing is stated, as Go writes it.
    pub(crate) fn zero(&self) -> Value {
        match self.form() {
            Form::Struct(known) => {
                let is_stated = |field: &Field| field.is_always || field.is_required_list();
                let fields = known.fields.iter().filter(|(_, field)| is_stated(field));
                fields.map(|(name, field)| (name.clone(), field.shape.zero())).collect()
            }
            Form::Scalar(kind) => decode::zero(*kind),
            Form::Any | Form::List { .. } | Form::Map { .. } | Form::Named(_) => Value::Null,
        }
    }

    pub(crate) fn form(&self) -> &Form {
        match &*self.0 {
            Form::Named(name) => table::form(name),
            form => form,
        }
    }

    /// The name of a built-in type in the table: `api.core.v1.PodSpec`. Empty for any other.
    pub(crate) fn name(&self) -> &'static str {
        match &*self.0 {
            Form::Named(name) => name,
            _ => "",
        }
    }

    /// Returns the name of a built-in type as Go has it: `PodSpec`.
    fn go_name(&self) -> &'static str {
        match &*self.0 {
            Form::Named(name) => name.rsplit('.').next().unwrap_or(name),
            _ => "",
        }
    }
}
