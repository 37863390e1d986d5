//! `x-kubernetes-validations`, without what the rules themselves say.

use serde_json::Value;

use crate::{
    crd::{definition::internal, field_path, path::Path, raw, schema::Schema},
    status::Cause,
};

const REASONS: [&str; 4] =
    ["FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"];

/// Rules that can't be evaluated, of a schema that is valid otherwise.
pub(super) fn check_programs(schema: &Value, path: &Path<'_>, causes: &mut Vec<Cause>) {
    let path = path.child("x-kubernetes-validations");
    let rules = raw::list(schema, "x-kubernetes-validations");
    for (index, why) in Schema::read(schema).rules.errors() {
        let rule = rules.get(index).unwrap_or(&Value::Null);
        let path = path.index(index);
        let message = format!("Invalid value: {}: {why}", internal::rule(rule));
        causes.push(Cause::new("FieldValueInvalid", path.child("rule"), message));
    }
}

pub(super) fn check(schema: &Value, path: &Path<'_>, causes: &mut Vec<Cause>) {
    let path = path.child("x-kubernetes-validations");
    for (index, rule) in raw::list(schema, "x-kubernetes-validations").iter().enumerate() {
        check_rule(rule, &path.index(index), causes);
        let field = raw::text(rule, "fieldPath");
        if !field.is_empty() && field_path::find(field, &Schema::read(schema), true).is_err() {
            let path = path.index(index);
            let why = "must be a valid path";
            causes.push(Cause::invalid(path.child("fieldPath"), &field.into(), why));
        }
    }
}

fn check_rule(rule: &Value, path: &Path<'_>, causes: &mut Vec<Cause>) {
    let text = |field| raw::text(rule, field);
    let value = |field| Value::from(raw::text(rule, field));
    let (message, is_blank) =
        (text("message").trim(), |field| !text(field).is_empty() && text(field).trim().is_empty());
    let has_breaks = |text: &str| text.contains(['\n', '\r']);
    if text("rule").trim().is_empty() {
        causes.push(Cause::required(path.child("rule"), "rule is not specified"));
    } else if is_blank("message") {
        let why = "must be non-empty if specified";
        causes.push(Cause::invalid(path.child("message"), &value("message"), why));
    } else if has_breaks(message) {
        let why = "must not contain line breaks";
        causes.push(Cause::invalid(path.child("message"), &value("message"), why));
    } else if has_breaks(text("rule").trim()) && message.is_empty() {
        let why = "message must be specified if rule contains line breaks";
        causes.push(Cause::required(path.child("message"), why));
    }
    if is_blank("messageExpression") {
        let why = "messageExpression must be non-empty if specified";
        causes.push(Cause::required(path.child("messageExpression"), why));
    }
    if let Some(reason) = raw::some(rule, "reason").filter(|_| !REASONS.contains(&text("reason"))) {
        let all = REASONS.map(Value::from);
        causes.push(Cause::not_supported(path.child("reason"), reason, &all));
    }
    if is_blank("fieldPath") {
        let why = "must be non-empty if specified";
        causes.push(Cause::invalid(path.child("fieldPath"), &value("fieldPath"), why));
    }
    if has_breaks(text("fieldPath")) {
        let why = "must not contain line breaks";
        causes.push(Cause::invalid(path.child("fieldPath"), &value("fieldPath"), why));
    }
}
