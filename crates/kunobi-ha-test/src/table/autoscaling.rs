//! Autoscalers, and what they measure.

use serde_json::Value;

use super::{
    View,
    field::{list, number, quantity, some, text},
};

/// So many metrics are shown.
const SHOWN: usize = 2;

pub(super) fn autoscaler(view: &View<'_>) -> Vec<Value> {
    let object = view.value;
    let target = "/spec/scaleTargetRef";
    let (kind, name) = (format!("{target}/kind"), format!("{target}/name"));
    cells![
        view.name(),
        format!("{}/{}", text(object, &kind), text(object, &name)),
        metrics(object),
        quantity(object, "/spec/minReplicas").unwrap_or_else(|| "<unset>".into()),
        number(object, "/spec/maxReplicas"),
        number(object, "/status/currentReplicas"),
        view.age(),
    ]
}

fn metrics(object: &Value) -> String {
    let specs = list(object, "/spec/metrics");
    let statuses = list(object, "/status/currentMetrics");
    if specs.is_empty() {
        return "<none>".into();
    }
    let all = specs.iter().enumerate().map(|(index, spec)| metric(spec, statuses.get(index)));
    let shown: Vec<String> = all.take(SHOWN).collect();
    let shown = shown.join(", ");
    match specs.len().checked_sub(SHOWN) {
        Some(more @ 1..) => format!("{shown} + {more} more..."),
        Some(0) | None => shown,
    }
}

fn metric(spec: &Value, status: Option<&Value>) -> String {
    let (field, is_resource) = match text(spec, "/type") {
        "External" => ("external", false),
        "Object" => ("object", false),
        "Pods" => ("pods", false),
        "Resource" => ("resource", true),
        "ContainerResource" => ("containerResource", true),
        _ => return "<unknown type>".into(),
    };
    let target = |part: &str| format!("/{field}/target/{part}");
    let current = |part: &str| {
        let status = status.and_then(|status| some(status, &format!("/{field}")))?;
        Some(quantity(status, &format!("/current/{part}")))
    };
    // What is in a status without this value is told as Go tells nothing.
    let known = |part: &str| match current(part) {
        None => UNKNOWN.into(),
        Some(value) => value.unwrap_or_else(|| "<nil>".into()),
    };
    let average = quantity(spec, &target("averageValue"));
    if is_resource {
        let name = text(spec, &format!("/{field}/name"));
        if let Some(average) = average {
            return format!("{name}: {}/{average}", known("averageValue"));
        }
        let percent = |value: Option<String>, otherwise: &str| {
            value.map_or_else(|| otherwise.to_owned(), |value| format!("{value}%"))
        };
        let is = percent(current("averageUtilization").flatten(), UNKNOWN);
        let wanted = percent(quantity(spec, &target("averageUtilization")), "<auto>");
        return format!("{name}: {is}/{wanted}");
    }
    match average {
        Some(average) if field == "pods" => format!("{}/{average}", known("averageValue")),
        Some(average) => {
            let is = current("averageValue").flatten().unwrap_or_else(|| UNKNOWN.into());
            format!("{is}/{average} (avg)")
        }
        None => {
            let wanted = quantity(spec, &target("value")).unwrap_or_else(|| "<nil>".into());
            format!("{}/{wanted}", known("value"))
        }
    }
}

const UNKNOWN: &str = "<unknown>";
