//! Which requests a webhook is shown.

use http::Method;
use serde_json::{Value, json};

use super::support::{MAPS, allowed, ask, hook, map, register, rule, server};

/// How often a webhook with these fields is called for this request.
async fn calls(more: Value, method: Method, path: &str, body: Value) -> usize {
    let (server, shown) = server(|_, _| allowed());
    let namespace = json!({ "metadata": { "name": "labelled", "labels": { "team": "a" } } });
    ask(&server, Method::POST, "/api/v1/namespaces", namespace).await;
    let mut stored = map("stored");
    stored["metadata"]["labels"] = json!({ "old": "yes" });
    ask(&server, Method::POST, MAPS, stored).await;
    register(&server, "Validating", "v", &[hook("one", more)]).await;
    let answer = ask(&server, method, path, body).await;
    assert!(answer.code < 300, "{path}: {}", answer.body);
    shown.all().len()
}

async fn creations(more: Value, path: &str) -> usize {
    calls(more, Method::POST, path, map("a")).await
}

#[tokio::test]
async fn rules_name_operations_groups_versions_resources_and_scopes() {
    let with = |field: &str, value: Value| {
        let mut rule = rule(&["*"], "", &["configmaps"]);
        rule[field] = value;
        json!({ "rules": [rule] })
    };
    for (more, expected) in [
        (json!({ "rules": [] }), 0),
        (with("operations", json!(["CREATE"])), 1),
        (with("operations", json!(["UPDATE", "DELETE", "CONNECT"])), 0),
        (with("apiGroups", json!(["*"])), 1),
        (with("apiGroups", json!(["apps"])), 0),
        (with("apiVersions", json!(["v1"])), 1),
        (with("apiVersions", json!(["v2"])), 0),
        (with("resources", json!(["*"])), 1),
        (with("resources", json!(["*/*"])), 1),
        (with("resources", json!(["configmaps/*"])), 1),
        (with("resources", json!(["configmaps/status", "secrets"])), 0),
        (with("scope", json!("Namespaced")), 1),
        (with("scope", json!("Cluster")), 0),
        (with("scope", json!("*")), 1),
    ] {
        assert_eq!(creations(more.clone(), MAPS).await, expected, "{more}");
    }
}

#[tokio::test]
async fn a_namespace_is_of_the_cluster_and_has_its_own_labels() {
    let rules = |scope: &str| {
        let mut rule = rule(&["*"], "", &["namespaces"]);
        rule["scope"] = scope.into();
        json!([rule])
    };
    let selector = |label: &str| json!({ "matchLabels": { "team": label } });
    for (scope, label, expected) in
        [("Cluster", "b", 1), ("Namespaced", "b", 0), ("Cluster", "c", 0)]
    {
        let more = json!({ "rules": rules(scope), "namespaceSelector": selector(label) });
        let namespace = json!({ "metadata": { "name": "n", "labels": { "team": "b" } } });
        let count = calls(more, Method::POST, "/api/v1/namespaces", namespace).await;
        assert_eq!(count, expected, "{scope} {label}");
    }
}

#[tokio::test]
async fn selectors_are_about_the_namespace_and_about_either_object() {
    let labels =
        |field: &str, key: &str, value: &str| json!({ field: { "matchLabels": { key: value } } });
    let labelled = "/api/v1/namespaces/labelled/configmaps";
    for (more, path, expected) in [
        (labels("namespaceSelector", "team", "a"), labelled, 1),
        (labels("namespaceSelector", "team", "a"), MAPS, 0),
        (labels("namespaceSelector", "kubernetes.io/metadata.name", "default"), MAPS, 1),
        (labels("objectSelector", "team", "a"), MAPS, 0),
    ] {
        assert_eq!(creations(more.clone(), path).await, expected, "{more} {path}");
    }
    // The old object has the label, the new one does not.
    let more = labels("objectSelector", "old", "yes");
    let patch = json!({ "metadata": { "labels": { "old": null } } });
    assert_eq!(calls(more, Method::PATCH, &format!("{MAPS}/stored"), patch).await, 1);
}

#[tokio::test]
async fn an_equivalent_version_is_converted_for_the_webhook() {
    for (policy, group, expected) in
        [("Equivalent", "events.k8s.io", 1), ("Exact", "events.k8s.io", 0), ("Exact", "", 1)]
    {
        let (server, shown) = server(|_, _| allowed());
        let rules = json!([rule(&["CREATE"], group, &["events"])]);
        let more = json!({ "matchPolicy": policy, "rules": rules });
        register(&server, "Validating", "v", &[hook("one", more)]).await;
        let event = json!({ "metadata": { "name": "e" }, "message": "m",
                            "involvedObject": { "namespace": "default" } });

        let answer = ask(&server, Method::POST, "/api/v1/namespaces/default/events", event).await;

        assert_eq!(answer.code, 201, "{}", answer.body);
        let shown = shown.all();
        assert_eq!(shown.len(), expected, "{policy} {group}");
        if let Some(request) = shown.first().filter(|_| policy == "Equivalent") {
            assert_eq!(request["object"]["note"], "m");
            assert_eq!(request["resource"]["group"], "events.k8s.io");
            assert_eq!(request["requestResource"]["group"], "");
        }
    }
}

#[cfg(feature = "cel")]
#[tokio::test]
async fn match_conditions_are_about_the_request_and_its_objects() {
    let condition = |expression: &str| {
        json!({ "matchConditions": [
        { "name": "first", "expression": "request.operation == 'CREATE'" },
        { "name": "second", "expression": expression },
    ] })
    };
    for (expression, expected) in [
        ("object.data.a == 'b'", 1),
        ("object.data.a == 'c'", 0),
        ("oldObject == null", 1),
        ("request.userInfo.username == 'me'", 1),
        ("request.userInfo.username.startsWith('system:')", 0),
        ("has(object.metadata.labels)", 0),
    ] {
        assert_eq!(creations(condition(expression), MAPS).await, expected, "{expression}");
    }
}

#[cfg(feature = "cel")]
#[tokio::test]
async fn a_condition_that_fails_is_as_a_call_that_fails() {
    let expression = "object.data.x == 'y'";
    let conditions = json!([{ "name": "first", "expression": expression }]);
    for (policy, code) in [("Fail", 403), ("Ignore", 201)] {
        let (server, shown) = server(|_, _| allowed());
        let more = json!({ "matchConditions": conditions, "failurePolicy": policy });
        register(&server, "Validating", "v", &[hook("one", more)]).await;

        let answer = ask(&server, Method::POST, MAPS, map("a")).await;

        assert_eq!(answer.code, code, "{policy}: {}", answer.body);
        assert_eq!(shown.all().len(), 0);
        if code == 403 {
            let why = "configmaps \"a\" is forbidden: expression 'object.data.x == 'y'' resulted \
                       in error: no such key: x";
            assert_eq!(answer.message(), why);
        }
    }
}
