//! Calls that fail, and answers that are none.

use std::{convert::Infallible, future, time::Duration};

use bytes::Bytes;
use http::{Method, Request, Response};
use http_body_util::Full;
use kunobi_ha_test::TestServer;
use serde_json::{Value, json};
use tower::service_fn;

use super::support::{MAPS, allowed, ask, hook, map, register, server};
use crate::answer::Answer;

const FAILED: &str = "Internal error occurred: failed calling webhook \"one.example.com\": ";
const POST: &str = "failed to call webhook: Post \"https://hook.hooks.svc:443/one?timeout=10s\": ";

/// What a creation is answered if this is what the webhook answers.
async fn answered(stage: &str, more: Value, code: u16, body: &'static str) -> Answer {
    let service = service_fn(move |_: Request<Full<Bytes>>| async move {
        let response =
            Response::builder().status(code).body(Full::new(Bytes::from_static(body.as_bytes())));
        Ok::<_, Infallible>(response.unwrap())
    });
    let server = TestServer::builder().with_webhook_service("hooks", "hook", service).build();
    register(&server, stage, "m", &[hook("one", more)]).await;
    ask(&server, Method::POST, MAPS, map("a")).await
}

#[tokio::test]
async fn an_answer_that_is_none_fails_the_request() {
    for (code, body, why) in [
        (
            500,
            "boom",
            "failed to call webhook: an error on the server (\"boom\") has prevented the request from succeeding",
        ),
        (404, "", "failed to call webhook: the server could not find the requested resource"),
        (503, "", "failed to call webhook: the server is currently unable to handle the request"),
        (200, "{}", "received invalid webhook response: webhook response was absent"),
        (
            200,
            r#"{"response":{"allowed":true}}"#,
            "received invalid webhook response: expected response.uid=",
        ),
        (
            200,
            r#"{"response":{"allowed":"yes"}}"#,
            "failed to call webhook: json: cannot unmarshal string into Go struct field AdmissionResponse.response.allowed of type bool",
        ),
    ] {
        let answer = answered("Validating", Value::Null, code, body).await;
        let expected = format!("{FAILED}{why}");
        assert_eq!(answer.code, 500, "{body}");
        assert!(answer.message().starts_with(&expected), "{}", answer.message());
        let ignored =
            answered("Validating", json!({ "failurePolicy": "Ignore" }), code, body).await;
        assert_eq!(ignored.code, 201, "{body}");
    }
}

