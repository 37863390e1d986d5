//! What the webhooks of the program do: the last part of the path that is called names it.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

pub(crate) enum Behaviour {
    /// An `AdmissionReview` with this response, to which the uid is added.
    Review(Value),
    Raw(u16, String),
    Hang,
}

pub(crate) fn of(name: &str, review: &Value) -> Behaviour {
    let uid = review["request"]["uid"].as_str().unwrap_or_default();
    let denied = |status: Value| Behaviour::Review(json!({ "allowed": false, "status": status }));
    let add =
        |path: &str, value: Value| patch(&json!([{ "op": "add", "path": path, "value": value }]));
    match name {
        "allow" => Behaviour::Review(json!({ "allowed": true })),
        "deny" => denied(json!({ "code": 403, "reason": "Forbidden", "message": "not today" })),
        "deny-plainly" => Behaviour::Review(json!({ "allowed": false })),
        "deny-by-reason" => denied(json!({ "reason": "Whatever" })),
        "deny-by-code" => denied(json!({ "code": 418, "message": "a teapot" })),
        "deny-with-success" => denied(json!({ "code": 200, "status": "Success", "message": "m" })),
        "deny-with-details" => denied(json!({ "code": 422, "reason": "Invalid", "message": "m",
            "details": { "name": "n", "kind": "k",
                         "causes": [{ "reason": "FieldValueInvalid", "message": "c", "field": "f" }] } })),
        "warn" => {
            Behaviour::Review(json!({ "allowed": true, "warnings": ["careful", "say \"no\""] }))
        }
        "warn-and-deny" => Behaviour::Review(json!({ "allowed": false, "warnings": ["careful"] })),
        "patch" => add("/data/c", json!("d")),
        "patch-again" => add("/data/e", json!("f")),
        "label" => add("/metadata/labels", json!({ "added": "yes" })),
        "rename" => add("/metadata/name", json!("renamed")),
        "move" => add("/metadata/namespace", json!("default")),
        "name-it" => add("/metadata/name", json!("named")),
        "bad-label" => add("/metadata/labels", json!({ "added": "not a label" })),
        "replicas" => add("/spec/replicas", json!(2)),
        "wrong-type" => add("/data/c", json!(1)),
        "unknown-field" => add("/colour", json!("red")),
        "status" => add("/status", json!({ "replicas": 7 })),
        "missing-path" => add("/x/y", json!(1)),
        "remove-missing" => patch(&json!([{ "op": "remove", "path": "/data/zzz" }])),
        "replace-missing" => patch(&json!([{ "op": "replace", "path": "/data/zzz", "value": 1 }])),
        "failed-test" => patch(&json!([{ "op": "test", "path": "/data/a", "value": "zzz" }])),
        "unknown-operation" => patch(&json!([{ "op": "paint", "path": "/data/a" }])),
        "no-operations" => patch(&json!([])),
        "no-list" => patch(&json!({ "op": "add" })),
        "other-patch-type" => Behaviour::Review(json!({ "allowed": true, "patchType": "Merge",
            "patch": BASE64_STANDARD.encode(r#"[{"op":"remove","path":"/data/a"}]"#) })),
        "patch-without-type" => Behaviour::Review(json!({ "allowed": true, "patch": "W10=" })),
        "type-without-patch" => {
            Behaviour::Review(json!({ "allowed": true, "patchType": "JSONPatch" }))
        }
        "deny-and-patch" => Behaviour::Review(json!({ "allowed": false, "patchType": "JSONPatch",
                                                      "patch": "W10=" })),
        other => wrong(other, uid),
    }
}

/// Answers that are none.
fn wrong(name: &str, uid: &str) -> Behaviour {
    match name {
        "other-uid" => {
            raw(&json!({ "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
                                    "response": { "uid": "other", "allowed": true } }))
        }
        "no-uid" => raw(&json!({ "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
                                 "response": { "allowed": true } })),
        "no-kind" => raw(&json!({ "response": { "uid": uid, "allowed": true } })),
        "other-version" => raw(&json!({ "apiVersion": "admission.k8s.io/v1beta1",
            "kind": "AdmissionReview", "response": { "uid": uid, "allowed": true } })),
        "no-response" => {
            raw(&json!({ "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview" }))
        }
        "wrong-bool" => {
            raw(&json!({ "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
                                     "response": { "uid": uid, "allowed": "yes" } }))
        }
        "other-kind" => raw(&json!({ "apiVersion": "v1", "kind": "ConfigMap" })),
        "empty" => Behaviour::Raw(200, String::new()),
        "500" => Behaviour::Raw(500, "boom".into()),
        "503" => Behaviour::Raw(503, String::new()),
        "404" => Behaviour::Raw(404, "no such page".into()),
        "403" => Behaviour::Raw(403, "go away".into()),
        "400-status" => Behaviour::Raw(
            400,
            json!({ "apiVersion": "v1", "kind": "Status",
            "status": "Failure", "message": "said by a Status", "code": 400 })
            .to_string(),
        ),
        "hang" => Behaviour::Hang,
        other => panic!("no behaviour {other}"),
    }
}

fn patch(operations: &Value) -> Behaviour {
    let patch = BASE64_STANDARD.encode(operations.to_string());
    Behaviour::Review(json!({ "allowed": true, "patchType": "JSONPatch", "patch": patch }))
}

fn raw(review: &Value) -> Behaviour {
    Behaviour::Raw(200, review.to_string())
}
