//! The document of all types in `OpenAPI` 2.0, from those in 3.0.

use serde_json::{Map, Value, json};

use super::SCHEMAS;
use crate::types;

/// Joins the documents of all groups and versions.
pub(super) fn swagger<'a>(documents: impl IntoIterator<Item = &'a Value>) -> Value {
    let (mut paths, mut definitions) = (Map::new(), Map::new());
    for document in documents {
        for (path, item) in members(&document["paths"]) {
            let item = members(item).map(|(method, of)| (method.clone(), operation(of)));
            paths.insert(path.clone(), item.collect());
        }
        for (name, of) in members(&document["components"]["schemas"]) {
            let mut of = schema(of);
            join_kinds(&mut of, definitions.get(name));
            definitions.insert(name.clone(), of);
        }
    }
    json!({
        "swagger": "2.0",
        "info": { "title": "Kubernetes", "version": types::release() },
        "paths": paths,
        "definitions": definitions,
        "securityDefinitions": { "BearerToken": super::bearer_token() },
        "security": [{ "BearerToken": [] }],
    })
}

/// A type of `meta/v1` is a kind in every group.
fn join_kinds(schema: &mut Value, known: Option<&Value>) {
    let kinds = known.and_then(|known| known.get(super::schemas::KIND)).and_then(Value::as_array);
    if let (Some(kinds), Some(Value::Array(own))) = (kinds, schema.get_mut(super::schemas::KIND)) {
        for kind in kinds {
            if !own.contains(kind) {
                own.push(kind.clone());
            }
        }
    }
}

fn operation(of: &Value) -> Value {
    let mut parameters: Vec<Value> =
        of["parameters"].as_array().into_iter().flatten().map(parameter).collect();
    let body = of.get("requestBody");
    if let Some((_, of)) = body.and_then(|body| members(&body["content"]).next()) {
        let mut parameter =
            json!({ "in": "body", "name": "body", "schema": schema(&of["schema"]) });
        if let Some(required) = body.and_then(|body| body.get("required")) {
            parameter["required"] = required.clone();
        }
        parameters.insert(0, parameter);
    }
    let consumes = body.map(|body| media_types(&body["content"]));
    let response = |(code, of): (&String, &Value)| {
        let mut response = json!({ "description": of["description"] });
        if let Some((_, of)) = members(&of["content"]).next() {
            response["schema"] = schema(&of["schema"]);
        }
        (code.clone(), response)
    };
    let mut result = of.clone();
    if let Some(result) = result.as_object_mut() {
        result.remove("requestBody");
        result.insert("parameters".into(), parameters.into());
        result.insert("produces".into(), media_types(&of["responses"]["200"]["content"]));
        result.insert("consumes".into(), consumes.unwrap_or_else(|| json!(["*/*"])));
        result.insert("responses".into(), members(&of["responses"]).map(response).collect());
    }
    result
}

fn parameter(of: &Value) -> Value {
    let mut result = members(of).filter(|(name, _)| *name != "schema").collect::<Vec<_>>();
    result.extend(members(&of["schema"]));
    result.into_iter().map(|(name, value)| (name.clone(), value.clone())).collect()
}

fn media_types(content: &Value) -> Value {
    members(content).map(|(name, _)| Value::from(name.as_str())).collect()
}

/// What 2.0 can't say is left out: defaults, alternatives, and the type of what may be null or more than it says.
fn schema(of: &Value) -> Value {
    let is = |name: &str| of.get(name) == Some(&Value::Bool(true));
    let is_loose = is("nullable") || is("x-kubernetes-preserve-unknown-fields");
    let mut result = Map::new();
    for (name, value) in members(of) {
        let value = match (name.as_str(), value) {
            ("$ref", Value::String(name)) => name.replace(SCHEMAS, "#/definitions/").into(),
            ("allOf", Value::Array(all)) => {
                if let [Value::Object(only)] = all.as_slice()
                    && let Some(Value::String(name)) = only.get("$ref")
                {
                    let name = name.replace(SCHEMAS, "#/definitions/");
                    result.insert("$ref".into(), name.into());
                }
                continue;
            }
            ("oneOf", _) => {
                // A quantity, or an integer or string.
                result.insert("type".into(), "string".into());
                continue;
            }
            ("anyOf" | "not" | "default" | "nullable", _) => continue,
            ("type" | "properties" | "items" | "additionalProperties", _) if is_loose => continue,
            ("properties", all) => {
                members(all).map(|(name, of)| (name.clone(), schema(of))).collect()
            }
            ("items", of) => schema(of),
            ("additionalProperties", of) if of.is_object() => schema(of),
            (_, value) => value.clone(),
        };
        result.insert(name.clone(), value);
    }
    Value::Object(result)
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}
