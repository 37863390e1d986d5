//! Who owns the replicas of an object, told by the object or by its Scale.

use serde_json::Value;

use super::{Entry, Managers};
use crate::apply::{Manager, Operation, set::Set};

const API_VERSION: &str = "autoscaling/v1";
const REPLICAS: &[&str] = &["spec", "replicas"];

/// The managers of a Scale: those that own the replicas of its object, which are at this path.
pub(crate) fn of_scale(object: &Value, replicas: &[&str]) -> Option<Value> {
    let replicas = Set::of(&[replicas]);
    let mut scale = Managers::default();
    for Entry { manager, fields } in Managers::of(object).0 {
        if fields.covers(&replicas) {
            let manager = Manager { api_version: API_VERSION.into(), ..manager };
            scale.put(Entry { manager, fields: Set::of(&[REPLICAS]) });
        }
    }
    scale.list()
}

/// The managers of an object, whose managers are still those from before a write to its Scale.
///
/// As on kube-apiserver, an update of the Scale leaves no time, and somebody who goes on owning the
/// replicas after it has an entry for them alone, beside the one for the rest.
pub(crate) fn of_scaled(
    object: &Value,
    scale: &Value,
    replicas: &[&str],
    api_version: &str,
) -> Option<Value> {
    let replicas = Set::of(&[replicas]);
    let mut scale = Managers::of(scale);
    let mut managers = Managers::of(object);
    managers.0.retain_mut(|entry| {
        let has_kept = entry.manager.operation == Operation::Apply
            && entry.fields.covers(&replicas)
            && scale.remove(&entry.manager).is_some();
        if !has_kept {
            entry.fields.subtract(&replicas);
        }
        !entry.fields.is_empty()
    });
    let owners = scale.0.into_iter().filter(|entry| entry.fields.covers(&Set::of(&[REPLICAS])));
    managers.0.extend(owners.map(|entry| {
        let (api_version, time) = (api_version.into(), String::new());
        let manager = Manager { api_version, time, ..entry.manager };
        Entry { manager, fields: replicas.clone() }
    }));
    managers.list()
}

impl Managers {
    fn of(object: &Value) -> Self {
        object.pointer("/metadata/managedFields").and_then(Self::read).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn entry(manager: &str, operation: &str, version: &str, fields: &Value) -> Value {
        json!({ "apiVersion": version, "fieldsType": "FieldsV1", "fieldsV1": fields,
                "manager": manager, "operation": operation, "time": "2026-01-01T00:00:00Z" })
    }

    fn managed(list: &[Value]) -> Value {
        json!({ "metadata": { "managedFields": list } })
    }

    fn owners(list: Option<&Value>) -> Vec<(&str, bool, String)> {
        let list = list.and_then(Value::as_array).into_iter().flatten();
        let owner = |entry: &Value| entry["fieldsV1"].to_string();
        list.map(|entry| {
            (entry["manager"].as_str().unwrap(), entry.get("time").is_some(), owner(entry))
        })
        .collect()
    }

    const PATH: &[&str] = &["spec", "size"];
    const SIZE: &str = r#"{"f:spec":{"f:size":{}}}"#;
    const OTHER: &str = r#"{"f:spec":{"f:other":{}}}"#;

    #[test]
    fn a_scale_is_owned_by_whoever_owns_the_replicas() {
        let both = json!({ "f:spec": { "f:size": {}, "f:other": {} } });
        let other = json!({ "f:spec": { "f:other": {} } });
        let object =
            managed(&[entry("a", "Apply", "x/v1", &both), entry("b", "Update", "x/v1", &other)]);
        let scale = of_scale(&object, PATH).unwrap();
        let replicas = json!({ "f:spec": { "f:replicas": {} } });
        assert_eq!(scale, json!([entry("a", "Apply", "autoscaling/v1", &replicas)]));
        assert_eq!(of_scale(&json!({}), PATH), None);
    }

    #[test]
    fn the_replicas_change_hands_by_the_scale() {
        let both = json!({ "f:spec": { "f:size": {}, "f:other": {} } });
        let replicas = json!({ "f:spec": { "f:replicas": {} } });
        let updated = managed(&[entry("a", "Update", "x/v1", &both)]);
        let applied = managed(&[entry("a", "Apply", "x/v1", &both)]);
        let scale = |manager: &str, operation: &str| {
            managed(&[entry(manager, operation, "autoscaling/v1", &replicas)])
        };
        for (object, scale, expected) in [
            // Taken by another one.
            (&updated, scale("b", "Update"), vec![("b", false, SIZE), ("a", true, OTHER)]),
            (&applied, scale("b", "Update"), vec![("a", true, OTHER), ("b", false, SIZE)]),
            (&applied, scale("b", "Apply"), vec![("b", false, SIZE), ("a", true, OTHER)]),
            // Kept.
            (&updated, scale("a", "Update"), vec![("a", false, SIZE), ("a", true, OTHER)]),
            (&applied, scale("a", "Apply"), vec![("a", true, &*both.to_string())]),
            // Given up.
            (&updated, json!({}), vec![("a", true, OTHER)]),
        ] {
            let list = of_scaled(object, &scale, PATH, "x/v1");
            let expected: Vec<(&str, bool, String)> =
                expected.into_iter().map(|(name, time, set)| (name, time, set.into())).collect();
            assert_eq!(owners(list.as_ref()), expected, "{object} {scale}");
        }
    }
}
