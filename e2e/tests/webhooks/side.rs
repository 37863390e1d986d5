//! One of the two servers.

use std::{fmt, time::Duration};

use http::{Request, header};
use http_body_util::BodyExt;
use kube::{Client, client::Body};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::{
    configurations,
    program::Program,
    rows::{Row, Stage, Step},
    table,
};

pub(crate) struct Side<'a> {
    name: &'static str,
    client: Client,
    program: &'a Program,
}

/// What came of a row.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Outcome {
    code: u16,
    body: Value,
    warnings: Vec<String>,
    /// What the webhooks were shown.
    shown: Vec<Value>,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {:?}", self.code, self.body, self.warnings)?;
        self.shown.iter().try_for_each(|shown| write!(f, "\n    shown: {shown}"))
    }
}

impl<'a> Side<'a> {
    pub(crate) fn new(name: &'static str, client: Client, program: &'a Program) -> Self {
        Self { name, client, program }
    }

    /// Registers the webhooks of all rows, then sends the request of each.
    pub(crate) async fn run(&self, rows: &[Row]) -> Vec<Outcome> {
        self.define().await;
        for (index, row) in rows.iter().enumerate() {
            self.prepare(index, row).await;
        }
        for (index, row) in rows.iter().enumerate() {
            for stage in [Stage::Mutating, Stage::Validating] {
                let hooks: Vec<Value> = row
                    .hooks
                    .iter()
                    .enumerate()
                    .filter(|(_, (of, _))| *of == stage)
                    .map(|(place, (_, hook))| self.hook(index, place, hook))
                    .collect();
                if !hooks.is_empty() {
                    self.configure(stage, &format!("row-{index:02}"), &hooks).await;
                }
            }
        }
        self.await_configurations().await;
        self.program.shown.lock().unwrap().clear();
        let mut outcomes = Vec::new();
        for (index, row) in rows.iter().enumerate() {
            let (code, body, warnings) = self.send(index, &row.ask).await;
            let shown = self.program.shown.lock().unwrap().remove(&format!("row-{index:02}"));
            let body = match row.other_text {
                Some(_) => json!({ "reason": body["reason"] }),
                None => plain(body, index),
            };
            // Those that validate are called at once.
            let mut shown: Vec<Value> = shown.unwrap_or_default();
            for shown in &mut shown {
                *shown = plain(shown.take(), index);
            }
            if row.hooks.iter().filter(|(stage, _)| *stage == Stage::Validating).count() > 1 {
                shown.sort_by_key(ToString::to_string);
            }
            outcomes.push(Outcome { code, body, warnings, shown });
        }
        outcomes
    }

    /// Returns what is said of configurations that are wrong.
    pub(crate) async fn try_configurations(&self, all: &[(String, Stage, Value)]) -> Vec<Outcome> {
        let mut outcomes = Vec::new();
        for (_, stage, hooks) in all {
            let hooks = hooks.as_array().unwrap();
            let value = configurations::configuration(*stage, "tried", hooks);
            let path = format!("{}?dryRun=All", configurations::path(*stage));
            let (code, body, warnings) =
                self.send(0, &crate::rows::step(http::Method::POST, &path, value)).await;
            outcomes.push(Outcome { code, body: plain(body, 0), warnings, shown: Vec::new() });
        }
        outcomes
    }

    /// Defines the custom type of the table, and waits until it is served.
    async fn define(&self) {
        let path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
        self.make(path, table::types::definition()).await;
        let served = crate::rows::step(http::Method::GET, table::types::SHIRTS, Value::Null);
        self.await_code(&served, 200, "the type is not served").await;
    }

    async fn prepare(&self, index: usize, row: &Row) {
        let name = format!("row-{index:02}");
        let namespace = json!({ "apiVersion": "v1", "kind": "Namespace",
                                "metadata": { "name": name, "labels": { "row": name } } });
        self.make("/api/v1/namespaces", namespace).await;
        let account = json!({ "apiVersion": "v1", "kind": "ServiceAccount",
                              "metadata": { "name": "default" } });
        self.make(&format!("/api/v1/namespaces/{name}/serviceaccounts"), account).await;
        for step in &row.before {
            let (code, body, _) = self.send(index, step).await;
            assert!(code < 300, "{}: {}: {body}", self.name, row.name);
        }
    }

    fn hook(&self, row: usize, place: usize, hook: &Value) -> Value {
        let mut hook = hook.clone();
        let row = format!("row-{row:02}");
        let behaviour = hook.as_object_mut().unwrap().remove("behaviour").unwrap();
        let behaviour = behaviour.as_str().unwrap();
        let Program { port, ca_bundle, other_ca_bundle, .. } = self.program;
        hook["name"] = format!("hook-{place}.{row}.example.com").into();
        hook["clientConfig"] = match behaviour {
            "refused" => json!({ "url": "https://127.0.0.1:1/x" }),
            "untrusted" => json!({ "url": format!("https://127.0.0.1:{port}/{row}/allow"),
                                   "caBundle": other_ca_bundle }),
            _ => json!({ "url": format!("https://127.0.0.1:{port}/{row}/{behaviour}"),
                         "caBundle": ca_bundle }),
        };
        hook["namespaceSelector"] = json!({ "matchLabels": { "row": row } });
        hook
    }

