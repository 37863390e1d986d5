//! Rows about custom types, and about namespaces.

use http::Method;
use serde_json::{Value, json};

use crate::rows::{
    Row,
    Stage::{Mutating, Validating},
    Step, row, rules, step,
};

pub(super) fn rows() -> Vec<Row> {
    [customs(), parts(), namespaces()].concat()
}

/// Two versions of one type, whose schemas have a default.
pub(crate) fn definition() -> Value {
    let version = |name: &str| {
        json!({
            "name": name,
            "served": true,
            "storage": name == "v1",
            "subresources": { "status": {}, "scale": { "specReplicasPath": ".spec.replicas",
                                                       "statusReplicasPath": ".status.replicas" } },
            "schema": { "openAPIV3Schema": { "type": "object", "properties": {
                "spec": { "type": "object", "properties": {
                    "replicas": { "type": "integer" },
                    "size": { "type": "string", "default": "m" },
                } },
                "data": { "type": "object", "additionalProperties": { "type": "string" } },
                "status": { "type": "object", "properties": { "replicas": { "type": "integer" } } },
            } } },
        })
    };
    json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": { "name": "shirts.hooks.example.com" },
        "spec": {
            "group": "hooks.example.com",
            "scope": "Namespaced",
            "names": { "plural": "shirts", "singular": "shirt", "kind": "Shirt",
                       "listKind": "ShirtList" },
            "versions": [version("v1"), version("v2")],
        },
    })
}

pub(crate) const SHIRTS: &str = "/apis/hooks.example.com/v1/namespaces/NS/shirts";

fn shirt() -> Value {
    json!({ "apiVersion": "hooks.example.com/v1", "kind": "Shirt", "metadata": { "name": "s" },
            "spec": { "replicas": 1 }, "data": { "a": "b" } })
}

fn created() -> Step {
    step(Method::POST, SHIRTS, shirt())
}

fn of(version: &str, resources: &[&str]) -> Value {
    json!({ "rules": [{ "operations": ["*"], "apiGroups": ["hooks.example.com"],
                        "apiVersions": [version], "resources": resources }] })
}

fn customs() -> Vec<Row> {
    let whole = || of("v1", &["shirts"]);
    let mut exact = of("v2", &["shirts"]);
    exact["matchPolicy"] = "Exact".into();
    let one = format!("{SHIRTS}/s");
    let change = json!({ "spec": { "replicas": 2 } });
    let apply = format!("{one}?fieldManager=applier");
    let behaviours =
        ["allow", "deny", "patch", "replicas", "wrong-type", "unknown-field", "status", "label"];
    let mut rows: Vec<Row> = behaviours
        .iter()
        .map(|behaviour| {
            row(&format!("custom: {behaviour}"), Mutating, behaviour, whole(), created())
        })
        .collect();
    rows.extend([
        row("custom, validated", Validating, "allow", whole(), created()),
        row("custom, equivalent", Mutating, "patch", of("v2", &["shirts"]), created()).with(
            Validating,
            "allow",
            of("v2", &["shirts"]),
        ),
        row("custom, exact", Validating, "deny", exact, created()),
        row("custom, patch", Validating, "allow", whole(), step(Method::PATCH, &one, change))
            .before(created()),
        row("custom, apply", Validating, "allow", whole(), step(Method::PATCH, &apply, shirt())),
        row(
            "custom, delete",
            Validating,
            "allow",
            whole(),
            step(Method::DELETE, &one, Value::Null),
        )
        .before(created()),
    ]);
    rows
}

fn parts() -> Vec<Row> {
    let part = |name: &str, body| step(Method::PATCH, &format!("{SHIRTS}/s/{name}"), body);
    let status = || part("status", json!({ "status": { "replicas": 2 } }));
    let scale = || part("scale", json!({ "spec": { "replicas": 4 } }));
    let all = || of("v1", &["shirts/*"]);
    vec![
        row("custom, status", Validating, "allow", all(), status()).before(created()),
        row("custom, status patched", Mutating, "status", all(), status()).before(created()),
        row("custom, scale", Validating, "allow", all(), scale()).before(created()),
        row("custom, scale patched", Mutating, "replicas", all(), scale()).before(created()),
        row("custom, scale denied", Validating, "deny", all(), scale()).before(created()),
    ]
}

fn namespaces() -> Vec<Row> {
    let of = |scope: &str| {
        let mut rules = rules(&["*"], "", &["namespaces", "namespaces/*"]);
        rules[0]["scope"] = scope.into();
        json!({ "rules": rules })
    };
    let new = |name: &str| {
        let metadata = json!({ "name": name, "labels": { "row": "NS" } });
        let namespace = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": metadata });
        step(Method::POST, "/api/v1/namespaces", namespace)
    };
    let own = "/api/v1/namespaces/NS";
    let relabel = || step(Method::PATCH, own, json!({ "metadata": { "labels": { "x": "y" } } }));
    let delete = || step(Method::DELETE, own, Value::Null);
    vec![
        row("a namespace", Validating, "allow", of("Cluster"), new("made")),
        row("a namespace, patched", Mutating, "label", of("*"), new("made-too")),
        row("a namespace is not in one", Validating, "deny", of("Namespaced"), new("made-again")),
        row("a namespace, updated", Validating, "allow", of("*"), relabel()),
        row("a namespace, deletion denied", Validating, "deny", of("*"), delete()),
        row("a namespace, deleted", Validating, "allow", of("*"), delete()),
    ]
}
