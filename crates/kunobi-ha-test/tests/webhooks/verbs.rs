//! What becomes of a request that a webhook has seen.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use bytes::Bytes;
use http::{Method, Request, Response};
use http_body_util::{BodyExt, Full};
use kunobi_ha_test::TestServer;
use serde_json::{Value, json};
use tower::service_fn;

use super::support::{MAPS, allowed, ask, hook, map, patched, register, rule, server};

fn denied() -> Value {
    json!({ "allowed": false, "status": { "code": 403, "reason": "Forbidden", "message": "no" } })
}

const DENIED: &str = "admission webhook \"one.example.com\" denied the request: no";

#[tokio::test]
async fn no_verb_does_what_a_webhook_denies() {
    for stage in ["Mutating", "Validating"] {
        let (server, shown) = server(|_, _| denied());
        let path = format!("{MAPS}/a");
        let stored = ask(&server, Method::POST, MAPS, map("a")).await;
        register(&server, stage, "m", &[hook("one", Value::Null)]).await;
        for (method, path, body) in [
            (Method::POST, MAPS, map("b")),
            (Method::PUT, &path, map("a")),
            (Method::PATCH, &path, json!({ "data": null })),
            (Method::PATCH, &format!("{MAPS}/b?fieldManager=tester"), map("b")),
            (Method::DELETE, &path, Value::Null),
            (Method::DELETE, MAPS, Value::Null),
        ] {
            let answer = ask(&server, method.clone(), path, body).await;
            assert_eq!((answer.code, answer.message()), (403, DENIED), "{stage} {method} {path}");
            assert_eq!(answer.body["reason"], "Forbidden");
        }
        assert_eq!(server.get(&path), Some(stored.body));
        assert_eq!(server.get(&format!("{MAPS}/b")), None);
        assert_eq!(shown.all().len(), 6);
    }
}

#[tokio::test]
async fn a_collection_is_deleted_up_to_the_object_that_a_webhook_keeps() {
    let (server, shown) =
        server(
            |_, request| {
                if request["oldObject"]["metadata"]["name"] == "b" { denied() } else { allowed() }
            },
        );
    for name in ["a", "b", "c"] {
        ask(&server, Method::POST, MAPS, map(name)).await;
    }
    register(&server, "Validating", "v", &[hook("one", Value::Null)]).await;

    let answer = ask(&server, Method::DELETE, MAPS, Value::Null).await;

    assert_eq!((answer.code, answer.message()), (403, DENIED));
    let names = ["a", "b", "c"].map(|name| server.get(&format!("{MAPS}/{name}")).is_some());
    assert_eq!(names, [false, true, true]);
    // As there, without its name.
    let names: Vec<bool> = shown.all().iter().map(|request| request["name"].is_null()).collect();
    assert_eq!(names, [true; 2]);
}

/// Answers like the service of `server`, and changes the object while it does: as often as it is told.
fn meddle(server: &TestServer, times: usize) -> Arc<AtomicUsize> {
    let calls = Arc::new(AtomicUsize::new(0));
    let (counter, edited) = (Arc::clone(&calls), server.clone());
    let service = service_fn(move |request: Request<Full<Bytes>>| {
        let call = counter.fetch_add(1, Ordering::Relaxed);
        if call < times {
            let seen = format!("meanwhile-{call}");
            edited.edit(&format!("{MAPS}/a"), |map| map["data"]["seen"] = seen.into());
        }
        async move {
            let bytes = request.into_body().collect().await.unwrap().to_bytes();
            let review: Value = serde_json::from_slice(&bytes).unwrap();
            let seen = &review["request"]["object"]["data"]["seen"];
            let mut response =
                patched(&json!([{ "op": "add", "path": "/data/copy", "value": seen }]));
            response["uid"] = review["request"]["uid"].clone();
            let review = json!({ "apiVersion": review["apiVersion"], "kind": "AdmissionReview",
                                 "response": response });
            Ok::<_, Infallible>(Response::new(Full::new(Bytes::from(review.to_string()))))
        }
    });
    server.set_webhook_service("hooks", "hook", service);
    calls
}

async fn meddled(times: usize) -> (TestServer, Arc<AtomicUsize>, Value) {
    let server = TestServer::new();
    let mut sent = map("a");
    sent["data"]["seen"] = "first".into();
    let stored = ask(&server, Method::POST, MAPS, sent).await.body;
    let calls = meddle(&server, times);
    register(&server, "Mutating", "m", &[hook("one", Value::Null)]).await;
    (server, calls, stored)
}

