//! Configurations of webhooks.

use serde_json::{Value, json};

use crate::rows::Stage;

pub(crate) fn path(stage: Stage) -> String {
    let plural = format!("{}s", stage.kind().to_lowercase());
    format!("/apis/admissionregistration.k8s.io/v1/{plural}")
}

pub(crate) fn configuration(stage: Stage, name: &str, hooks: &[Value]) -> Value {
    json!({ "apiVersion": "admissionregistration.k8s.io/v1", "kind": stage.kind(),
            "metadata": { "name": name }, "webhooks": hooks })
}

/// Webhooks that are wrong in one way each, with what is wrong.
pub(crate) fn wrong() -> Vec<(String, Stage, Value)> {
    let mut all = Vec::new();
    for more in [of_itself(), of_its_requests()].concat() {
        for stage in [Stage::Mutating, Stage::Validating] {
            all.push((format!("{stage:?}: {more}"), stage, json!([hook(&more)])));
        }
    }
    let policy = json!({ "reinvocationPolicy": "Always" });
    all.push((policy.to_string(), Stage::Mutating, json!([hook(&policy)])));
    let twice = hook(&json!({}));
    all.push(("one name twice".into(), Stage::Validating, json!([twice, twice])));
    all
}

/// What a webhook is, and where.
fn of_itself() -> Vec<Value> {
    let url = |url: &str| json!({ "clientConfig": { "url": url } });
    let service = |service: Value| json!({ "clientConfig": { "service": service } });
    let path = |path: &str| service(json!({ "namespace": "n", "name": "s", "path": path }));
    vec![
        json!({ "name": "" }),
        json!({ "name": "a.b" }),
        json!({ "name": "A.b.c" }),
        json!({ "name": "a..c" }),
        json!({ "sideEffects": null }),
        json!({ "sideEffects": "Some" }),
        json!({ "sideEffects": "Everything" }),
        json!({ "admissionReviewVersions": [] }),
        json!({ "admissionReviewVersions": ["v2"] }),
        json!({ "admissionReviewVersions": ["v1", "v1"] }),
        json!({ "admissionReviewVersions": ["v1", "V 2"] }),
        json!({ "timeoutSeconds": 0 }),
        json!({ "timeoutSeconds": 31 }),
        json!({ "timeoutSeconds": "1" }),
        json!({ "failurePolicy": "Retry" }),
        json!({ "matchPolicy": "exact" }),
        json!({ "clientConfig": {} }),
        json!({ "clientConfig": { "url": "https://a", "service": { "namespace": "n", "name": "s" } } }),
        url("http://a/b"),
        url("https:///b"),
        url("https://user:secret@a/b"),
        url("https://a/b#c"),
        url("https://a/b?c=d"),
        url("a/b"),
        service(json!({})),
        service(json!({ "namespace": "n", "name": "s", "port": 0 })),
        service(json!({ "namespace": "n", "name": "s", "port": 65_536 })),
        path("a"),
        path("//"),
        path("/a//b"),
        path("/a/B"),
        path("/a/"),
    ]
}

/// Which requests it is shown.
fn of_its_requests() -> Vec<Value> {
    let rule = |field: &str, value: Value| {
        let mut rule = json!({ "operations": ["CREATE"], "apiGroups": [""], "apiVersions": ["v1"],
                               "resources": ["configmaps"] });
        rule[field] = value;
        json!({ "rules": [rule] })
    };
    let selector = |selector: Value| json!({ "objectSelector": selector });
    let expression = |key: &str, operator: &str, values: &[&str]| {
        let all = json!([{ "key": key, "operator": operator, "values": values }]);
        json!({ "matchExpressions": all })
    };
    let conditions = |all: Value| json!({ "matchConditions": all });
    vec![
        rule("operations", json!([])),
        rule("operations", json!(["*", "CREATE"])),
        rule("operations", json!(["PATCH"])),
        rule("apiGroups", json!([])),
        rule("apiGroups", json!(["*", "apps"])),
        rule("apiVersions", json!([])),
        rule("apiVersions", json!(["", "*"])),
        rule("resources", json!([])),
        rule("resources", json!(["", "*/*", "pods"])),
        rule("resources", json!(["*", "pods"])),
        rule("resources", json!(["pods/*", "pods/log", "*/scale", "deployments/scale"])),
        rule("scope", json!("Everywhere")),
        selector(json!({ "matchLabels": { "a b": "c d" } })),
        selector(expression("a", "In", &[])),
        selector(expression("a", "Exists", &["b"])),
        selector(expression("a", "Near", &["b"])),
        selector(expression("", "In", &["b c"])),
        conditions(json!([{ "name": "a", "expression": "" }])),
        conditions(json!([{ "name": "", "expression": "true" }])),
        conditions(json!([{ "name": "a b", "expression": "true" }])),
        conditions(
            json!([{ "name": "a", "expression": "true" }, { "name": "a", "expression": "true" }]),
        ),
        conditions(json!([{ "name": "a", "expression": "thing == 1" }])),
    ]
}

fn hook(more: &Value) -> Value {
    let mut hook = json!({
        "name": "a.example.com",
        "clientConfig": { "url": "https://example.com" },
        "rules": [],
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
    });
    if let (Some(hook), Some(more)) = (hook.as_object_mut(), more.as_object()) {
        hook.extend(more.clone());
    }
    hook
}
