//! Labels, and what selects them, as text.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::field::{list, text};
use crate::validation::{label_key, label_value};

/// `labels.FormatLabels`: of the map in a field.
pub(super) fn labels(value: &Value, path: &str) -> String {
    let pairs: Vec<String> = entries(value, path)
        .map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default()))
        .collect();
    if pairs.is_empty() { NONE.into() } else { pairs.join(",") }
}

/// `metav1.FormatLabelSelector`: of the selector in a field.
pub(super) fn selector(value: &Value, path: &str) -> String {
    match requirements(value.pointer(path).unwrap_or(&Value::Null)) {
        None => "<error>".into(),
        Some(text) if text.is_empty() => NONE.into(),
        Some(text) => text,
    }
}

/// The requirements of a selector, by their keys. None: it is not valid.
pub(crate) fn requirements(selector: &Value) -> Option<String> {
    let mut all = Vec::new();
    for (key, value) in entries(selector, "/matchLabels") {
        let value = value.as_str().unwrap_or_default();
        check(key, [value])?;
        all.push((key.as_str(), format!("{key}={value}")));
    }
    for expression in list(selector, "/matchExpressions") {
        let key = text(expression, "/key");
        let values: BTreeSet<&str> =
            list(expression, "/values").iter().filter_map(Value::as_str).collect();
        check(key, values.iter().copied())?;
        let values: Vec<&str> = values.into_iter().collect();
        let text = match (text(expression, "/operator"), values.as_slice()) {
            ("In", [_, ..]) => format!("{key} in ({})", values.join(",")),
            ("NotIn", [_, ..]) => format!("{key} notin ({})", values.join(",")),
            ("Exists", []) => key.to_owned(),
            ("DoesNotExist", []) => format!("!{key}"),
            _ => return None,
        };
        all.push((key, text));
    }
    all.sort_by_key(|(key, _)| *key);
    let texts: Vec<String> = all.into_iter().map(|(_, text)| text).collect();
    Some(texts.join(","))
}

fn check<'a>(key: &str, values: impl IntoIterator<Item = &'a str>) -> Option<()> {
    let is_valid =
        label_key(key).is_empty() && values.into_iter().all(|value| label_value(value).is_empty());
    is_valid.then_some(())
}

/// A selector as Go's generated code shows the type.
pub(super) fn in_source(selector: &Value) -> String {
    let labels: Vec<String> = entries(selector, "/matchLabels")
        .map(|(key, value)| format!("{key}: {},", value.as_str().unwrap_or_default()))
        .collect();
    let expressions: Vec<String> = list(selector, "/matchExpressions")
        .iter()
        .map(|expression| {
            let (key, operator) = (text(expression, "/key"), text(expression, "/operator"));
            let values: Vec<&str> =
                list(expression, "/values").iter().filter_map(Value::as_str).collect();
            let values = values.join(" ");
            format!("LabelSelectorRequirement{{Key:{key},Operator:{operator},Values:[{values}],}},")
        })
        .collect();
    format!(
        "&LabelSelector{{MatchLabels:map[string]string{{{}}},\
         MatchExpressions:[]LabelSelectorRequirement{{{}}},}}",
        labels.concat(),
        expressions.concat(),
    )
}

fn entries<'a>(value: &'a Value, path: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    value.pointer(path).and_then(Value::as_object).into_iter().flat_map(Map::iter)
}

const NONE: &str = "<none>";

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// No store takes such a selector, but a test may inject one.
    #[test]
    fn a_selector_that_is_not_valid_is_not_shown() {
        for wrong in [
            json!({ "matchLabels": { "a b": "c" } }),
            json!({ "matchLabels": { "a": "b c" } }),
            json!({ "matchExpressions": [{ "key": "a", "operator": "In" }] }),
            json!({ "matchExpressions": [{ "key": "a", "operator": "Exists", "values": ["b"] }] }),
            json!({ "matchExpressions": [{ "key": "a", "operator": "Near", "values": ["b"] }] }),
        ] {
            assert_eq!(selector(&json!({ "s": wrong }), "/s"), "<error>", "{wrong}");
        }
        assert_eq!(selector(&json!({}), "/s"), "<none>");
        assert_eq!(selector(&json!({ "s": null }), "/s"), "<none>");
    }
}
