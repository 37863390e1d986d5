//! Sets the defaults of a schema.

use serde_json::Value;

use super::schema::{Additional, Schema};

/// What is absent, or null where null is not allowed, becomes the default.
pub(super) fn default(schema: &Schema, value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, schema) in &schema.properties {
                let Some(default) = &schema.default else { continue };
                let is_absent = match fields.get(name) {
                    None => true,
                    Some(field) => field.is_null() && !schema.is_nullable,
                };
                if is_absent {
                    fields.insert(name.clone(), default.clone());
                }
            }
            for (name, field) in fields {
                if let Some(known) = schema.properties.get(name) {
                    default(known, field);
                } else if let Additional::Each(each) = &schema.additional {
                    element(each, field);
                }
            }
        }
        Value::Array(items) => {
            if let Some(each) = &schema.items {
                for item in items {
                    element(each, item);
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn element(schema: &Schema, value: &mut Value) {
    if let Some(default) =
        schema.default.as_ref().filter(|_| value.is_null() && !schema.is_nullable)
    {
        value.clone_from(default);
    }
    default(schema, value);
}
