//! Objects inside of objects (`x-kubernetes-embedded-resource`), and the metadata of both.

use serde_json::Value;

use super::{names, path::Path, raw, schema::Schema};
use crate::{
    shape::{self, Shape},
    status::Cause,
    validation,
};

/// Decodes `metadata` of an object as what it is. Returns what to say of unknown fields.
pub(super) fn decode_meta(value: &mut Value) -> Result<Vec<String>, String> {
    let meta = Shape::named("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta");
    match value.get_mut("metadata") {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(metadata) => shape::decode(&meta, metadata),
    }
}

/// Decodes the metadata of each object that is embedded in `value`. Returns what to say of
/// unknown fields.
pub(super) fn decode(
    schema: &Schema,
    value: &mut Value,
    path: &Path<'_>,
) -> Result<Vec<String>, String> {
    let mut unknown = Vec::new();
    if schema.is_embedded && value.is_object() {
        for name in ["apiVersion", "kind"] {
            if let Some(field) = value.get(name).filter(|field| !field.is_string()) {
                let cause = Cause::invalid(path.child(name), field, "must be a string");
                return Err(cause.text());
            }
        }
        let sent = value.get("metadata").cloned().unwrap_or_default();
        let prefix = format!("unknown field \"{}.", path.child("metadata"));
        let within = |text: String| text.replacen("unknown field \"", &prefix, 1);
        let more = decode_meta(value)
            .map_err(|why| Cause::invalid(path.child("metadata"), &sent, &why).text())?;
        unknown.extend(more.into_iter().map(within));
    }
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                if let Some(known) = schema.properties.get(name) {
                    unknown.extend(decode(known, field, &path.child(name))?);
                } else if let Some(each) = schema.field(name) {
                    unknown.extend(decode(each, field, &path.key(name))?);
                }
            }
        }
        Value::Array(items) => {
            if let Some(each) = &schema.items {
                for (index, item) in items.iter_mut().enumerate() {
                    unknown.extend(decode(each, item, &path.index(index))?);
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    Ok(unknown)
}

/// Checks each object that is embedded in `value`.
pub(super) fn check(schema: &Schema, value: &Value, path: &Path<'_>, causes: &mut Vec<Cause>) {
    match value {
        Value::Object(fields) => {
            if schema.is_embedded {
                check_object(value, path, causes);
            }
            for (name, field) in fields {
                if let Some(known) = schema.properties.get(name) {
                    check(known, field, &path.child(name), causes);
                } else if let Some(each) = schema.field(name) {
                    check(each, field, &path.key(name), causes);
                }
            }
        }
        Value::Array(items) => {
            if let Some(each) = &schema.items {
                for (index, item) in items.iter().enumerate() {
                    check(each, item, &path.index(index), causes);
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn check_object(value: &Value, path: &Path<'_>, causes: &mut Vec<Cause>) {
    for name in ["apiVersion", "kind"] {
        let path = path.child(name);
        let Some(field) = value.get(name) else {
            causes.push(Cause::required(path, ""));
            continue;
        };
        let text = raw::text(value, name);
        if !field.is_string() {
            causes.push(Cause::invalid(path, field, "must be a string"));
        } else if text.is_empty() {
            causes.push(Cause::invalid(path, field, "must not be empty"));
        } else if name == "apiVersion" && text.matches('/').count() > 1 {
            let why = format!("unexpected GroupVersion string: {text}");
            causes.push(Cause::invalid(path, field, &why));
        } else if name == "kind" {
            names::check_kind(text, &path, causes);
        }
    }
    let within = path.to_string();
    causes.extend(validation::embedded(value).into_iter().map(|it| it.within(&within)));
}
