//! Ways to send a request, and what they have in common.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request, header};
use http_body_util::{BodyExt, Full};
use serde_json::Value;

/// Sends requests to a server on which no other client writes to the namespace `default`.
pub(crate) trait Arm: Sized {
    /// Sends a request as it is, and reads the whole answer.
    async fn raw(&self, request: Request<Full<Bytes>>) -> (u16, HeaderMap, Bytes);

    /// Returns one like this, with nothing in its namespace.
    async fn another(&self) -> Self;

    /// Returns a client that may do everything of a server on which roles decide what others may.
    async fn guarded(&self) -> Self;

    /// Returns another client of this server. Of kube-apiserver it must be an identity.
    async fn client(&self, name: &'static str) -> Self;

    /// The namespace that no other client writes to, as [`raw`](Self::raw) must name it.
    fn namespace(&self) -> &str;

    /// The version of kube-apiserver, if this is one.
    fn version(&self) -> Option<&str> {
        None
    }

    /// Sends a request; returns the status and the body, null if it is not JSON.
    async fn exchange(&self, request: Request<Full<Bytes>>) -> (u16, Value) {
        let (status, _, body) = self.raw(request).await;
        (status, serde_json::from_slice(&body).unwrap_or_default())
    }

    /// Opens a watch and reads this many events; fewer, if no more come for 5 s.
    async fn watch(&self, path: &str, events: usize) -> Vec<Value>;

    /// Returns another client of this server, whose one Role allows nothing but these verbs on the
    /// Lease of this name in `default`.
    async fn limited(&self, verbs: &[&str], lease: &str) -> Self;

    /// Makes the server forget all changes up to now.
    async fn forget(&self);

    /// Sends a request; returns the status and the body, null if it is not JSON.
    async fn send(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        self.exchange(request(method, path, &body)).await
    }
}

pub(crate) fn request(method: &str, path: &str, body: &Value) -> Request<Full<Bytes>> {
    let kind = if method == "PATCH" { "application/merge-patch+json" } else { "application/json" };
    request_of(method, path, body, kind)
}

pub(crate) fn request_of(
    method: &str,
    path: &str,
    body: &Value,
    kind: &str,
) -> Request<Full<Bytes>> {
    let body = match body {
        Value::Null => Bytes::new(),
        Value::String(raw) => Bytes::from(raw.clone()),
        value => Bytes::from(value.to_string()),
    };
    Request::builder()
        .method(method)
        .uri(path)
        .header(header::CONTENT_TYPE, kind)
        .body(Full::new(body))
        .expect("a request")
}

pub(crate) async fn read_events<B>(mut body: B, wanted: usize) -> Vec<Value>
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
