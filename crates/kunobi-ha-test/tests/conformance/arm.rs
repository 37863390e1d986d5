//! Ways to send a request.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, header};
use http_body_util::{BodyExt, Full};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use kunobi_ha_test::{ClientService, Listener, TestServer};
use serde_json::Value;
use tower_service::Service;

/// Sends requests to a server in which nobody else writes to the namespace `default`.
pub(crate) trait Arm {
    /// Sends a request; returns the status and the body, null if it is no JSON.
    async fn send(&self, method: &str, path: &str, body: Value) -> (u16, Value);

    /// Opens a watch and reads so many events; fewer, if no more came for a while.
    async fn watch(&self, path: &str, events: usize) -> Vec<Value>;
}

pub(crate) struct InProcess(ClientService);

pub(crate) struct Port {
    client: Client<HttpConnector, Full<Bytes>>,
    listener: Listener,
}

impl InProcess {
    pub(crate) fn start() -> Self {
        Self(TestServer::new().service("conformance"))
    }
}

impl Port {
    pub(crate) async fn start() -> Self {
        let listener = TestServer::new().listen("127.0.0.1:0").await.expect("a free port");
        Self { client: Client::builder(TokioExecutor::new()).build_http(), listener }
    }

    fn uri(&self, path: &str) -> String {
        format!("http://{}{path}", self.listener.address())
    }
}

impl Arm for InProcess {
    async fn send(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        let response = self.0.clone().call(request(method, path, &body)).await.expect("an answer");
        let status = response.status().as_u16();
        let bytes = response.into_body().collect().await.expect("a body").to_bytes();
        (status, serde_json::from_slice(&bytes).unwrap_or_default())
    }

    async fn watch(&self, path: &str, events: usize) -> Vec<Value> {
        let request = request("GET", path, &Value::Null);
        let response = self.0.clone().call(request).await.expect("an answer");
        read_events(response.into_body(), events).await
    }
}

impl Arm for Port {
    async fn send(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        let request = request(method, &self.uri(path), &body);
        let response = self.client.request(request).await.expect("an answer");
        let status = response.status().as_u16();
        let bytes = response.into_body().collect().await.expect("a body").to_bytes();
        (status, serde_json::from_slice(&bytes).unwrap_or_default())
    }

    async fn watch(&self, path: &str, events: usize) -> Vec<Value> {
        let request = request("GET", &self.uri(path), &Value::Null);
        let response = self.client.request(request).await.expect("an answer");
        read_events(response.into_body(), events).await
    }
}

fn request(method: &str, uri: &str, body: &Value) -> Request<Full<Bytes>> {
    let kind = if method == "PATCH" { "application/merge-patch+json" } else { "application/json" };
    let body = match body {
        Value::Null => Bytes::new(),
        Value::String(raw) => Bytes::from(raw.clone()),
        value => Bytes::from(value.to_string()),
    };
    Request::builder()
        .method(method)
        .uri(uri)
        .header(header::CONTENT_TYPE, kind)
        .body(Full::new(body))
        .expect("a request")
}

async fn read_events<B>(mut body: B, wanted: usize) -> Vec<Value>
where
    B: http_body::Body<Data = Bytes> + Unpin,
    B::Error: std::fmt::Debug,
{
    let (mut text, mut events) = (Vec::new(), Vec::new());
    while events.len() < wanted {
        let Ok(Some(frame)) = tokio::time::timeout(Duration::from_secs(5), body.frame()).await
        else {
            break;
        };
        text.extend_from_slice(&frame.expect("a frame").into_data().unwrap_or_default());
        while let Some(end) = text.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = text.drain(..=end).collect();
            events.push(serde_json::from_slice(&line).expect("an event"));
        }
    }
    events
}
