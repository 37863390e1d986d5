//! Events, which two groups have under different names of fields: stored are those of the core group.

use serde_json::{Map, Value};

/// The group of the newer names.
pub(crate) const GROUP: &str = "events.k8s.io";

/// The fields in the core group, and in `events.k8s.io`.
const NAMES: [(&str, &str); 7] = [
    ("count", "deprecatedCount"),
    ("firstTimestamp", "deprecatedFirstTimestamp"),
    ("involvedObject", "regarding"),
    ("lastTimestamp", "deprecatedLastTimestamp"),
    ("message", "note"),
    ("reportingComponent", "reportingController"),
    ("source", "deprecatedSource"),
];

/// Renames the fields of an event for a group.
pub(super) fn convert(group: &str, event: &mut Map<String, Value>) {
    let is_core = event.get("apiVersion").is_none_or(|version| version == "v1");
    if is_core == group.is_empty() {
        return;
    }
    for (core, new) in NAMES {
        let (from, to) = if is_core { (core, new) } else { (new, core) };
        if let Some(value) = event.remove(from) {
            event.insert(to.into(), value);
        }
    }
    // Only the core group states them when they are empty.
    for (core, new) in [("reportingComponent", "reportingController"), SAME_NAME] {
        if !is_core {
            event.entry(core).or_insert_with(|| "".into());
        } else if event.get(new).is_some_and(|value| value == "") {
            event.remove(new);
        }
    }
}

const SAME_NAME: (&str, &str) = ("reportingInstance", "reportingInstance");

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_event_comes_back_as_it_was() {
        let core = json!({ "apiVersion": "v1", "kind": "Event", "involvedObject": { "name": "a" }, "message": "m",
                           "count": 2, "reason": "R", "source": { "component": "c" },
                           "reportingComponent": "", "reportingInstance": "" });
        let mut event = core.as_object().cloned().unwrap_or_default();
        convert("", &mut event);
        assert_eq!(Value::Object(event.clone()), core, "it is of this group");
        convert(GROUP, &mut event);
        event.insert("apiVersion".into(), "events.k8s.io/v1".into());
        assert_eq!(event["regarding"], json!({ "name": "a" }));
        assert_eq!((&event["note"], &event["deprecatedCount"]), (&json!("m"), &json!(2)));
        convert("", &mut event);
        event.insert("apiVersion".into(), "v1".into());
        assert_eq!(Value::Object(event), core);
    }
}
