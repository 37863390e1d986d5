//! The selectors of a webhook.

use serde_json::Value;

use super::{list, text};
use crate::{
    status::Cause,
    validation::{label_key, label_value},
};

pub(super) fn check(
    selector: Option<&Value>,
    tolerates_values: bool,
    path: &str,
    causes: &mut Vec<Cause>,
) {
    let Some(selector) = selector else { return };
    let labels = selector.get("matchLabels").and_then(Value::as_object);
    for (key, value) in labels.into_iter().flatten() {
        let path = format!("{path}.matchLabels");
        let problems = label_key(key);
        causes.extend(problems.iter().map(|why| Cause::invalid(&path[..], &key[..].into(), why)));
        let problems = label_value(value.as_str().unwrap_or_default());
        causes.extend(problems.iter().map(|why| Cause::invalid(&path[..], value, why)));
    }
    for (index, expression) in list(selector, "matchExpressions").iter().enumerate() {
        let path = format!("{path}.matchExpressions[{index}]");
        check_expression(expression, tolerates_values, &path, causes);
    }
}

fn check_expression(
    expression: &Value,
    tolerates_values: bool,
    path: &str,
    causes: &mut Vec<Cause>,
) {
    let values = list(expression, "values");
    match text(expression, "operator") {
        "In" | "NotIn" if values.is_empty() => {
            let why = "must be specified when `operator` is 'In' or 'NotIn'";
            causes.push(Cause::required(format!("{path}.values"), why));
        }
        "Exists" | "DoesNotExist" if !values.is_empty() => {
            let why = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
            causes.push(Cause::forbidden(format!("{path}.values"), why));
        }
        "In" | "NotIn" | "Exists" | "DoesNotExist" => {}
        other => {
            let why = "not a valid selector operator";
            causes.push(Cause::invalid(format!("{path}.operator"), &other.into(), why));
        }
    }
    let key = text(expression, "key");
    let problems = label_key(key);
    let field = format!("{path}.key");
    causes.extend(problems.iter().map(|why| Cause::invalid(&field[..], &key.into(), why)));
    for (index, value) in values.iter().enumerate().filter(|_| !tolerates_values) {
        let problems = label_value(value.as_str().unwrap_or_default());
        let field = format!("{path}.values[{index}]");
        causes.extend(problems.iter().map(|why| Cause::invalid(&field[..], value, why)));
    }
}
