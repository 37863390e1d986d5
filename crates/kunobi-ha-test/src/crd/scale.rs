//! The subresource `scale`: where its fields are in an object.

use serde_json::{Value, json};

use super::{check::go_number, raw};
use crate::{status::Cause, table};

/// Where the fields of a Scale are in the object, as `.spec.replicas`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct ScalePaths {
    spec_replicas: String,
    status_replicas: String,
    selector: ScaleSelector,
}

/// Where the label selector of a Scale comes from.
#[derive(Clone, Debug, Eq, PartialEq)]
enum ScaleSelector {
    Absent,
    /// A text in the object.
    Text(String),
    /// `spec.selector` of a built-in type, written as a text.
    Labels,
}

impl ScalePaths {
    pub(super) fn read(value: &Value) -> Self {
        let selector = raw::text(value, "labelSelectorPath");
        Self {
            spec_replicas: raw::text(value, "specReplicasPath").to_owned(),
            status_replicas: raw::text(value, "statusReplicasPath").to_owned(),
            selector: match selector {
                "" => ScaleSelector::Absent,
                path => ScaleSelector::Text(path.to_owned()),
            },
        }
    }

    /// Of a Deployment, and of every other built-in type that has replicas.
    pub(crate) fn of_workloads() -> Self {
        Self {
            spec_replicas: ".spec.replicas".into(),
            status_replicas: ".status.replicas".into(),
            selector: ScaleSelector::Labels,
        }
    }

    /// The Scale of an object. Without replicas there is none, except for a patch to begin with.
    pub(crate) fn of(&self, object: &Value, for_patch: bool) -> Result<Value, String> {
        let number = |path: &str| match find(path, object)? {
            None => Ok(None),
            Some(field) => match field.as_i64() {
                Some(number) => Ok(Some(number)),
                None => Err(not_a(path, field, "int64")),
            },
        };
        let replicas = number(&self.spec_replicas)?;
        if replicas.is_none() && !for_patch {
            return Err(format!(
                "the spec replicas field \"{}\" does not exist",
                self.spec_replicas
            ));
        }
        let selector = match &self.selector {
            ScaleSelector::Absent => String::new(),
            ScaleSelector::Text(path) => {
                find(path, object)?.and_then(Value::as_str).unwrap_or_default().to_owned()
            }
            ScaleSelector::Labels => {
                object.pointer("/spec/selector").map(labels).unwrap_or_default()
            }
        };
        let fields = ["name", "namespace", "uid", "resourceVersion", "creationTimestamp"];
        let fields = fields.into_iter().filter_map(|field| {
            Some((field.to_owned(), object.get("metadata")?.get(field)?.clone()))
        });
        let mut scale = json!({
            "kind": "Scale",
            "apiVersion": "autoscaling/v1",
            "metadata": Value::Object(fields.collect()),
            "spec": {},
            "status": { "replicas": number(&self.status_replicas)?.unwrap_or_default() },
        });
        put(&mut scale, &["spec", "replicas"], replicas.filter(|n| *n != 0).map(Value::from));
        put(
            &mut scale,
            &["status", "selector"],
            Some(selector).filter(|it| !it.is_empty()).map(Value::from),
        );
        Ok(scale)
    }

    /// What a Scale that was sent makes of its object.
    pub(crate) fn apply(&self, object: &Value, scale: &Value) -> Value {
        let mut object = object.clone();
        let replicas = find(".spec.replicas", scale).ok().flatten().and_then(Value::as_i64);
        put(&mut object, &self.steps(), Some(replicas.unwrap_or_default().into()));
        let sent = find(".metadata.resourceVersion", scale).ok().flatten();
        if let Some(sent) = sent.filter(|sent| sent.as_str().is_some_and(|it| !it.is_empty())) {
            put(&mut object, &["metadata", "resourceVersion"], Some(sent.clone()));
        }
        object
    }

    /// The fields on the way to the replicas.
    pub(crate) fn steps(&self) -> Vec<&str> {
        self.spec_replicas.trim_start_matches('.').split('.').collect()
    }

    /// The path of the replicas, as `.spec.replicas`.
    pub(crate) fn replicas(&self) -> &str {
        &self.spec_replicas
    }

    pub(super) fn check_spec(&self, value: &Value, causes: &mut Vec<Cause>) {
        check_replicas(&self.spec_replicas, value, causes);
    }

