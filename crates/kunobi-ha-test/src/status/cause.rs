//! Why an object is invalid, field by field.

use serde_json::{Value, json};

use crate::go;

/// One reason why an object is invalid (422), in the words of kube-apiserver.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Cause {
    reason: &'static str,
    /// The path of the field, as `spec.ports[0].name`.
    field: String,
    message: String,
}

impl Cause {
    pub(crate) fn required(field: impl Into<String>, detail: &str) -> Self {
        Self::new("FieldValueRequired", field, with("Required value".into(), detail))
    }

    pub(crate) fn invalid(field: impl Into<String>, value: &Value, detail: &str) -> Self {
        let message = with(format!("Invalid value: {}", shown(value)), detail);
        Self::new("FieldValueInvalid", field, message)
    }

    pub(crate) fn wrong_type(field: impl Into<String>, value: &Value, detail: &str) -> Self {
        let message = with(format!("Invalid value: {}", shown(value)), detail);
        Self::new("FieldValueTypeInvalid", field, message)
    }

    pub(crate) fn duplicate(field: impl Into<String>, value: &Value) -> Self {
        Self::new("FieldValueDuplicate", field, format!("Duplicate value: {}", shown(value)))
    }

    pub(crate) fn not_supported(field: impl Into<String>, value: &Value, all: &[Value]) -> Self {
        let all: Vec<String> = all.iter().map(shown).collect();
        let message =
            format!("Unsupported value: {}: supported values: {}", shown(value), all.join(", "));
        Self::new("FieldValueNotSupported", field, message)
    }

    pub(crate) fn forbidden(field: impl Into<String>, detail: &str) -> Self {
        Self::new("FieldValueForbidden", field, with("Forbidden".into(), detail))
    }

    pub(crate) fn too_long(field: impl Into<String>, most: usize) -> Self {
        let message = format!("Too long: may not be more than {most} bytes");
        Self::new("FieldValueTooLong", field, message)
    }

    pub(crate) fn too_many(field: impl Into<String>, is: usize, most: usize) -> Self {
        let message = format!("Too many: {is}: must have at most {most} items");
        Self::new("FieldValueTooMany", field, message)
    }

    /// For what none of the others says.
    pub(crate) fn new(reason: &'static str, field: impl Into<String>, message: String) -> Self {
        Self { reason, field: field.into(), message }
    }

    pub(crate) fn reason(&self) -> &'static str {
        self.reason
    }

    /// The same of an object that is inside of another one.
    pub(crate) fn within(mut self, path: &str) -> Self {
        self.field = format!("{path}.{}", self.field);
        self
    }

    pub(crate) fn body(&self) -> Value {
        json!({ "reason": self.reason, "message": self.message, "field": self.field })
    }

    /// `spec.a: Required value`.
    pub(crate) fn text(&self) -> String {
        format!("{}: {}", self.field, self.message)
    }
}

fn with(message: String, detail: &str) -> String {
    if detail.is_empty() { message } else { format!("{message}: {detail}") }
}

/// Go quotes a text in its own way, and writes everything else as JSON.
fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), go::quoted)
}
