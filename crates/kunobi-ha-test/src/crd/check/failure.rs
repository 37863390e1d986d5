//! What a check found, and how kube-apiserver reports it.

use serde_json::Value;

use crate::{crd::path::Path, status::Cause};

/// One thing that is wrong with a value.
#[derive(Clone, Debug)]
pub(in crate::crd) struct Failure {
    code: Code,
    path: String,
    value: Option<Value>,
    message: String,
}

#[derive(Clone, Debug)]
pub(super) enum Code {
    /// It belongs to no field.
    Whole,
    Invalid,
    NotSupported(Vec<String>),
    Required,
    TooLong(i64),
    TooMany {
        is: i64,
        most: i64,
    },
    WrongType,
}

impl Failure {
    pub(super) fn new(code: Code, path: &Path<'_>, value: Option<Value>, message: String) -> Self {
        Self { code, path: path.to_string(), value, message }
    }

    pub(super) fn invalid(path: &Path<'_>, value: Value, message: String) -> Self {
        Self::new(Code::Invalid, path, Some(value), message)
    }

    pub(super) fn whole(message: String) -> Self {
        Self::new(Code::Whole, &Path::Root, None, message)
    }

    pub(super) fn wrong_type(path: &Path<'_>, expected: &str, is: &str) -> Self {
        let is = Value::from(is);
        let message = format!("{path} in body must be of type {expected}: {is}");
        Self::new(Code::WrongType, path, Some(is), message)
    }

    pub(super) fn message(&self) -> &str {
        &self.message
    }

    /// `within` is where the value that was checked stands.
    pub(in crate::crd) fn cause(self, within: &Path<'_>) -> Cause {
        let whole = if within.is_root() { "<nil>".to_owned() } else { within.to_string() };
        let field = match self.path.as_str() {
            "" => whole.clone(),
            path => within.child(path).to_string(),
        };
        let value = self.value.unwrap_or_else(|| "".into());
        match self.code {
            Code::Whole => Cause::invalid(whole, &value, &self.message),
            Code::Invalid => Cause::invalid(field, &value, &self.message),
            Code::WrongType => Cause::wrong_type(field, &value, &self.message),
            Code::Required => Cause::required(field, ""),
            Code::NotSupported(allowed) => {
                let allowed: Vec<Value> = allowed.into_iter().map(Value::from).collect();
                Cause::not_supported(field, &value, &allowed)
            }
            Code::TooLong(most) => {
                let unit = if most == 1 { "byte" } else { "bytes" };
                let message = format!("Too long: may not be more than {most} {unit}");
                Cause::new("FieldValueTooLong", field, message)
            }
            Code::TooMany { is, most } => {
                let unit = if most == 1 { "item" } else { "items" };
                let message = format!("Too many: {is}: must have at most {most} {unit}");
                Cause::new("FieldValueTooMany", field, message)
            }
        }
    }
}
