//! Disruption budgets of pods, and conditions as many types have them.

use super::{field::Field, internal, texts};

pub(super) fn budget(object: &Field, _: Option<&Field>) {
    let spec = object.get("spec");
    let amounts = [spec.get("minAvailable"), spec.get("maxUnavailable")];
    if amounts.iter().all(Field::is_set) {
        let quoted = internal::compact("PodDisruptionBudgetSpec", spec.value());
        spec.invalid_internal(&quoted, "minAvailable and maxUnavailable cannot be both set");
    }
    for amount in amounts {
        amount.number_or_percentage();
        amount.at_most_all();
    }
    spec.get("selector").label_selector();
    spec.get("unhealthyPodEvictionPolicy").one_of_if_set(&["AlwaysAllow", "IfHealthyBudget"]);
}

pub(super) fn budget_status(object: &Field, _: &Field) {
    let status = object.get("status");
    conditions(&status.get("conditions"));
    for field in ["disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods"] {
        status.get(field).not_negative();
    }
}

/// Conditions of the type that all groups share.
fn conditions(conditions: &Field) {
    let mut seen = std::collections::BTreeSet::new();
    for condition in conditions.items() {
        let (kind, status, reason) =
            (condition.get("type"), condition.get("status"), condition.get("reason"));
        condition.with(kind.value()).unique(&mut seen);
        if kind.text().is_empty() {
            kind.required("is required");
        } else {
            kind.qualified_name();
        }
        status.required_one_of(&["False", "True", "Unknown"]);
        if condition.get("observedGeneration").integer() < 0 {
            let detail = "must be greater than or equal to zero";
            condition.get("observedGeneration").invalid(detail);
        }
        if !condition.get("lastTransitionTime").is_set() {
            condition.get("lastTransitionTime").required("");
        }
        if reason.required_text() {
            reason.each(texts::condition_reason(reason.text()));
        }
        if reason.text().len() > 1024 {
            reason.too_long(1024);
        }
        if condition.get("message").text().len() > 32 * 1024 {
            condition.get("message").too_long(32 * 1024);
        }
    }
}
