//! Rules that are evaluated, by the crate `cel`.

mod expression;
mod functions;
mod names;
mod times;
mod values;

use std::sync::Arc;

pub(crate) use self::expression::Expression;
use cel::{ExecutionError, Program, objects::OptionalValue};
use serde_json::Value;

use crate::{
    crd::{
        correlated,
        path::Path,
        raw,
        schema::{Kind, Schema},
    },
    status::Cause,
};

/// The rules of one schema.
#[derive(Debug, Default)]
pub(in crate::crd) struct Rules(Vec<Rule>);

#[derive(Debug)]
struct Rule {
    text: String,
    message: String,
    program: Result<Program, String>,
    message_program: Option<Program>,
    reason: Reason,
    field_path: String,
    uses_old: bool,
    is_old_optional: bool,
}

#[derive(Clone, Copy, Debug)]
enum Reason {
    Duplicate,
    Forbidden,
    Invalid,
    Required,
}

impl Rules {
    pub(in crate::crd) fn read(schema: &Value) -> Self {
        Self(raw::list(schema, "x-kubernetes-validations").iter().map(Rule::read).collect())
    }

    pub(in crate::crd) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Which rules can't be evaluated, with the reason.
    pub(in crate::crd) fn errors(&self) -> Vec<(usize, String)> {
        let errors = self.0.iter().enumerate();
        errors
            .filter_map(|(index, rule)| Some((index, rule.program.as_ref().err()?.clone())))
            .collect()
    }
}

impl Rule {
    fn read(value: &Value) -> Self {
        let text = raw::text(value, "rule").trim().to_owned();
        let message_expression = raw::text(value, "messageExpression").trim();
        let program = functions::compile(&text, names::OF_RULES);
        Self {
            uses_old: program.as_ref().is_ok_and(|it| it.references().has_variable("oldSelf")),
            program,
            message_program: Some(message_expression)
                .filter(|text| !text.is_empty())
                .and_then(|text| functions::compile(text, names::OF_RULES).ok()),
            text,
            message: raw::text(value, "message").trim().to_owned(),
            reason: match raw::text(value, "reason") {
                "FieldValueDuplicate" => Reason::Duplicate,
                "FieldValueForbidden" => Reason::Forbidden,
                "FieldValueRequired" => Reason::Required,
                _ => Reason::Invalid,
            },
            field_path: raw::text(value, "fieldPath").trim().trim_start_matches('.').to_owned(),
            is_old_optional: raw::flag(value, "optionalOldSelf"),
        }
    }

    /// How an error names the rule.
    fn name(&self) -> &str {
        if self.message.is_empty() { &self.text } else { &self.message }
    }

    fn default_message(&self) -> String {
        if self.message.is_empty() {
            format!("failed rule: {}", self.text)
        } else {
            self.message.clone()
        }
    }
}

/// Checks the rules of an object. What did not change is not checked again.
pub(in crate::crd) fn check(
    schema: &Schema,
    value: &Value,
    old: Option<&Value>,
    causes: &mut Vec<Cause>,
) {
    let place = Place { value, old, is_root: true, is_excused: old == Some(value) };
    place.check(schema, &Path::Root, causes);
}

/// A value that has rules, or in which values have them.
#[derive(Clone, Copy)]
struct Place<'a> {
    value: &'a Value,
    old: Option<&'a Value>,
    /// It is a whole object, whose metadata rules may see.
    is_root: bool,
    /// It, or what it is in, is as it was before.
    is_excused: bool,
}

impl<'a> Place<'a> {
    fn inside(self, value: &'a Value, old: Option<&'a Value>, schema: &Schema) -> Self {
        let old = old.filter(|old| !old.is_null());
        let is_excused = old.map_or(self.is_excused, |old| old == value);
        Self { value, old, is_root: schema.is_embedded, is_excused }
    }

