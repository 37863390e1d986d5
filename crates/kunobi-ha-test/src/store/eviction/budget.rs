//! Whether the disruption budgets let a pod go.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::{
    selector,
    status::Rejection,
    store::{Object, conditions, metadata},
};

pub(super) const GROUP: &str = "policy";
pub(super) const PLURAL: &str = "poddisruptionbudgets";

/// Why a pod may go.
#[derive(Debug)]
pub(super) enum Permit {
    /// No budget selects it.
    Unguarded,
    /// It is not ready, so that nothing is lost.
    Unhealthy { budget: String },
    /// A budget allows one more disruption, which is to be taken from it.
    Disruption { budget: Arc<Object> },
}

/// Returns whether no budget is asked: the pod does not run yet or any more.
pub(super) fn needs_none(pod: &Value) -> bool {
    let phase = pod.pointer("/status/phase").and_then(Value::as_str);
    matches!(phase, Some("Succeeded" | "Failed" | "Pending"))
        || metadata::get(pod, "deletionTimestamp").is_some()
}

/// Asks the budgets of the namespace of a pod.
pub(super) fn ask(pod: &Value, budgets: &[Arc<Object>]) -> Result<Permit, Rejection> {
    let selects = |budget: &&Arc<Object>| {
        let selector = budget.value.pointer("/spec/selector").filter(|it| !it.is_null());
        selector.is_some_and(|selector| selector::selects_object(selector, pod))
    };
    let mut budgets = budgets.iter().filter(selects);
    let Some(budget) = budgets.next() else {
        return Ok(Permit::Unguarded);
    };
    if budgets.next().is_some() {
        return Err(Rejection::internal(
            "This pod has more than one PodDisruptionBudget, which the eviction subresource does \
             not support.",
        ));
    }
    if !is_ready(pod) && spares_unhealthy(&budget.value) {
        return Ok(Permit::Unhealthy { budget: name(&budget.value).into() });
    }
    check(&budget.value)?;
    Ok(Permit::Disruption { budget: Arc::clone(budget) })
}

fn is_ready(pod: &Value) -> bool {
    let ready = condition(pod, "Ready");
    ready.is_some_and(|ready| text(ready, "status") == "True")
}

/// Returns whether a pod that is not ready may go without being counted.
fn spares_unhealthy(budget: &Value) -> bool {
    let policy = budget.pointer("/spec/unhealthyPodEvictionPolicy").and_then(Value::as_str);
    let wanted = status(budget, "desiredHealthy");
    policy == Some("AlwaysAllow") || wanted > 0 && status(budget, "currentHealthy") >= wanted
}

fn check(budget: &Value) -> Result<(), Rejection> {
    let named = format!("The disruption budget {}", name(budget));
    let allows_none = format!("{named} does not allow evicting pods currently");
    if status(budget, "observedGeneration") < metadata::generation(budget).unwrap_or(0) {
        return Err(busy(name(budget)));
    }
    let allowed = status(budget, "disruptionsAllowed");
    if allowed < 0 {
        let message = "pdb disruptions allowed is negative";
        let why = format!("{allows_none}: {message}");
        return Err(Rejection::no_budget(name(budget), message, &why));
    }
    let disrupted = budget.pointer("/status/disruptedPods").and_then(Value::as_object);
    if disrupted.is_some_and(|disrupted| disrupted.len() > MOST_DISRUPTED) {
        let message =
            "DisruptedPods map too big - too many evictions not confirmed by PDB controller";
        let why =
            format!("{allows_none}: too many pending evictions not confirmed by PDB controller");
        return Err(Rejection::no_budget(name(budget), message, &why));
    }
    if allowed > 0 {
        return Ok(());
    }
    let (wanted, healthy) = (status(budget, "desiredHealthy"), status(budget, "currentHealthy"));
    let told = condition(budget, ALLOWED)
        .filter(|it| text(it, "status") == "False" && !text(it, "message").is_empty())
        .map(|it| (text(it, "reason"), text(it, "message")));
    let why = match told {
        Some(("SyncFailed", why)) => format!("{allows_none} because it failed sync: {why}"),
        _ if healthy <= wanted => {
            format!("{named} needs {wanted} healthy pods and has {healthy} currently")
        }
        Some((reason, why)) => format!("{allows_none} ({reason}): {why}"),
        None => allows_none,
    };
    Err(Rejection::over_budget(None, &why))
}

/// The status of the budget is not of its current state.
pub(super) fn busy(budget: &str) -> Rejection {
    let why = format!("The disruption budget {budget} is still being processed by the server.");
    Rejection::over_budget(Some(10), &why)
}

/// A budget after a disruption.
pub(super) fn spent(budget: &Value, pod: &str, now: &str) -> Value {
    let left = status(budget, "disruptionsAllowed").saturating_sub(1);
    let observed = budget.pointer("/status/observedGeneration").cloned();
    let mut budget = budget.clone();
    let Some(status) = budget.get_mut("status").and_then(Value::as_object_mut) else {
        return budget;
    };
    status.insert("disruptionsAllowed".into(), left.into());
    if left == 0 {
        let mut condition = json!({
            "type": ALLOWED,
            "status": "False",
            "reason": "InsufficientPods",
            "message": "",
            "lastTransitionTime": now,
        });
        if let (Some(condition), Some(observed)) = (condition.as_object_mut(), observed) {
            condition.insert("observedGeneration".into(), observed);
        }
        conditions::set(status, condition);
    }
    let disrupted = status.entry("disruptedPods").or_insert_with(|| json!({}));
    if let Some(disrupted) = disrupted.as_object_mut() {
        disrupted.insert(pod.into(), now.into());
    }
    budget
}

fn condition<'a>(object: &'a Value, kind: &str) -> Option<&'a Value> {
    let mut list = object.pointer("/status/conditions")?.as_array()?.iter();
    list.find(|condition| text(condition, "type") == kind)
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value.get(field).and_then(Value::as_str).unwrap_or_default()
}

fn status(budget: &Value, field: &str) -> i64 {
    budget.get("status").and_then(|it| it.get(field)?.as_i64()).unwrap_or(0)
}

fn name(budget: &Value) -> &str {
    metadata::text(budget, "name").unwrap_or_default()
}

const ALLOWED: &str = "DisruptionAllowed";
/// So many evictions may be unknown to the controller of the budgets.
const MOST_DISRUPTED: usize = 2000;

#[cfg(test)]
mod tests;
