//! What a type says to those who walk through a value of it.

use std::sync::LazyLock;

use serde_json::{Map, Value};

use super::element::{Element, Literal};
use crate::shape::{Field, Form, ListKind, Scalar, Struct};

/// How a value of a type is owned.
pub(super) enum Kind<'a> {
    /// As a whole.
    Whole,
    /// Field by field.
    Fields,
    /// Item by item.
    Items(Items<'a>),
}

/// A list whose items are told apart.
#[derive(Clone, Copy)]
pub(super) struct Items<'a> {
    pub(super) form: &'a Form,
    /// None: it is a set.
    pub(super) keys: Option<&'a [String]>,
}

/// Why an item can't be told apart from others.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct NoKey(pub(super) String);

pub(super) static ANY: Form = Form::Any;

/// How values of a type are owned, of which there are one or two.
pub(super) fn kind<'a>(form: &'a Form, value: Option<&Value>, other: Option<&Value>) -> Kind<'a> {
    let is_object = |value: Option<&Value>| value.is_some_and(Value::is_object);
    match form {
        Form::Any if is_object(value) || is_object(other) => Kind::Fields,
        Form::Any | Form::Named(_) | Form::Scalar(_) => Kind::Whole,
        Form::Struct(Struct { is_atomic, .. }) | Form::Map { is_atomic, .. } => {
            if *is_atomic {
                Kind::Whole
            } else {
                Kind::Fields
            }
        }
        Form::List { items, kind } => match kind {
            ListKind::Atomic => Kind::Whole,
            ListKind::Set => Kind::Items(Items { form: items.form(), keys: None }),
            ListKind::Map(keys) => Kind::Items(Items { form: items.form(), keys: Some(keys) }),
        },
    }
}

pub(super) fn is_atomic(form: &Form) -> bool {
    match form {
        Form::Struct(known) => known.is_atomic,
        Form::Map { is_atomic, .. } => *is_atomic,
        Form::List { kind, .. } => *kind == ListKind::Atomic,
        Form::Any | Form::Named(_) | Form::Scalar(_) => false,
    }
}

/// The type of a field, if it is declared.
pub(super) fn declared<'a>(form: &'a Form, name: &str) -> Option<&'a Form> {
    match form {
        Form::Struct(known) => match known.fields.get(name) {
            Some(field) => Some(field.shape.form()),
            None => known.keeps_unknown.then_some(&ANY),
        },
        Form::Map { values, .. } => Some(values.form()),
        Form::Any => Some(&ANY),
        Form::List { .. } | Form::Named(_) | Form::Scalar(_) => None,
    }
}

/// The type of a field. What is not declared is anything.
pub(super) fn field<'a>(form: &'a Form, name: &str) -> &'a Form {
    declared(form, name).unwrap_or(&ANY)
}

/// The type of what an element leads to.
pub(super) fn below<'a>(form: &'a Form, element: &Element) -> Option<&'a Form> {
    match (element, form) {
        (Element::Field(name), _) => declared(form, name),
        (_, Form::List { items, .. }) => Some(items.form()),
        _ => None,
    }
}

fn named<'a>(form: &'a Form, name: &str) -> Option<&'a Field> {
    match form {
        Form::Struct(known) => known.fields.get(name),
        Form::Any | Form::List { .. } | Form::Map { .. } | Form::Named(_) | Form::Scalar(_) => None,
    }
}

/// Whether this is a field of a struct, not an entry of a map.
pub(super) fn is_named(form: &Form, element: &Element) -> bool {
    matches!(element, Element::Field(name) if named(form, name).is_some())
}

/// As [`is_named`], by the name.
pub(super) fn names(form: &Form, name: &str) -> bool {
    named(form, name).is_some()
}

/// The fields that a value always has in Go, with nothing in them if nothing is stated.
pub(super) fn always_there(form: &Form) -> impl Iterator<Item = &String> {
    let fields = match form {
        Form::Struct(known) => Some(&known.fields),
        Form::Any | Form::List { .. } | Form::Map { .. } | Form::Named(_) | Form::Scalar(_) => None,
    };
    let fields = fields.into_iter().flatten().filter(|(_, field)| is_always_there(field));
    fields.map(|(name, _)| name)
}

fn is_always_there(field: &Field) -> bool {
    field.is_always || field.is_required_list()
}

/// The value of a field, or what Go has in its place.
pub(super) fn get<'a>(form: &Form, parent: Option<&'a Value>, name: &str) -> Option<&'a Value> {
    let parent = parent?;
    parent.get(name).or_else(|| {
        let field = named(form, name).filter(|field| is_always_there(field))?;
        Some(zero(field.shape.form()))
    })
}

fn zero(form: &Form) -> &'static Value {
    static FALSE: Value = Value::Bool(false);
    static NOTHING: Value = Value::String(String::new());
    static NONE: LazyLock<Value> = LazyLock::new(|| 0.into());
    static NO_QUANTITY: LazyLock<Value> = LazyLock::new(|| "0".into());
    match form {
        Form::Struct(_) => empty(),
        Form::Scalar(kind) => match kind {
            Scalar::Boolean => &FALSE,
            Scalar::Bytes | Scalar::String => &NOTHING,
            Scalar::Int32 | Scalar::Int64 | Scalar::IntOrString | Scalar::Number => &NONE,
            Scalar::MicroTime | Scalar::Time => &Value::Null,
            Scalar::Quantity => &NO_QUANTITY,
        },
        Form::Any | Form::List { .. } | Form::Map { .. } | Form::Named(_) => &Value::Null,
    }
}

pub(super) fn empty() -> &'static Value {
    static EMPTY: LazyLock<Value> = LazyLock::new(|| Value::Object(Map::new()));
    &EMPTY
}

impl Items<'_> {
    /// How an item is told apart.
    pub(super) fn element(self, item: &Value) -> Result<Element, NoKey> {
        match self.keys {
            Some(keys) => self.by_keys(keys, item),
            None => match item {
                Value::Object(_) => {
                    Err("associative list without keys has an element that's a map type")
                }
                Value::Array(_) => Err("not supported: associative list with lists as elements"),
                Value::Null => {
                    Err("associative list without keys has an element that's an explicit null")
                }
                scalar => Ok(Element::Item(Literal(scalar.clone()))),
            }
            .map_err(|why| NoKey(why.into())),
        }
    }

    fn by_keys(self, keys: &[String], item: &Value) -> Result<Element, NoKey> {
        let Some(object) = item.as_object() else {
            let what = if item.is_null() { "a null element" } else { "non-map elements" };
            return Err(NoKey(format!("associative list with keys may not have {what}")));
        };
        let default = |key: &str| named(self.form, key).and_then(|field| field.default.as_ref());
        let mut found: Vec<(String, Literal)> = keys
            .iter()
            .filter_map(|key| {
                let value = object.get(key).or_else(|| default(key))?;
                Some((key.clone(), Literal(value.clone())))
            })
            .collect();
        if found.is_empty() {
            let keys: Vec<String> = keys.iter().map(|key| crate::go::quoted(key)).collect();
            return Err(NoKey(format!(
                "associative list with keys has an element that omits all key fields [{}] (and \
                 doesn't have default values for any key fields)",
                keys.join(" ")
            )));
        }
        found.sort();
        Ok(Element::Keys(found))
    }
}

/// The fields of an object, or none of what is not an object.
pub(super) fn fields(value: Option<&Value>) -> Option<&Map<String, Value>> {
    value.and_then(Value::as_object).filter(|fields| !fields.is_empty())
}

/// The items of a list, or none of what is not a list.
pub(super) fn items(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}
