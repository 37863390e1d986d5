//! Removes the fields that a schema does not know.

use serde_json::Value;

use super::schema::{Additional, Schema};

/// Fields that each object of the API has.
pub(super) const META: [&str; 3] = ["apiVersion", "kind", "metadata"];

/// Returns what to say of what it removed, sorted.
pub(super) fn prune(root: &Schema, value: &mut Value) -> Vec<String> {
    let mut pruner = Pruner { path: String::new(), unknown: Vec::new() };
    pruner.object(root, true, value);
    pruner.unknown.sort();
    pruner.unknown.iter().map(|path| format!("unknown field \"{path}\"")).collect()
}

/// As `prune`, of a value in the middle of an object. Returns whether it changed.
pub(super) fn prune_part(schema: &Schema, value: &mut Value) -> bool {
    let mut pruner = Pruner { path: String::new(), unknown: Vec::new() };
    pruner.value(Some(schema), value);
    !pruner.unknown.is_empty()
}

/// Removes nulls that a schema neither allows nor replaces by a default.
pub(super) fn drop_nulls(schema: Option<&Schema>, value: &mut Value) {
    match value {
        Value::Object(fields) => fields.retain(|name, field| {
            let schema = schema.and_then(|schema| schema.field(name));
            let is_dropped = field.is_null()
                && schema.is_some_and(|schema| !schema.is_nullable && schema.default.is_none());
            if !is_dropped {
                drop_nulls(schema, field);
            }
            !is_dropped
        }),
        Value::Array(items) => {
            let schema = schema.and_then(|schema| schema.items.as_deref());
            for item in items {
                drop_nulls(schema, item);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

struct Pruner {
    path: String,
    unknown: Vec<String>,
}

impl Pruner {
    fn value(&mut self, schema: Option<&Schema>, value: &mut Value) {
        match (schema, value) {
            (Some(schema), value @ Value::Object(_)) => {
                self.object(schema, schema.is_embedded, value);
            }
            (None, Value::Object(fields)) => {
                for name in std::mem::take(fields).keys() {
                    self.within(name, |pruner| pruner.unknown.push(pruner.path.clone()));
                }
            }
            (Some(schema), Value::Array(items)) if schema.keeps_unknown => {
                for (index, item) in items.iter_mut().enumerate() {
                    self.within_item(index, |pruner| pruner.kept(schema.items.as_deref(), item));
                }
            }
            (_, Value::Array(items)) => {
                let schema = schema.and_then(|schema| schema.items.as_deref());
                for (index, item) in items.iter_mut().enumerate() {
                    self.within_item(index, |pruner| pruner.value(schema, item));
                }
            }
            (_, Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => {}
        }
    }

    /// Prunes only what the schema describes, and keeps the rest.
    fn kept(&mut self, schema: Option<&Schema>, value: &mut Value) {
        let Some(schema) = schema else { return };
        match value {
            Value::Object(fields) => {
                for (name, field) in fields {
                    if schema.is_embedded && META.contains(&name.as_str()) {
                        continue;
                    }
                    match (schema.properties.get(name), &schema.additional) {
                        (Some(schema), _) => {
                            self.within(name, |pruner| pruner.value(Some(schema), field));
                        }
                        (None, Additional::Each(schema)) => {
                            self.within(name, |pruner| pruner.value(Some(schema), field));
                        }
                        (None, Additional::Any) => {
                            self.within(name, |pruner| pruner.value(None, field));
                        }
                        (None, Additional::Unsaid | Additional::Refused) => {}
                    }
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    self.within_item(index, |pruner| pruner.kept(schema.items.as_deref(), item));
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    fn object(&mut self, schema: &Schema, has_meta: bool, value: &mut Value) {
        if schema.keeps_unknown {
            return self.kept(Some(schema), value);
        }
        let Value::Object(fields) = value else { return };
        fields.retain(|name, field| {
            if has_meta && META.contains(&name.as_str()) {
                return true;
            }
            let known = match (schema.properties.get(name), &schema.additional) {
                (Some(schema), _) => Some(schema),
                (None, Additional::Each(schema)) => Some(&**schema),
                (None, Additional::Any | Additional::Refused) => None,
                (None, Additional::Unsaid) => {
                    if !(META.contains(&name.as_str()) && self.path.is_empty()) {
                        self.within(name, |pruner| pruner.unknown.push(pruner.path.clone()));
                    }
                    return false;
                }
            };
            self.within(name, |pruner| pruner.value(known, field));
            true
        });
    }

    fn within(&mut self, name: &str, act: impl FnOnce(&mut Self)) {
        let length = self.path.len();
        if length > 0 {
            self.path.push('.');
        }
        self.path.push_str(name);
        act(self);
        self.path.truncate(length);
    }

    fn within_item(&mut self, index: usize, act: impl FnOnce(&mut Self)) {
        let length = self.path.len();
        self.path.extend(["[", &index.to_string(), "]"]);
        act(self);
        self.path.truncate(length);
    }
}
