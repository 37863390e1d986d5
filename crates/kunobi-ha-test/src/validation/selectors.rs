//! Selectors of labels, and of nodes.

use serde_json::{Map, Value};

use super::{
    field::{Field, Report},
    names::label_value,
};
use crate::{selector::selects, status::Cause};

/// Returns what is wrong with a selector of labels, which is at a path. The values of its expressions may be kept as
/// they are.
pub(crate) fn label_selector(selector: &Value, checks_values: bool, path: &str) -> Vec<Cause> {
    let report = Report::default();
    Field::new(&Value::Null, &report).get(path).with(selector).match_labels(checks_values);
    report.causes()
}

impl Field<'_> {
    /// `matchLabels` and `matchExpressions`.
    pub(super) fn label_selector(&self) {
        self.match_labels(true);
    }

    fn match_labels(&self, checks_values: bool) {
        self.get("matchLabels").labels();
        for expression in self.get("matchExpressions").items() {
            requirement(&expression);
            expression.get("key").qualified_name();
            if checks_values {
                label_values(&expression);
            }
        }
    }

    /// Whether it selects everything.
    pub(super) fn is_empty_selector(&self) -> bool {
        self.get("matchLabels").len() + self.get("matchExpressions").len() == 0
    }

    /// Whether kube-apiserver can evaluate it. An absent one selects nothing.
    pub(super) fn is_valid_selector(&self) -> bool {
        let report = Report::default();
        Field::new(self.value(), &report).label_selector();
        report.len() == 0
    }

    pub(super) fn selects(&self, labels: &Self) -> bool {
        let empty = Map::new();
        let labels = labels.value().as_object().unwrap_or(&empty);
        self.is_set() && selects(self.value(), labels)
    }

    /// Terms of which a node must match one.
    pub(super) fn node_selector(&self) {
        let terms = self.get("nodeSelectorTerms");
        if terms.len() == 0 {
            terms.required("must have at least one node selector term");
        }
        terms.items().for_each(|term| term.node_term(true));
    }

    /// One term. Of a preference, the values are not checked.
    pub(super) fn node_term(&self, checks_values: bool) {
        for expression in self.get("matchExpressions").items() {
            let (values, operator) = (expression.get("values"), expression.get("operator"));
            match operator.text() {
                "Gt" | "Lt" if values.len() != 1 => {
                    let detail = "must be specified single value when `operator` is 'Lt' or 'Gt'";
                    values.required(detail);
                }
                "Gt" | "Lt" => {}
                _ => requirement(&expression),
            }
            expression.get("key").qualified_name();
            if checks_values {
                label_values(&expression);
            }
        }
        self.get("matchFields").items().for_each(|expression| node_field(&expression));
    }
}

fn requirement(expression: &Field) {
    let (values, operator) = (expression.get("values"), expression.get("operator"));
    match (operator.text(), values.len()) {
        ("In" | "NotIn", 0) => {
            values.required("must be specified when `operator` is 'In' or 'NotIn'");
        }
        ("Exists" | "DoesNotExist", 1..) => {
            let detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
            values.forbidden(detail);
        }
        ("In" | "NotIn" | "Exists" | "DoesNotExist", _) => {}
        _ => operator.wrong_text("not a valid selector operator"),
    }
}

fn label_values(expression: &Field) {
    for value in expression.get("values").items() {
        value.each(label_value(value.text()));
    }
}

/// Of the fields of a node, a term may name one value of one.
fn node_field(expression: &Field) {
    let (values, operator) = (expression.get("values"), expression.get("operator"));
    match operator.text() {
        "In" | "NotIn" if values.len() != 1 => values.required(
            "must be only one value when `operator` is 'In' or 'NotIn' for node field selector",
        ),
        "In" | "NotIn" => {}
        _ => operator.wrong_text("not a valid selector operator"),
    }
    if expression.get("key").text() == "metadata.name" {
        values.items().for_each(|value| value.dns_subdomain());
    } else {
        expression.get("key").wrong_text("not a valid field selector key");
    }
}

/// Whether a selector that is a map of labels selects these.
pub(super) fn map_selects(selector: &Value, labels: &Value) -> bool {
    let pairs = selector.as_object().into_iter().flatten();
    pairs.into_iter().all(|(key, value)| labels.get(key) == Some(value))
}
