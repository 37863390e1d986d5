//! Reads a schema from `openAPIV3Schema`, which was validated before.

use serde_json::Value;

use super::{Additional, Bound, Format, Kind, Limits, ListType, Pattern, Schema};
use crate::crd::{
    raw::{count, entries, flag, list, number, object, some, text, texts},
    rules::Rules,
};

impl Schema {
    pub(in crate::crd) fn read(value: &Value) -> Self {
        Self {
            kind: Self::kind_of(value),
            is_nullable: flag(value, "nullable"),
            default: some(value, "default").cloned(),
            properties: entries(value, "properties")
                .map(|(name, value)| (name.to_owned(), Self::read(value)))
                .collect(),
            additional: additional(value),
            items: object(value, "items").map(|items| Box::new(Self::read(items))),
            keeps_unknown: flag(value, "x-kubernetes-preserve-unknown-fields"),
            is_embedded: flag(value, "x-kubernetes-embedded-resource"),
            is_atomic: text(value, "x-kubernetes-map-type") == "atomic",
            list: list_type(value),
            limits: limits(value),
            all_of: list(value, "allOf").iter().map(Self::read).collect(),
            any_of: list(value, "anyOf").iter().map(Self::read).collect(),
            one_of: list(value, "oneOf").iter().map(Self::read).collect(),
            not: object(value, "not").map(|not| Box::new(Self::read(not))),
            rules: Rules::read(value),
        }
    }

    pub(in crate::crd) fn kind_of(value: &Value) -> Kind {
        if flag(value, "x-kubernetes-int-or-string") {
            return Kind::IntOrString;
        }
        match text(value, "type") {
            "array" => Kind::Array,
            "boolean" => Kind::Boolean,
            "integer" => Kind::Integer,
            "number" => Kind::Number,
            "object" => Kind::Object,
            "string" => Kind::String,
            _ => Kind::Any,
        }
    }
}

fn additional(value: &Value) -> Additional {
    match value.get("additionalProperties") {
        Some(Value::Bool(true)) => Additional::Any,
        Some(Value::Bool(false)) => Additional::Refused,
        Some(schema @ Value::Object(_)) => Additional::Each(Box::new(Schema::read(schema))),
        _ => Additional::Unsaid,
    }
}

fn list_type(value: &Value) -> ListType {
    match text(value, "x-kubernetes-list-type") {
        "set" => ListType::Set,
        "map" => {
            ListType::Map(texts(value, "x-kubernetes-list-map-keys").map(str::to_owned).collect())
        }
        _ => ListType::Atomic,
    }
}

fn limits(value: &Value) -> Limits {
    let bound = |limit, exclusive| {
        let is_exclusive = flag(value, exclusive);
        number(value, limit).map(|value| Bound { value, is_exclusive })
    };
    Limits {
        format: Format::of(Schema::kind_of(value), text(value, "format")),
        one_of: list(value, "enum").to_vec(),
        maximum: bound("maximum", "exclusiveMaximum"),
        minimum: bound("minimum", "exclusiveMinimum"),
        multiple_of: number(value, "multipleOf"),
        max_length: count(value, "maxLength"),
        min_length: count(value, "minLength"),
        pattern: Some(text(value, "pattern")).filter(|text| !text.is_empty()).map(Pattern::new),
        max_items: count(value, "maxItems"),
        min_items: count(value, "minItems"),
        max_properties: count(value, "maxProperties"),
        min_properties: count(value, "minProperties"),
        required: texts(value, "required").map(str::to_owned).collect(),
    }
}