#[tokio::test]
async fn the_version_before_needs_no_uid() {
    let more = json!({ "admissionReviewVersions": ["v1beta1"] });
    let answer = answered("Mutating", more, 200, r#"{"response":{"allowed":true}}"#).await;
    assert_eq!(answer.code, 201, "{}", answer.body);
}

#[tokio::test]
async fn a_denial_without_words_is_a_400() {
    let (server, _) = server(|_, _| json!({ "allowed": false }));
    register(&server, "Validating", "v", &[hook("one", Value::Null)]).await;
    let answer = ask(&server, Method::POST, MAPS, map("a")).await;
    let why = "admission webhook \"one.example.com\" denied the request without explanation";
    assert_eq!((answer.code, answer.message()), (400, why));
}

#[tokio::test]
async fn warnings_come_with_a_success_and_with_a_denial() {
    for is_allowed in [true, false] {
        let (server, _) =
            server(move |_, _| json!({ "allowed": is_allowed, "warnings": ["careful"] }));
        register(&server, "Validating", "v", &[hook("one", Value::Null)]).await;
        let answer = ask(&server, Method::POST, MAPS, map("a")).await;
        assert_eq!(answer.warnings, ["299 - \"careful\""], "{is_allowed}");
    }
}

#[tokio::test]
async fn a_validating_webhook_may_not_patch() {
    let (server, _) =
        server(|_, _| json!({ "allowed": true, "patchType": "JSONPatch", "patch": "W10=" }));
    register(&server, "Validating", "v", &[hook("one", Value::Null)]).await;
    let answer = ask(&server, Method::POST, MAPS, map("a")).await;
    let why = "received invalid webhook response: validating webhook may not return response.patch";
    assert_eq!(answer.message(), format!("{FAILED}{why}"));
}

#[tokio::test(start_paused = true)]
async fn a_webhook_that_hangs_costs_its_timeout() {
    let service = service_fn(|_: Request<Full<Bytes>>| async {
        future::pending::<Result<Response<Full<Bytes>>, Infallible>>().await
    });
    let server = TestServer::builder().with_webhook_service("hooks", "hook", service).build();
    register(&server, "Mutating", "m", &[hook("one", Value::Null)]).await;
    let begin = tokio::time::Instant::now();

    let answer = ask(&server, Method::POST, MAPS, map("a")).await;

    assert_eq!(begin.elapsed(), Duration::from_secs(10));
    assert_eq!(answer.message(), format!("{FAILED}{POST}context deadline exceeded"));
}

#[tokio::test(start_paused = true)]
async fn a_request_takes_no_longer_than_it_may() {
    let service = service_fn(|_: Request<Full<Bytes>>| async {
        future::pending::<Result<Response<Full<Bytes>>, Infallible>>().await
    });
    let server = TestServer::builder().with_webhook_service("hooks", "hook", service).build();
    let slow = json!({ "timeoutSeconds": 30, "failurePolicy": "Ignore" });
    let hooks = ["one", "two", "three"].map(|name| hook(name, slow.clone()));
    register(&server, "Mutating", "m", &hooks).await;
    for (query, seconds) in [("", 60), ("?timeout=5s", 5), ("?timeout=2m", 60), ("?timeout=0s", 60)]
    {
        let begin = tokio::time::Instant::now();
        let answer = ask(&server, Method::POST, &format!("{MAPS}{query}"), map("a")).await;
        assert_eq!(begin.elapsed(), Duration::from_secs(seconds), "{query}");
        let why = "Timeout: request did not complete within the allotted timeout";
        assert_eq!((answer.code, answer.message()), (504, why), "{query}");
    }
    assert!(server.get("configmaps default/a").is_none());
}

#[tokio::test]
async fn a_webhook_of_which_nobody_has_said_how_to_call_it_is_not_forgotten() {
    for (policy, code) in [("Fail", 500), ("Ignore", 201)] {
        let server = TestServer::new();
        let more = json!({ "failurePolicy": policy });
        register(&server, "Mutating", "m", &[hook("one", more)]).await;

        let answer = ask(&server, Method::POST, MAPS, map("a")).await;

        assert_eq!(answer.code, code, "{}", answer.body);
        let told = if code == 500 { answer.message() } else { &answer.warnings[0] };
        assert!(told.contains("with_webhook_service("), "{told}");
    }
}

#[tokio::test]
async fn a_dry_run_is_shown_only_to_those_who_know_it() {
    let (server, shown) = server(|_, _| allowed());
    register(&server, "Mutating", "m", &[hook("one", Value::Null)]).await;
    let path = format!("{MAPS}?dryRun=All");
    assert_eq!(ask(&server, Method::POST, &path, map("a")).await.code, 201);
    assert_eq!(shown.all()[0]["dryRun"], true);
    // Such a webhook can't be registered any more, but may be stored from before.
    let configuration = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/m";
    server.edit(configuration, |value| value["webhooks"][0]["sideEffects"] = "Unknown".into());

    let answer = ask(&server, Method::POST, &path, map("a")).await;

    let why = "admission webhook \"one.example.com\" does not support dry run";
    assert_eq!((answer.code, answer.message()), (400, why));
}

#[tokio::test]
async fn a_service_may_be_set_later() {
    let server = TestServer::new();
    register(&server, "Mutating", "m", &[hook("one", Value::Null)]).await;
    let service = service_fn(|_: Request<Full<Bytes>>| async {
        Ok::<_, String>(Response::new(Full::new(Bytes::from_static(b"no review"))))
    });
    server.set_webhook_service("hooks", "hook", service);
    let answer = ask(&server, Method::POST, MAPS, map("a")).await;
    assert!(answer.message().contains("json parse error"), "{}", answer.message());
}

#[tokio::test]
async fn a_webhook_with_a_url_may_run_in_this_process() {
    let service = service_fn(|request: Request<Full<Bytes>>| async move {
        let url = request.uri().to_string();
        Ok::<_, String>(Response::builder().status(403).body(Full::new(Bytes::from(url))).unwrap())
    });
    let server =
        TestServer::builder().with_webhook_url("https://hook.example.com:8443", service).build();
    let more = json!({ "clientConfig": { "url": "https://hook.example.com:8443/a/b" } });
    register(&server, "Validating", "v", &[hook("one", more)]).await;
    let answer = ask(&server, Method::POST, MAPS, map("a")).await;
    let called = "failed to call webhook: https://hook.example.com:8443/a/b?timeout=10s";
    assert_eq!(answer.message(), format!("{FAILED}{called}"));
}
