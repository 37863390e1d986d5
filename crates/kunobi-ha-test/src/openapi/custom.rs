//! The schema of a custom type, as its definition has it, with what every object has.

use serde_json::{Map, Value, json};

use super::SCHEMAS;
use crate::types::Resource;

/// `com.example.v1.Widget` of the group `example.com`.
pub(super) fn name(resource: &Resource) -> String {
    let mut words: Vec<&str> = resource.group.split('.').rev().collect();
    words.extend([resource.version.as_str(), resource.kind.as_str()]);
    words.join(".")
}

/// The schema of the objects of a definition with this `openAPIV3Schema`.
pub(super) fn object(document: &Value) -> Value {
    let mut schema = published(document);
    complete(&mut schema);
    schema["type"] = "object".into();
    schema
}

/// Writes out what two of the extensions mean.
fn published(schema: &Value) -> Value {
    let Value::Object(schema) = schema else {
        return schema.clone();
    };
    let is = |name: &str| schema.get(name) == Some(&Value::Bool(true));
    let mut result: Map<String, Value> = schema
        .iter()
        .map(|(name, value)| {
            let value = match (name.as_str(), value) {
                ("properties", Value::Object(all)) => {
                    all.iter().map(|(name, schema)| (name.clone(), published(schema))).collect()
                }
                ("items" | "additionalProperties", schema) => published(schema),
                (_, value) => value.clone(),
            };
            (name.clone(), value)
        })
        .collect();
    if is("x-kubernetes-int-or-string")
        && !["anyOf", "allOf"].iter().any(|of| schema.contains_key(*of))
    {
        result.insert("anyOf".into(), json!([{ "type": "integer" }, { "type": "string" }]));
    }
    let mut result = Value::Object(result);
    if is("x-kubernetes-embedded-resource") {
        complete(&mut result);
        let required = result["required"].take();
        let mut required: Vec<Value> = required.as_array().cloned().unwrap_or_default();
        for name in ["kind", "apiVersion"] {
            if !required.iter().any(|is| is == name) {
                required.push(name.into());
            }
        }
        result["required"] = required.into();
    }
    result
}

/// Adds the fields that every object has.
fn complete(schema: &mut Value) {
    if !schema.is_object() {
        *schema = json!({});
    }
    if !schema["properties"].is_object() {
        schema["properties"] = json!({});
    }
    let metadata = format!("{SCHEMAS}io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta");
    schema["properties"]["apiVersion"] = json!({ "type": "string", "description": API_VERSION });
    schema["properties"]["kind"] = json!({ "type": "string", "description": KIND });
    schema["properties"]["metadata"] =
        json!({ "allOf": [{ "$ref": metadata }], "description": METADATA });
}

const API_VERSION: &str = "The version of the schema of this object.";
const KIND: &str = "The kind of this object, in CamelCase.";
const METADATA: &str = "Standard object's metadata.";
