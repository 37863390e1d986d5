//! Events. Those of both groups are stored in the form of the core group.

use serde_json::Value;

use super::{
    View,
    field::{filled, number, some, text},
};

pub(super) fn event(view: &View<'_>) -> Vec<Value> {
    let event = view.value;
    let series = some(event, "/series");
    let first = match some(event, "/firstTimestamp") {
        Some(_) => view.since("/firstTimestamp"),
        None => view.since("/eventTime"),
    };
    let last = match (series, some(event, "/lastTimestamp")) {
        (Some(_), _) => view.since("/series/lastObservedTime"),
        (None, Some(_)) => view.since("/lastTimestamp"),
        (None, None) => first.clone(),
    };
    let count = match (series, number(event, "/count")) {
        (Some(series), _) => number(series, "/count"),
        (None, 0) => 1,
        (None, count) => count,
    };
    cells![
        last,
        text(event, "/type"),
        text(event, "/reason"),
        about(event),
        text(event, "/involvedObject/fieldPath"),
        source(event),
        text(event, "/message").trim(),
        first,
        count,
        view.name(),
    ]
}

fn about(event: &Value) -> String {
    let kind = text(event, "/involvedObject/kind").to_lowercase();
    match text(event, "/involvedObject/name") {
        "" => kind,
        name => format!("{kind}/{name}"),
    }
}

fn source(event: &Value) -> String {
    let component = filled(event, "/source/component", text(event, "/reportingComponent"));
    match filled(event, "/source/host", text(event, "/reportingInstance")) {
        "" => component.into(),
        instance => format!("{component}, {instance}"),
    }
}
