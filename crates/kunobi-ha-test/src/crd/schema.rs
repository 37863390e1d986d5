//! The structural schema of a custom resource, read once when its definition is accepted.

mod format;
mod pattern;
mod read;

use std::collections::BTreeMap;

use serde_json::Value;

pub(super) use self::{format::Format, pattern::Pattern};
use super::rules::Rules;

#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "they are fields of the document")]
pub(super) struct Schema {
    pub(super) kind: Kind,
    pub(super) is_nullable: bool,
    pub(super) default: Option<Value>,
    pub(super) properties: BTreeMap<String, Self>,
    pub(super) additional: Additional,
    pub(super) items: Option<Box<Self>>,
    /// `x-kubernetes-preserve-unknown-fields`.
    pub(super) keeps_unknown: bool,
    /// `x-kubernetes-embedded-resource`.
    pub(super) is_embedded: bool,
    /// `x-kubernetes-map-type: atomic`.
    pub(super) is_atomic: bool,
    pub(super) list: ListType,
    pub(super) limits: Limits,
    pub(super) all_of: Vec<Self>,
    pub(super) any_of: Vec<Self>,
    pub(super) one_of: Vec<Self>,
    pub(super) not: Option<Box<Self>>,
    /// `x-kubernetes-validations`.
    pub(super) rules: Rules,
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) enum Kind {
    /// No type is declared.
    #[default]
    Any,
    Array,
    Boolean,
    Integer,
    IntOrString,
    Number,
    Object,
    String,
}

/// What `additionalProperties` says.
#[derive(Debug, Default)]
pub(super) enum Additional {
    #[default]
    Unsaid,
    /// `false`.
    Refused,
    /// `true`.
    Any,
    Each(Box<Schema>),
}

#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) enum ListType {
    #[default]
    Atomic,
    Set,
    Map(Vec<String>),
}

/// What a value must keep to, beside its type.
#[derive(Debug, Default)]
pub(super) struct Limits {
    pub(super) format: Option<Format>,
    pub(super) one_of: Vec<Value>,
    pub(super) maximum: Option<Bound>,
    pub(super) minimum: Option<Bound>,
    pub(super) multiple_of: Option<f64>,
    pub(super) max_length: Option<i64>,
    pub(super) min_length: Option<i64>,
    pub(super) pattern: Option<Pattern>,
    pub(super) max_items: Option<i64>,
    pub(super) min_items: Option<i64>,
    pub(super) max_properties: Option<i64>,
    pub(super) min_properties: Option<i64>,
    pub(super) required: Vec<String>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Bound {
    pub(super) value: f64,
    pub(super) is_exclusive: bool,
}

impl Kind {
    /// As in `must be of type integer`; none if every type will do.
    pub(super) fn name(self) -> Option<&'static str> {
        match self {
            Self::Any => None,
            Self::Array => Some("array"),
            Self::Boolean => Some("boolean"),
            Self::Integer => Some("integer"),
            Self::IntOrString => Some("integer,string"),
            Self::Number => Some("number"),
            Self::Object => Some("object"),
            Self::String => Some("string"),
        }
    }
}

impl Schema {
    /// The schema of a field of an object: its own, or that of all the others.
    pub(super) fn field(&self, name: &str) -> Option<&Self> {
        self.properties.get(name).or(match &self.additional {
            Additional::Each(schema) => Some(schema),
            Additional::Unsaid | Additional::Refused | Additional::Any => None,
        })
    }

    /// Calls `visit` for this schema and every one inside that describes values.
    pub(super) fn walk(&self, visit: &mut impl FnMut(&Self)) {
        visit(self);
        for schema in self.properties.values() {
            schema.walk(visit);
        }
        if let Additional::Each(schema) = &self.additional {
            schema.walk(visit);
        }
        if let Some(schema) = &self.items {
            schema.walk(visit);
        }
    }
}
