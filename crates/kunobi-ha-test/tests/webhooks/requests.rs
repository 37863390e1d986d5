//! What a webhook is shown.

use http::Method;
use serde_json::{Value, json};

use super::support::{MAPS, allowed, ask, hook, map, register, rule, server};

#[tokio::test]
async fn the_review_of_a_creation_says_all_of_it() {
    let (server, shown) = server(|_, _| allowed());
    register(&server, "Validating", "v", &[hook("one", Value::Null)]).await;

    let path = format!("{MAPS}?fieldManager=tester&dryRun=All&fieldValidation=Strict");
    let answer = ask(&server, Method::POST, &path, map("a")).await;

    assert_eq!(answer.code, 201, "{}", answer.body);
    let mut request = shown.all().remove(0);
    assert!(request["uid"].as_str().is_some_and(|uid| uid.len() == 36), "{}", request["uid"]);
    let object = request["object"].take();
    assert_eq!((&object["kind"], &object["data"]), (&json!("ConfigMap"), &json!({ "a": "b" })));
    assert!(object["metadata"]["uid"].is_string(), "{object}");
    request["uid"] = Value::Null;
    let kind = json!({ "group": "", "version": "v1", "kind": "ConfigMap" });
    let resource = json!({ "group": "", "version": "v1", "resource": "configmaps" });
    let expected = json!({
        "uid": null,
        "kind": kind,
        "resource": resource,
        "requestKind": kind,
        "requestResource": resource,
        "name": "a",
        "namespace": "default",
        "operation": "CREATE",
        "userInfo": { "username": "me", "groups": ["system:authenticated"] },
        "object": null,
        "oldObject": null,
        "dryRun": true,
        "options": { "kind": "CreateOptions", "apiVersion": "meta.k8s.io/v1", "dryRun": ["All"],
                     "fieldManager": "tester", "fieldValidation": "Strict" },
    });
    assert_eq!(request, expected);
}

#[tokio::test]
async fn each_verb_has_its_operation_its_options_and_its_objects() {
    let (server, shown) = server(|_, _| allowed());
    register(&server, "Validating", "v", &[hook("one", Value::Null)]).await;
    let path = format!("{MAPS}/a");
    let applied = format!("{path}?fieldManager=tester&force=true");
    let deleted =
        json!({ "kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": "Orphan" });
    for (method, path, body, operation, options, objects) in [
        (Method::POST, MAPS, map("a"), "CREATE", "CreateOptions", (true, false)),
        (Method::PUT, &path, map("a"), "UPDATE", "UpdateOptions", (true, true)),
        (
            Method::PATCH,
            &path,
            json!({ "data": { "x": "y" } }),
            "UPDATE",
            "UpdateOptions",
            (true, true),
        ),
        (Method::PATCH, &applied, map("a"), "UPDATE", "UpdateOptions", (true, true)),
        (Method::DELETE, &path, deleted, "DELETE", "DeleteOptions", (false, true)),
        (Method::PATCH, &applied, map("a"), "CREATE", "CreateOptions", (true, false)),
    ] {
        shown.clear();
        let answer = ask(&server, method.clone(), path, body).await;
        assert!(answer.code < 300, "{method} {path}: {}", answer.body);
        let request = shown.all().remove(0);
        assert_eq!(request["operation"], operation, "{method}");
        assert_eq!(request["options"]["kind"], options, "{method}");
        let has = (request["object"].is_object(), request["oldObject"].is_object());
        assert_eq!(has, objects, "{method}");
        if operation == "DELETE" {
            assert_eq!(request["options"]["propagationPolicy"], "Orphan");
        }
    }
}

#[tokio::test]
async fn a_subresource_is_shown_in_its_own_kind() {
    let (server, shown) = server(|_, _| allowed());
    let rules = [rule(&["*"], "*", &["*/*"])];
    register(&server, "Validating", "v", &[hook("one", json!({ "rules": rules }))]).await;
    let deployments = "/apis/apps/v1/namespaces/default/deployments";
    let pods = "/api/v1/namespaces/default/pods";
    let spec = json!({ "containers": [{ "name": "c", "image": "i" }] });
    let deployment = json!({ "metadata": { "name": "d" }, "spec": {
        "selector": { "matchLabels": { "a": "b" } },
        "template": { "metadata": { "labels": { "a": "b" } }, "spec": spec } } });
    ask(&server, Method::POST, deployments, deployment).await;
    ask(&server, Method::POST, pods, json!({ "metadata": { "name": "p" }, "spec": spec })).await;
    for (method, path, body, part, kind) in [
        (
            Method::PATCH,
            format!("{deployments}/d/scale"),
            json!({ "spec": { "replicas": 3 } }),
            "scale",
            json!({ "group": "autoscaling", "version": "v1", "kind": "Scale" }),
        ),
        (
            Method::PATCH,
            format!("{deployments}/d/status"),
            json!({ "status": { "replicas": 3 } }),
            "status",
            json!({ "group": "apps", "version": "v1", "kind": "Deployment" }),
        ),
        (
            Method::POST,
            format!("{pods}/p/binding"),
            json!({ "metadata": { "name": "p" }, "target": { "kind": "Node", "name": "n" } }),
            "binding",
            json!({ "group": "", "version": "v1", "kind": "Binding" }),
        ),
        (
            Method::POST,
            format!("{pods}/p/eviction"),
            json!({ "metadata": { "name": "p" } }),
            "eviction",
            json!({ "group": "policy", "version": "v1", "kind": "Eviction" }),
        ),
    ] {
        shown.clear();
        let answer = ask(&server, method, &path, body).await;
        assert!(answer.code < 300, "{path}: {}", answer.body);
        let requests = shown.all();
        assert_eq!(requests.len(), 1, "{path}");
        let request = &requests[0];
        assert_eq!((&request["subResource"], &request["kind"]), (&json!(part), &kind), "{path}");
        assert_eq!(request["object"]["kind"], kind["kind"], "{path}");
    }
}
