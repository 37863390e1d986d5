//! A server with a webhook whose answers a test states.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http::{Method, Request, Response};
use http_body_util::{BodyExt, Full};
use kunobi_ha_test::TestServer;
use serde_json::{Value, json};
use tower::service_fn;

use crate::answer::{Answer, ask_as};

pub(crate) const MAPS: &str = "/api/v1/namespaces/default/configmaps";

impl Answer {
    pub(crate) fn message(&self) -> &str {
        self.body["message"].as_str().unwrap_or_default()
    }
}

/// The requests that a webhook was shown, oldest first, with the path that was called.
#[derive(Clone, Default)]
pub(crate) struct Shown(Arc<Mutex<Vec<(String, Value)>>>);

impl Shown {
    pub(crate) fn all(&self) -> Vec<Value> {
        self.0.lock().unwrap().iter().map(|(_, request)| request.clone()).collect()
    }

    pub(crate) fn paths(&self) -> Vec<String> {
        self.0.lock().unwrap().iter().map(|(path, _)| path.clone()).collect()
    }

    pub(crate) fn clear(&self) {
        self.0.lock().unwrap().clear();
    }
}

/// A server on which `answer` is asked about the calls of the service `hooks/hook`: it is given the path and the
/// request, and returns the response without its uid.
pub(crate) fn server(
    answer: impl Fn(&str, &Value) -> Value + Send + Sync + 'static,
) -> (TestServer, Shown) {
    let shown = Shown::default();
    let (seen, answer) = (shown.clone(), Arc::new(answer));
    let service = service_fn(move |request: Request<Full<Bytes>>| {
        let (seen, answer) = (seen.clone(), Arc::clone(&answer));
        async move {
            let path = request.uri().path().to_owned();
            let bytes = request.into_body().collect().await.unwrap().to_bytes();
            let review: Value = serde_json::from_slice(&bytes).unwrap();
            let request = review["request"].clone();
            seen.0.lock().unwrap().push((path.clone(), request.clone()));
            let mut response = answer(&path, &request);
            response["uid"] = request["uid"].clone();
            let review = json!({ "apiVersion": review["apiVersion"], "kind": "AdmissionReview",
                                 "response": response });
            Ok::<_, Infallible>(Response::new(Full::new(Bytes::from(review.to_string()))))
        }
    });
    let server = TestServer::builder().with_webhook_service("hooks", "hook", service).build();
    (server, shown)
}

pub(crate) fn allowed() -> Value {
    json!({ "allowed": true })
}

pub(crate) fn patched(operations: &Value) -> Value {
    json!({ "allowed": true, "patchType": "JSONPatch",
            "patch": BASE64_STANDARD.encode(operations.to_string()) })
}

/// A webhook for `ConfigMaps` of the service `hooks/hook`, with more fields or other ones.
pub(crate) fn hook(name: &str, more: Value) -> Value {
    let mut hook = json!({
        "name": format!("{name}.example.com"),
        "clientConfig": { "service": { "namespace": "hooks", "name": "hook",
                                       "path": format!("/{name}") } },
        "rules": [rule(&["*"], "", &["configmaps"])],
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
    });
    if let (Some(hook), Value::Object(more)) = (hook.as_object_mut(), more) {
        hook.extend(more);
    }
    hook
}

pub(crate) fn rule(operations: &[&str], group: &str, resources: &[&str]) -> Value {
    json!({ "operations": operations, "apiGroups": [group], "apiVersions": ["*"],
            "resources": resources })
}

/// Registers webhooks under the name of a configuration: `Mutating`, or `Validating`.
pub(crate) async fn register(server: &TestServer, stage: &str, name: &str, hooks: &[Value]) {
    let answer = configure(server, stage, name, hooks).await;
    assert_eq!(answer.code, 201, "{}", answer.body);
}

pub(crate) async fn configure(
    server: &TestServer,
    stage: &str,
    name: &str,
    hooks: &[Value],
) -> Answer {
    let kind = format!("{stage}WebhookConfiguration");
    let path = format!("/apis/admissionregistration.k8s.io/v1/{}s", kind.to_lowercase());
    let value = json!({ "apiVersion": "admissionregistration.k8s.io/v1", "kind": kind,
                        "metadata": { "name": name }, "webhooks": hooks });
    ask(server, Method::POST, &path, value).await
}

pub(crate) fn map(name: &str) -> Value {
    json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": name },
            "data": { "a": "b" } })
}

pub(crate) async fn ask(server: &TestServer, method: Method, path: &str, body: Value) -> Answer {
    let kind = match method {
        Method::PATCH if body.get("apiVersion").is_some() => "application/apply-patch+yaml",
        Method::PATCH => "application/merge-patch+json",
        _ => "application/json",
    };
    ask_as(server, method, path, body, kind).await
}
