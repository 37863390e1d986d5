//! Horizontal pod autoscalers.

use serde_json::{Map, Value, json};

use super::fields::{child, fill, fill_zero};

/// In the first version the metric is one field.
pub(super) fn percentage(spec: &mut Map<String, Value>) {
    fill(spec, "targetCPUUtilizationPercentage", &80.into());
}

pub(super) fn metrics(spec: &mut Map<String, Value>) {
    let target = json!({ "type": "Utilization", "averageUtilization": 80 });
    let metrics = json!([{ "type": "Resource", "resource": { "name": "cpu", "target": target } }]);
    fill_zero(spec, "metrics", &metrics);
}

/// Both directions are stated as soon as anything is.
pub(super) fn behavior(behavior: &mut Map<String, Value>) {
    let policy =
        |kind: &str, value: i32| json!({ "type": kind, "value": value, "periodSeconds": 15 });
    let percent = policy("Percent", 100);
    if let Some(up) = child(behavior, "scaleUp") {
        fill(up, "stabilizationWindowSeconds", &0.into());
        fill(up, "selectPolicy", &"Max".into());
        fill(up, "policies", &json!([policy("Pods", 4), percent]));
    }
    if let Some(down) = child(behavior, "scaleDown") {
        fill(down, "selectPolicy", &"Max".into());
        fill(down, "policies", &json!([percent]));
    }
}
