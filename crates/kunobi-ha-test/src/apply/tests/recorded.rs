//! What kube-apiserver answered to the cases of `cases.yaml`, and what is answered here.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::super::{Failure, Manager, Operation, differ_only_in_times, merge, record};
use crate::{
    crd, decode,
    shape::Shape,
    types::{Resource, Types},
};

const NOW: &str = "2026-01-01T00:00:00Z";

/// The object of a case, as far as it was built.
struct Replay {
    resource: Arc<Resource>,
    has_status: bool,
    live: Option<Value>,
}

impl Replay {
    fn step(&mut self, step: &Value) -> Result<(), Failure> {
        let is_status = step["status"] == true;
        let operation =
            if step.get("apply").is_some() { Operation::Apply } else { Operation::Update };
        let manager = Manager {
            name: step["by"].as_str().unwrap().into(),
            operation,
            api_version: self.resource.api_version(),
            subresource: if is_status { "status".into() } else { String::new() },
            time: NOW.into(),
        };
        let resets: &[&str] = match (is_status, self.has_status) {
            (true, _) if self.resource.custom().is_some() => &["metadata", "spec"],
            (true, _) => &["spec", "metadata.labels"],
            (false, true) => &["status"],
            (false, false) => &[],
        };
        let shape = self.resource.shape();
        let mut value = if let Some(applied) = step.get("apply") {
            let applied = self.whole(applied);
            let is_forced = step["force"] == true;
            merge(shape, self.live.as_ref(), &applied, &manager, is_forced, resets)?
        } else if let Some(patch) = step.get("patch") {
            let mut value = self.live.clone().unwrap();
            json_patch::merge(&mut value, patch);
            value
        } else {
            self.whole(&step["create"])
        };
        value = decode::merged(&self.resource, value).unwrap();
        if operation == Operation::Update {
            record(shape, self.live.as_ref(), &mut value, &manager, resets);
        }
        self.keep(is_status, &mut value);
        if self.live.as_ref().is_none_or(|live| !differ_only_in_times(live, &value)) {
            self.live = Some(value);
        }
        Ok(())
    }

    fn whole(&self, body: &Value) -> Value {
        let mut whole = json!({
            "apiVersion": self.resource.api_version(), "kind": self.resource.kind,
            "metadata": {"name": "NAME"},
        });
        for (field, value) in body.as_object().unwrap() {
            match value.as_object() {
                Some(fields) if field == "metadata" => {
                    whole["metadata"].as_object_mut().unwrap().extend(fields.clone());
                }
                _ => whole[field] = value.clone(),
            }
        }
        whole
    }

    /// What this endpoint does not write stays as it was.
    fn keep(&self, is_status: bool, value: &mut Value) {
        let live = self.live.clone().unwrap_or_default();
        let object = value.as_object_mut().unwrap();
        let kept: &[&str] = match (is_status, self.has_status) {
            (true, _) => &["spec", "metadata"],
            (false, true) => &["status"],
            (false, false) => &[],
        };
        for field in kept {
            let managed = object.get("metadata").and_then(|m| m.get("managedFields")).cloned();
            match live.get(*field) {
                Some(before) => drop(object.insert((*field).into(), before.clone())),
                None => drop(object.remove(*field)),
            }
            if *field == "metadata" {
                let metadata = object["metadata"].as_object_mut().unwrap();
                metadata.remove("managedFields");
                metadata.extend(managed.map(|managed| ("managedFields".into(), managed)));
            }
        }
    }

    fn answer(&self, managers_only: bool) -> Value {
        let mut object = self.live.clone().unwrap();
        let mut metadata = object["metadata"].take();
        object.as_object_mut().unwrap().remove("metadata");
        let managed = metadata["managedFields"].take();
        let managers: Map<String, Value> =
            managed.as_array().into_iter().flatten().map(entry).collect();
        let mut answer = json!({"managers": managers});
        if !managers_only {
            for field in ["name", "managedFields"] {
                metadata.as_object_mut().unwrap().remove(field);
            }
            answer["object"] = object;
            answer["metadata"] = metadata;
        }
        answer
    }
}

fn entry(entry: &Value) -> (String, Value) {
    let text = |field: &str| entry[field].as_str().unwrap();
    let subresource = entry.get("subresource").map(|s| format!("/{}", s.as_str().unwrap()));
    let (manager, operation, version) = (text("manager"), text("operation"), text("apiVersion"));
    let name = format!("{manager} {operation} {version}{}", subresource.unwrap_or_default());
    (name, json!({"timed": entry.get("time").is_some(), "fields": entry["fieldsV1"]}))
}

fn failed(failure: Failure) -> Value {
    let body = failure.rejection().body();
    let causes = body["details"]["causes"].as_array().cloned().unwrap_or_default();
    let mut causes: Vec<Value> =
        causes.iter().map(|cause| json!([cause["field"], cause["message"]])).collect();
    causes.sort_by_key(Value::to_string);
    json!({"code": body["code"], "message": body["message"], "causes": causes})
}

fn expected(step: &Value) -> Value {
    let mut step = step.clone();
    if let Some(causes) = step.get_mut("causes").and_then(Value::as_array_mut) {
        causes.sort_by_key(Value::to_string);
    }
    step
}

/// The custom type of the cases.
pub(in crate::apply) fn thing() -> Shape {
    let cases = crd::documents(include_str!("cases.yaml")).unwrap().remove(0);
    resource("Thing", &cases["crd"]).shape().clone()
}

fn resource(kind: &str, definition: &Value) -> Arc<Resource> {
    let mut definition = definition.clone();
    crd::admit(&mut definition, None).unwrap();
    crd::conditions(&mut definition, std::iter::empty(), NOW);
    match kind {
        "Thing" => crd::served(&definition).remove(0),
        "Deployment" => Types::new().find_kind("apps", "v1", kind).unwrap(),
        "Lease" => Types::new().find_kind("coordination.k8s.io", "v1", kind).unwrap(),
        _ => Types::new().find_kind("", "v1", kind).unwrap(),
    }
}

#[test]
fn the_same_as_kube_apiserver() {
    let cases = crd::documents(include_str!("cases.yaml")).unwrap().remove(0);
    let recorded: Value = serde_json::from_str(include_str!("recorded.json")).unwrap();
    let mut differences = Vec::new();
    for case in cases["cases"].as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        let resource = resource(case["kind"].as_str().unwrap(), &cases["crd"]);
        let has_status = resource.subresource("status").is_some();
        let mut replay = Replay { resource, has_status, live: None };
        let managers_only = case["managers_only"] == true;
        for (index, step) in case["steps"].as_array().unwrap().iter().enumerate() {
            let expected = expected(&recorded[name][index]);
            let before = replay.live.clone();
            let answer = match replay.step(step) {
                Ok(()) => replay.answer(managers_only),
                Err(failure) => failed(failure),
            };
            // What is not valid after an apply is refused, but not by the apply.
            if expected["code"] == 422 && answer.get("code").is_none() {
                replay.live = before;
            } else if answer != expected {
                differences.push(format!("{name}, step {index}\n  is {answer}\n  not {expected}"));
            }
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}
