//! How kube-apiserver shows parts of a definition in a text: in their internal form.

use serde_json::Value;

use super::versions::Common;
use crate::crd::raw;

/// What a field of a schema is when it is not there.
#[derive(Clone, Copy)]
enum Absent {
    Empty,
    False,
    Null,
}

use Absent::{Empty, False, Null};

const FIELDS: [(&str, &str, Absent); 44] = [
    ("id", "ID", Empty),
    ("$schema", "Schema", Empty),
    ("$ref", "Ref", Null),
    ("description", "Description", Empty),
    ("type", "Type", Empty),
    ("nullable", "Nullable", False),
    ("format", "Format", Empty),
    ("title", "Title", Empty),
    ("default", "Default", Null),
    ("maximum", "Maximum", Null),
    ("exclusiveMaximum", "ExclusiveMaximum", False),
    ("minimum", "Minimum", Null),
    ("exclusiveMinimum", "ExclusiveMinimum", False),
    ("maxLength", "MaxLength", Null),
    ("minLength", "MinLength", Null),
    ("pattern", "Pattern", Empty),
    ("maxItems", "MaxItems", Null),
    ("minItems", "MinItems", Null),
    ("uniqueItems", "UniqueItems", False),
    ("multipleOf", "MultipleOf", Null),
    ("enum", "Enum", Null),
    ("maxProperties", "MaxProperties", Null),
    ("minProperties", "MinProperties", Null),
    ("required", "Required", Null),
    ("items", "Items", Null),
    ("allOf", "AllOf", Null),
    ("oneOf", "OneOf", Null),
    ("anyOf", "AnyOf", Null),
    ("not", "Not", Null),
    ("properties", "Properties", Null),
    ("additionalProperties", "AdditionalProperties", Null),
    ("patternProperties", "PatternProperties", Null),
    ("dependencies", "Dependencies", Null),
    ("additionalItems", "AdditionalItems", Null),
    ("definitions", "Definitions", Null),
    ("externalDocs", "ExternalDocs", Null),
    ("example", "Example", Null),
    ("x-kubernetes-preserve-unknown-fields", "XPreserveUnknownFields", Null),
    ("x-kubernetes-embedded-resource", "XEmbeddedResource", False),
    ("x-kubernetes-int-or-string", "XIntOrString", False),
    ("x-kubernetes-list-map-keys", "XListMapKeys", Null),
    ("x-kubernetes-list-type", "XListType", Null),
    ("x-kubernetes-map-type", "XMapType", Null),
    ("x-kubernetes-validations", "XValidations", Null),
];

pub(super) fn schema(value: &Value) -> String {
    let fields = FIELDS.map(|(name, shown, absent)| {
        let text = match (raw::some(value, name), absent) {
            (Some(inside), _) => field(name, inside),
            (None, Empty) => "\"\"".to_owned(),
            (None, False) => "false".to_owned(),
            (None, Null) => "null".to_owned(),
        };
        format!("\"{shown}\":{text}")
    });
    format!("{{{}}}", fields.join(","))
}

fn field(name: &str, value: &Value) -> String {
    let all = |values: &[Value]| values.iter().map(schema).collect::<Vec<_>>().join(",");
    match (name, value) {
        ("x-kubernetes-validations", Value::Array(rules)) => {
            format!("[{}]", rules.iter().map(rule).collect::<Vec<_>>().join(","))
        }
        ("allOf" | "anyOf" | "oneOf", Value::Array(values)) => format!("[{}]", all(values)),
        ("not", value) => schema(value),
        ("items", Value::Array(values)) => {
            format!("{{\"Schema\":null,\"JSONSchemas\":[{}]}}", all(values))
        }
        ("items", value) => format!("{{\"Schema\":{},\"JSONSchemas\":null}}", schema(value)),
        ("additionalProperties" | "additionalItems", Value::Bool(allows)) => {
            format!("{{\"Allows\":{allows},\"Schema\":null}}")
        }
        ("additionalProperties" | "additionalItems", value) => {
            format!("{{\"Allows\":true,\"Schema\":{}}}", schema(value))
        }
        ("properties" | "patternProperties" | "definitions", Value::Object(fields)) => {
            let fields = fields
                .iter()
                .map(|(name, value)| format!("{}:{}", Value::from(name.as_str()), schema(value)));
            format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
        }
        (_, value) => value.to_string(),
    }
}

/// `spec.versions`, without what all of them have in common.
pub(super) fn versions(spec: &Value) -> String {
    let Some(versions) = raw::some(spec, "versions") else { return "null".to_owned() };
    let common = Common::of(spec);
    let versions = versions.as_array().map(Vec::as_slice).unwrap_or_default();
    let versions = versions.iter().map(|each| version(each, &common));
    format!("[{}]", versions.collect::<Vec<_>>().join(","))
}

fn version(version: &Value, common: &Common<'_>) -> String {
    let own = |field: &str| raw::some(version, field).filter(|_| !common.has(field));
    let or_null = |value: Option<&Value>| value.unwrap_or(&Value::Null).to_string();
    let schema = own("schema").map_or_else(
        || "null".to_owned(),
        |validation| {
            let inside = raw::object(validation, "openAPIV3Schema");
            let inside = inside.map_or_else(|| "null".to_owned(), schema);
            format!("{{\"OpenAPIV3Schema\":{inside}}}")
        },
    );
    let fields = [
        ("Name", or_null(raw::some(version, "name"))),
        ("Served", raw::flag(version, "served").to_string()),
        ("Storage", raw::flag(version, "storage").to_string()),
        ("Deprecated", raw::flag(version, "deprecated").to_string()),
        ("DeprecationWarning", or_null(raw::some(version, "deprecationWarning"))),
        ("Schema", schema),
        ("Subresources", or_null(own("subresources"))),
        ("AdditionalPrinterColumns", or_null(own("additionalPrinterColumns"))),
        ("SelectableFields", or_null(own("selectableFields"))),
    ];
    let fields = fields.map(|(name, text)| format!("\"{name}\":{text}"));
    format!("{{{}}}", fields.join(","))
}

/// One of `x-kubernetes-validations`.
pub(super) fn rule(rule: &Value) -> String {
    let text = |field| Value::from(raw::text(rule, field)).to_string();
    let or_null = |field| raw::some(rule, field).unwrap_or(&Value::Null).to_string();
    let fields = [
        ("Rule", text("rule")),
        ("Message", text("message")),
        ("MessageExpression", text("messageExpression")),
        ("Reason", or_null("reason")),
        ("FieldPath", text("fieldPath")),
        ("OptionalOldSelf", or_null("optionalOldSelf")),
    ];
    let fields = fields.map(|(name, text)| format!("\"{name}\":{text}"));
    format!("{{{}}}", fields.join(","))
}
