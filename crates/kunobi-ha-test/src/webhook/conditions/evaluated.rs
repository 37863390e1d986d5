//! Conditions that are evaluated, by the crate `cel`.

use serde_json::Value;

use crate::{crd::Expression, status::aggregate, webhook::FailurePolicy};

#[derive(Debug)]
pub(in crate::webhook) struct Conditions {
    all: Vec<(String, Result<Expression, String>)>,
    failure: FailurePolicy,
}

impl Conditions {
    pub(in crate::webhook) fn read(conditions: Option<&Value>, failure: FailurePolicy) -> Self {
        let conditions = conditions.and_then(Value::as_array).into_iter().flatten();
        let texts = conditions.filter_map(|condition| condition.get("expression")?.as_str());
        let all = texts.map(|text| {
            let text = text.trim();
            (text.to_owned(), Expression::compile(text, VARIABLES))
        });
        Self { all: all.collect(), failure }
    }

    pub(in crate::webhook) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// One that is false decides. Otherwise an error is as a failure of the call.
    pub(in crate::webhook) fn hold(
        &self,
        request: &Value,
        object: Option<&Value>,
        old: Option<&Value>,
    ) -> Result<bool, String> {
        let variables = [
            ("object", object.unwrap_or(&Value::Null)),
            ("oldObject", old.unwrap_or(&Value::Null)),
            ("request", request),
        ];
        let mut errors = Vec::new();
        for (text, expression) in &self.all {
            let expression = expression.as_ref().map_err(Clone::clone);
            match expression.and_then(|expression| expression.evaluate(&variables)) {
                Ok(true) => {}
                Ok(false) => return Ok(false),
                Err(why) => errors.push(format!("expression '{text}' resulted in error: {why}")),
            }
        }
        match (errors.as_slice(), self.failure) {
            ([], _) => Ok(true),
            (_, FailurePolicy::Ignore) => Ok(false),
            (all, FailurePolicy::Fail) => Err(aggregate(all)),
        }
    }
}

/// Why an expression can't be evaluated.
pub(in crate::webhook) fn problem(text: &str) -> Option<String> {
    match Expression::compile(text, VARIABLES) {
        Err(why) => Some(why),
        Ok(expression) if expression.names("authorizer") => {
            Some("kunobi-ha-test does not support the variable `authorizer`".into())
        }
        Ok(_) => None,
    }
}

const VARIABLES: &[&str] = &["authorizer", "object", "oldObject", "request"];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn conditions_that_fail_alike_are_told_once() {
        let condition = |name| json!({ "name": name, "expression": "object.x == 'y'" });
        let conditions = json!([condition("a"), condition("b")]);
        let conditions = Conditions::read(Some(&conditions), FailurePolicy::Fail);
        let held = conditions.hold(&Value::Null, Some(&json!({})), None);
        let why = "expression 'object.x == 'y'' resulted in error: no such key: x";
        assert_eq!(held, Err(why.into()));
    }
}