    fn check(self, schema: &Schema, path: &Path<'_>, causes: &mut Vec<Cause>) {
        match self.value {
            Value::Null => {}
            Value::Object(fields) => {
                self.check_rules(schema, path, causes);
                for (name, field) in fields {
                    let old = self.old.and_then(|old| old.get(name));
                    if let Some(known) = schema.properties.get(name) {
                        let place = self.inside(field, old, known);
                        place.check(known, &path.child(name), causes);
                    } else if let Some(each) = schema.field(name) {
                        self.inside(field, old, each).check(each, &path.key(name), causes);
                    }
                }
            }
            Value::Array(items) => {
                self.check_rules(schema, path, causes);
                let Some(each) = &schema.items else { return };
                for (index, item) in items.iter().enumerate() {
                    let old = correlated::item(schema, self.old, item);
                    self.inside(item, old, each).check(each, &path.index(index), causes);
                }
            }
            Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                self.check_rules(schema, path, causes);
            }
        }
    }

    fn check_rules(self, schema: &Schema, path: &Path<'_>, causes: &mut Vec<Cause>) {
        if schema.rules.is_empty() {
            return;
        }
        let value = |json| values::of(json, Some(schema), self.is_root);
        let (this, old) = (value(self.value), self.old.map(value));
        for rule in &schema.rules.0 {
            if rule.uses_old && old.is_none() && !rule.is_old_optional {
                continue;
            }
            self.check_rule(rule, schema, (&this, old.as_ref()), path, causes);
        }
    }

    fn check_rule(
        self,
        rule: &Rule,
        schema: &Schema,
        (this, old): (&cel::Value, Option<&cel::Value>),
        path: &Path<'_>,
        causes: &mut Vec<Cause>,
    ) {
        let Ok(program) = &rule.program else { return };
        let mut context = functions::context();
        context.add_variable_from_value("self", this.clone());
        if rule.is_old_optional {
            let old = old.cloned().map_or_else(OptionalValue::none, OptionalValue::of);
            context.add_variable_from_value("oldSelf", cel::Value::Opaque(Arc::new(old)));
        } else if let Some(old) = old {
            context.add_variable_from_value("oldSelf", old.clone());
        }
        let field = if path.is_root() { "<nil>".to_owned() } else { path.to_string() };
        match program.execute(&context) {
            Ok(cel::Value::Bool(true)) => {}
            Err(error) => {
                let kind = schema.kind.name().unwrap_or_default().into();
                causes.push(Cause::invalid(field, &kind, &shown(&error, rule)));
            }
            Ok(_) if self.is_excused && !rule.uses_old => {}
            Ok(_) => {
                let message = rule.message_program.as_ref().map(|it| it.execute(&context));
                let message = match message {
                    Some(Ok(cel::Value::String(text))) if is_message(&text) => {
                        text.trim().to_owned()
                    }
                    _ => rule.default_message(),
                };
                let field = match (rule.field_path.as_str(), path.is_root()) {
                    ("", _) => field,
                    (inside, true) => inside.to_owned(),
                    (inside, false) => format!("{path}.{inside}"),
                };
                causes.push(self.cause(rule, schema, field, &message));
            }
        }
    }

    fn cause(self, rule: &Rule, schema: &Schema, field: String, message: &str) -> Cause {
        let is_shown = !matches!(schema.kind, Kind::Object | Kind::Array);
        match rule.reason {
            Reason::Required => Cause::required(field, message),
            Reason::Forbidden => Cause::forbidden(field, message),
            Reason::Duplicate if is_shown => Cause::duplicate(field, self.value),
            Reason::Duplicate => {
                Cause::new("FieldValueDuplicate", field, "Duplicate value".to_owned())
            }
            Reason::Invalid if is_shown => Cause::invalid(field, self.value, message),
            Reason::Invalid => {
                Cause::new("FieldValueInvalid", field, format!("Invalid value: {message}"))
            }
        }
    }
}

fn is_message(text: &str) -> bool {
    let text = text.trim();
    !text.is_empty() && !text.contains('\n') && text.len() <= 5 * 1024
}

/// An error in the words of cel-go.
fn shown(error: &ExecutionError, rule: &Rule) -> String {
    if let ExecutionError::NoSuchOverload(_) = error {
        return format!(
            "'no such overload': call arguments did not match a supported operator, function or \
             macro signature for rule: {}",
            rule.name()
        );
    }
    format!("{} evaluating rule: {}", why(error), rule.name())
}

fn why(error: &ExecutionError) -> String {
    match error {
        ExecutionError::NoSuchKey(key) => format!("no such key: {key}"),
        ExecutionError::IndexOutOfBounds(_) => error.to_string().to_lowercase(),
        ExecutionError::DivisionByZero(_) => "division by zero".to_owned(),
        ExecutionError::RemainderByZero(_) => "modulus by zero".to_owned(),
        ExecutionError::Overflow(..) => "integer overflow".to_owned(),
        ExecutionError::NoSuchOverload(_) => "no such overload".to_owned(),
        other => other.to_string(),
    }
}