    pub(super) fn check_status(&self, value: &Value, causes: &mut Vec<Cause>) {
        check_replicas(&self.status_replicas, value, causes);
        let ScaleSelector::Text(path) = &self.selector else { return };
        let error = match find(path, value) {
            Ok(None | Some(Value::String(_))) => return,
            Ok(Some(other)) => not_a(path, other, "string"),
            Err(error) => error,
        };
        causes.push(Cause::invalid(path, &"".into(), &error));
    }
}

/// A label selector, or the bare labels of a `ReplicationController`, as text: `a=b,c in (d,e),!f`.
fn labels(selector: &Value) -> String {
    let is_bare = ["matchLabels", "matchExpressions"].iter().all(|it| selector.get(it).is_none());
    let text = if is_bare {
        table::requirements(&json!({ "matchLabels": selector }))
    } else {
        table::requirements(selector)
    };
    text.unwrap_or_default()
}

/// The value at a path such as `.spec.replicas`. It is an error if something on the way is no
/// object.
fn find<'a>(path: &str, value: &'a Value) -> Result<Option<&'a Value>, String> {
    let mut value = value;
    for field in path.trim_start_matches('.').split('.') {
        let Value::Object(fields) = value else {
            return Err(not_a(path, value, "map[string]interface{}"));
        };
        let Some(inside) = fields.get(field) else { return Ok(None) };
        value = inside;
    }
    Ok(Some(value))
}

/// Sets a field, and makes the objects on the way. Nothing is set in what is no object.
fn put(object: &mut Value, path: &[&str], value: Option<Value>) {
    let (Some(value), [steps @ .., last]) = (value, path) else { return };
    let mut object = object;
    for step in steps {
        let Value::Object(fields) = object else { return };
        object = fields.entry(*step).or_insert_with(|| json!({}));
    }
    if let Value::Object(fields) = object {
        fields.insert((*last).to_owned(), value);
    }
}

fn check_replicas(path: &str, value: &Value, causes: &mut Vec<Cause>) {
    let (is, error) = match find(path, value) {
        Ok(None) => return,
        Err(error) => (0, error),
        Ok(Some(field)) => match field.as_i64() {
            None => (0, not_a(path, field, "int64")),
            Some(replicas) if replicas < 0 => {
                (replicas, "should be a non-negative integer".to_owned())
            }
            Some(replicas) if replicas > i64::from(i32::MAX) => {
                (replicas, format!("should be less than or equal to {}", i32::MAX))
            }
            Some(_) => return,
        },
    };
    causes.push(Cause::invalid(path, &is.into(), &error));
}

fn not_a(path: &str, value: &Value, expected: &str) -> String {
    let (shown, kind) = match value {
        Value::Null => ("<nil>".to_owned(), "<nil>"),
        Value::Bool(is) => (is.to_string(), "bool"),
        Value::Number(number) if number.is_i64() => (number.to_string(), "int64"),
        Value::Number(number) => (go_number(number), "float64"),
        Value::String(text) => (text.clone(), "string"),
        Value::Array(_) => (value.to_string(), "[]interface {}"),
        Value::Object(_) => (value.to_string(), "map[string]interface {}"),
    };
    format!("{path} accessor error: {shown} is of the type {kind}, expected {expected}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_is_a_part_of_its_object() {
        let paths = ScalePaths::read(
            &json!({ "specReplicasPath": ".spec.size", "statusReplicasPath": ".status.n",
                                              "labelSelectorPath": ".status.selector" }),
        );
        let object = json!({ "kind": "Foo", "metadata": { "name": "a", "uid": "u", "labels": { "x": "y" },
                                                          "resourceVersion": "5" },
                             "spec": { "size": 2, "other": 1 }, "status": { "selector": "a=b" } });
        let scale = json!({ "kind": "Scale", "apiVersion": "autoscaling/v1",
                            "metadata": { "name": "a", "uid": "u", "resourceVersion": "5" },
                            "spec": { "replicas": 2 }, "status": { "replicas": 0, "selector": "a=b" } });
        assert_eq!(paths.of(&object, false), Ok(scale));
        let sent = json!({ "metadata": { "resourceVersion": "4" }, "spec": { "replicas": 3 } });
        let changed = paths.apply(&object, &sent);
        assert_eq!(changed["spec"], json!({ "size": 3, "other": 1 }));
        assert_eq!(changed["metadata"]["resourceVersion"], "4");
        assert_eq!(paths.apply(&json!({}), &json!({})), json!({ "spec": { "size": 0 } }));

        let empty = json!({ "metadata": {} });
        let why = "the spec replicas field \".spec.size\" does not exist".to_owned();
        assert_eq!(paths.of(&empty, false), Err(why));
        assert_eq!(paths.of(&empty, true).unwrap()["spec"], json!({}));
    }
}