#[tokio::test]
async fn a_write_is_decided_again_if_the_object_has_changed_meanwhile() {
    let (server, calls, _) = meddled(1).await;

    let answer =
        ask(&server, Method::PATCH, &format!("{MAPS}/a"), json!({ "data": { "x": "y" } })).await;

    let data = json!({ "a": "b", "x": "y", "seen": "meanwhile-0", "copy": "meanwhile-0" });
    assert_eq!((answer.code, &answer.body["data"]), (200, &data));
    assert_eq!(calls.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn an_update_with_a_version_is_a_conflict_if_the_object_has_changed_meanwhile() {
    let (server, calls, stored) = meddled(1).await;

    let answer = ask(&server, Method::PUT, &format!("{MAPS}/a"), stored).await;

    assert_eq!(answer.code, 409, "{}", answer.body);
    assert_eq!(calls.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn a_request_for_an_object_that_never_rests_ends() {
    let (server, calls, _) = meddled(usize::MAX).await;

    let answer =
        ask(&server, Method::PATCH, &format!("{MAPS}/a"), json!({ "data": { "x": "y" } })).await;

    assert_eq!((answer.code, answer.body["reason"].as_str()), (504, Some("Timeout")));
    assert_eq!(calls.load(Ordering::Relaxed), 100);
}

#[tokio::test]
async fn an_update_of_a_version_that_is_old_by_then_is_a_conflict() {
    let (server, shown) = server(|_, _| allowed());
    let stored = ask(&server, Method::POST, MAPS, map("a")).await.body;
    let path = format!("{MAPS}/a");
    ask(&server, Method::PATCH, &path, json!({ "data": { "x": "y" } })).await;
    let hooks = [hook("one", Value::Null)];
    register(&server, "Mutating", "m", &hooks).await;
    register(&server, "Validating", "v", &hooks).await;

    let answer = ask(&server, Method::PUT, &path, stored).await;

    assert_eq!(answer.code, 409);
    assert_eq!(shown.all().len(), 1, "only mutating webhooks come before the check of the version");
}

#[tokio::test]
async fn configurations_of_webhooks_and_evicted_pods_are_not_shown() {
    let (server, shown) = server(|_, _| denied());
    let rules = [rule(&["*"], "*", &["validatingwebhookconfigurations", "pods"])];
    let pods = "/api/v1/namespaces/default/pods";
    let pod = json!({ "metadata": { "name": "p" },
                      "spec": { "containers": [{ "name": "c", "image": "i" }] } });
    ask(&server, Method::POST, pods, pod).await;
    register(&server, "Mutating", "m", &[hook("one", json!({ "rules": rules }))]).await;

    register(&server, "Validating", "v", &[hook("one", json!({ "rules": rules }))]).await;
    let eviction = json!({ "metadata": { "name": "p" } });
    let answer = ask(&server, Method::POST, &format!("{pods}/p/eviction"), eviction).await;

    assert_eq!(answer.code, 201, "{}", answer.body);
    assert_eq!(server.get(&format!("{pods}/p")), None);
    assert_eq!(shown.all(), Vec::<Value>::new());
}

#[tokio::test]
async fn what_a_webhook_makes_of_a_scale_is_the_scale_of_the_object() {
    let (server, _) =
        server(|_, _| patched(&json!([{ "op": "replace", "path": "/spec/replicas", "value": 2 }])));
    let deployments = "/apis/apps/v1/namespaces/default/deployments";
    let deployment = json!({ "metadata": { "name": "d" }, "spec": {
        "selector": { "matchLabels": { "a": "b" } },
        "template": { "metadata": { "labels": { "a": "b" } },
                      "spec": { "containers": [{ "name": "c", "image": "i" }] } } } });
    ask(&server, Method::POST, deployments, deployment).await;
    let rules = [rule(&["*"], "apps", &["deployments/scale"])];
    register(&server, "Mutating", "m", &[hook("one", json!({ "rules": rules }))]).await;

    let path = format!("{deployments}/d/scale");
    let answer = ask(&server, Method::PATCH, &path, json!({ "spec": { "replicas": 9 } })).await;

    assert_eq!(
        (answer.code, &answer.body["spec"]["replicas"]),
        (200, &json!(2)),
        "{}",
        answer.body
    );
    let stored = server.get(&format!("{deployments}/d")).unwrap();
    assert_eq!(stored["spec"]["replicas"], 2);
}

#[tokio::test]
async fn the_history_has_the_write_once() {
    let (server, _) = server(|_, _| allowed());
    let hooks = [hook("one", Value::Null)];
    register(&server, "Mutating", "m", &hooks).await;
    register(&server, "Validating", "v", &hooks).await;

    ask(&server, Method::POST, MAPS, map("a")).await;

    let paths: Vec<String> = server.history().iter().map(|write| write.path.clone()).collect();
    assert_eq!(paths.iter().filter(|path| path.ends_with("/configmaps/a")).count(), 1);
}
