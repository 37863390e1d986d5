//! Label selectors as objects have them: `matchLabels` and `matchExpressions`.

use serde_json::{Map, Value};

use super::labels::{Requirement, Test};

/// Returns whether a label selector selects these labels. One that is empty selects all, and one that is
/// invalid selects none.
pub(crate) fn selects(selector: &Value, labels: &Map<String, Value>) -> bool {
    requirements(selector).is_some_and(|requirements| {
        requirements.iter().all(|requirement| {
            requirement.matches(labels.get(requirement.key()).and_then(Value::as_str))
        })
    })
}

/// Returns whether a label selector selects an object.
pub(crate) fn selects_object(selector: &Value, object: &Value) -> bool {
    match labels_of(object) {
        Some(labels) => selects(selector, labels),
        None => selects(selector, &Map::new()),
    }
}

/// The labels of an object, if it has any.
pub(crate) fn labels_of(object: &Value) -> Option<&Map<String, Value>> {
    object.get("metadata")?.get("labels")?.as_object()
}

fn requirements(selector: &Value) -> Option<Vec<Requirement>> {
    let mut requirements = Vec::new();
    let equal = selector.get("matchLabels").and_then(Value::as_object);
    for (key, value) in equal.into_iter().flatten() {
        let test = Test::In(vec![value.as_str()?.to_owned()]);
        requirements.push(Requirement { key: key.clone(), test });
    }
    let expressions = selector.get("matchExpressions").and_then(Value::as_array);
    for expression in expressions.into_iter().flatten() {
        let key = expression.get("key")?.as_str()?.to_owned();
        let values = expression.get("values").and_then(Value::as_array).into_iter().flatten();
        let values = values.map(|value| value.as_str().map(ToOwned::to_owned));
        let values: Vec<String> = values.collect::<Option<_>>()?;
        let test = match (expression.get("operator")?.as_str()?, values.is_empty()) {
            ("In", false) => Test::In(values),
            ("NotIn", false) => Test::NotIn(values),
            ("Exists", true) => Test::Exists,
            ("DoesNotExist", true) => Test::Absent,
            _ => return None,
        };
        requirements.push(Requirement { key, test });
    }
    Some(requirements)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn all_requirements_of_a_selector_must_hold() {
        let labels = json!({ "a": "b", "c": "d" });
        for (selector, expected) in [
            (json!({}), true),
            (json!({ "matchLabels": { "a": "b", "c": "d" } }), true),
            (json!({ "matchLabels": { "a": "b", "c": "x" } }), false),
            (json!({ "matchLabels": { "x": "b" } }), false),
            (json!({ "matchExpressions": [expression("a", "In", &["x", "b"])] }), true),
            (json!({ "matchExpressions": [expression("a", "In", &[])] }), false),
            (json!({ "matchExpressions": [expression("a", "NotIn", &["b"])] }), false),
            (json!({ "matchExpressions": [expression("x", "NotIn", &["b"])] }), true),
            (json!({ "matchExpressions": [expression("a", "Exists", &[])] }), true),
            (json!({ "matchExpressions": [expression("a", "DoesNotExist", &[])] }), false),
            (json!({ "matchExpressions": [expression("a", "Near", &["b"])] }), false),
            (
                json!({ "matchLabels": { "a": "b" },
                        "matchExpressions": [expression("c", "DoesNotExist", &[])] }),
                false,
            ),
        ] {
            assert_eq!(selects(&selector, labels.as_object().unwrap()), expected, "{selector}");
        }
    }

    fn expression(key: &str, operator: &str, values: &[&str]) -> Value {
        json!({ "key": key, "operator": operator, "values": values })
    }
}