    pub(crate) async fn configure(&self, stage: Stage, name: &str, hooks: &[Value]) {
        let value = configurations::configuration(stage, name, hooks);
        self.make(&configurations::path(stage), value).await;
    }

    /// A server learns of configurations a moment later.
    async fn await_configurations(&self) {
        for (stage, name) in [(Stage::Mutating, "probe-m"), (Stage::Validating, "probe-v")] {
            let hook = json!({
                "name": "probe.probe.example.com",
                "clientConfig": { "url": format!("https://127.0.0.1:{}/probe/deny", self.program.port),
                                  "caBundle": self.program.ca_bundle },
                "rules": [{ "operations": ["CREATE"], "apiGroups": [""], "apiVersions": ["v1"],
                            "resources": ["configmaps"] }],
                "namespaceSelector": { "matchLabels": { "kubernetes.io/metadata.name": "default" } },
                "objectSelector": { "matchLabels": { "probe": name } },
                "sideEffects": "None",
                "admissionReviewVersions": ["v1"],
            });
            self.configure(stage, name, &[hook]).await;
            let map = json!({ "apiVersion": "v1", "kind": "ConfigMap",
                              "metadata": { "name": name, "labels": { "probe": name } } });
            let path = "/api/v1/namespaces/default/configmaps?dryRun=All";
            let probe = crate::rows::step(http::Method::POST, path, map);
            self.await_code(&probe, 403, "the webhooks never took effect").await;
        }
    }

    async fn await_code(&self, step: &Step, code: u16, otherwise: &str) {
        let end = Instant::now() + Duration::from_secs(20);
        while self.send(0, step).await.0 != code {
            assert!(Instant::now() < end, "{}: {otherwise}", self.name);
            sleep(Duration::from_millis(50)).await;
        }
    }

    async fn make(&self, path: &str, object: Value) {
        let step = crate::rows::step(http::Method::POST, path, object);
        let (code, body, _) = self.send(0, &step).await;
        // `default` may be there already.
        assert!(code == 201 || code == 409, "{}: {path}: {body}", self.name);
    }

    pub(crate) async fn send(&self, row: usize, step: &Step) -> (u16, Value, Vec<String>) {
        let is_apply = step.path.contains("fieldManager=applier");
        let kind = match step.method {
            http::Method::PATCH if is_apply => "application/apply-patch+yaml",
            http::Method::PATCH => "application/merge-patch+json",
            _ => "application/json",
        };
        let namespace = format!("/namespaces/row-{row:02}");
        let path = step.path.replace("/namespaces/NS", &namespace);
        let body = step.body.to_string().replace("\"NS\"", &format!("\"row-{row:02}\""));
        let bytes = if step.body.is_null() { Vec::new() } else { body.into_bytes() };
        let request = Request::builder()
            .method(step.method.clone())
            .uri(path)
            .header(header::CONTENT_TYPE, kind)
            .header(header::USER_AGENT, "e2e/1.0")
            .body(Body::from(bytes))
            .unwrap();
        let response = self.client.send(request).await.unwrap();
        let code = response.status().as_u16();
        let warnings = response.headers().get_all(header::WARNING).iter();
        let warnings = warnings.map(|it| it.to_str().unwrap().to_owned()).collect();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        let body = serde_json::from_slice(&bytes);
        (code, body.unwrap_or_else(|_| json!(String::from_utf8_lossy(&bytes))), warnings)
    }
}

/// A value without what differs from run to run.
fn plain(mut value: Value, row: usize) -> Value {
    strip(&mut value);
    let text = value.to_string();
    // Uids stand also in texts.
    let text = mask_uids(&text).replace(&format!("row-{row:02}"), "NS");
    serde_json::from_str(&text).unwrap()
}

fn strip(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(strip),
        Value::Object(fields) => {
            for (name, field) in fields {
                match name.as_str() {
                    "resourceVersion" | "creationTimestamp" | "deletionTimestamp" | "time"
                    | "lastTransitionTime" => *field = "*".into(),
                    // Which certificate it was is of no interest.
                    "extra" => *field = Value::Null,
                    _ => strip(field),
                }
            }
            if let Some(user) = value.get_mut("userInfo").and_then(Value::as_object_mut) {
                user.remove("extra");
                user.remove("uid");
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Replaces each text of the form of a uid.
fn mask_uids(text: &str) -> String {
    let mut masked = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if rest.get(..36).is_some_and(is_uid) {
            masked.push('*');
            rest = &rest[36..];
        } else {
            masked.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    masked
}

fn is_uid(text: &str) -> bool {
    text.bytes().enumerate().all(|(at, byte)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    })
}
