//! How requests are shared out, and how stored versions are migrated.

use serde_json::Value;

use super::{
    View,
    field::{condition, is_true, list, number, set, some, text},
    network::qualified,
};

pub(super) fn schema(view: &View<'_>) -> Vec<Value> {
    let schema = view.value;
    let dangling = condition(schema, "/status/conditions", "Dangling");
    cells![
        view.name(),
        text(schema, "/spec/priorityLevelConfiguration/name"),
        number(schema, "/spec/matchingPrecedence"),
        set(schema, "/spec/distinguisherMethod/type").unwrap_or("<none>"),
        view.age(),
        dangling.map_or("?", |dangling| text(dangling, "/status")),
    ]
}

/// Lists show flow schemas in the order in which they are tried.
pub(super) fn order(schema: &Value) -> (i64, &str) {
    (number(schema, "/spec/matchingPrecedence"), text(schema, "/metadata/name"))
}

pub(super) fn priority_level(view: &View<'_>) -> Vec<Value> {
    let level = view.value;
    let queuing = some(level, "/spec/limited/limitResponse/queuing");
    let or_none = |within: Option<&Value>, field: &str| match within {
        Some(within) => number(within, field).into(),
        None => Value::from("<none>"),
    };
    cells![
        view.name(),
        text(level, "/spec/type"),
        or_none(some(level, "/spec/limited"), "/nominalConcurrencyShares"),
        or_none(queuing, "/queues"),
        or_none(queuing, "/handSize"),
        or_none(queuing, "/queueLengthLimit"),
        view.age(),
    ]
}

pub(super) fn migration(view: &View<'_>) -> Vec<Value> {
    let known = |condition: &&Value| {
        is_true(Some(condition))
            && matches!(text(condition, "/type"), "Running" | "Failed" | "Succeeded")
    };
    let last = list(view.value, "/status/conditions").iter().rev().find(known);
    let resource = some(view.value, "/spec/resource").map(qualified);
    cells![
        view.name(),
        resource.unwrap_or_default(),
        last.map_or("Unknown", |last| text(last, "/type")),
    ]
}
