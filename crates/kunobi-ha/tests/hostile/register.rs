//! One Lease that is served as it is, byte for byte, whatever it is. Writes are compared and swapped.

use std::{
    convert::Infallible,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard},
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Method, Request, Response};
use http_body::Frame;
use http_body_util::{BodyExt, Full, StreamBody, combinators::UnsyncBoxBody};
use kube::client::Body;
use kunobi_ha::leader::{Clock, LeaderElection, LeaderElectionBuilder};
use serde_json::{Value, json};
use tower_service::Service;

use crate::exact;

/// A server of one Lease.
#[derive(Clone, Default)]
pub(crate) struct Register(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    /// `None`: there is no Lease.
    body: Option<Vec<u8>>,
    uid: String,
    version: u64,
    writes: Vec<Value>,
    reads: usize,
    watches: usize,
    /// Requests that a server might apply to a Lease that was not seen.
    unguarded: Vec<String>,
    /// What the next write is answered with, in place of what was written.
    garbled: Option<fn(Value) -> Vec<u8>>,
    /// What a watch shows, in these pieces. `None`: the Lease as it is, and then nothing.
    stream: Option<Vec<Bytes>>,
}

impl Register {
    /// Serves this Lease, or what is served in its place.
    pub(crate) fn serve(&self, body: Vec<u8>) {
        let mut state = self.state();
        let parsed = exact::parse(&body).unwrap_or_default();
        if let Some(uid) = parsed.pointer("/metadata/uid").and_then(Value::as_str) {
            uid.clone_into(&mut state.uid);
        }
        // Whatever it shows, it is a later state.
        state.version = version_of(&parsed).unwrap_or(state.version + 1);
        state.body = Some(body);
    }

    pub(crate) fn garble_next(&self, garble: fn(Value) -> Vec<u8>) {
        self.state().garbled = Some(garble);
    }

    pub(crate) fn stream(&self, pieces: Vec<Bytes>) {
        self.state().stream = Some(pieces);
    }

    /// Returns the Lease, if what is served is JSON.
    pub(crate) fn lease(&self) -> Option<Value> {
        exact::parse(self.state().body.as_ref()?)
    }

    /// Returns what was sent in writes that succeeded.
    pub(crate) fn writes(&self) -> Vec<Value> {
        self.state().writes.clone()
    }

    pub(crate) fn reads(&self) -> usize {
        self.state().reads
    }

    pub(crate) fn watches(&self) -> usize {
        self.state().watches
    }

    /// Returns requests that no replica may send.
    pub(crate) fn unguarded(&self) -> Vec<String> {
        self.state().unguarded.clone()
    }

    pub(crate) fn election(&self) -> LeaderElectionBuilder {
        let client = kube::Client::new(self.clone(), "n");
        LeaderElection::builder(client, "n", "l").identity("me").clock(Clock::tokio())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }
}

impl State {
    fn answer(&mut self, method: &Method, body: &[u8]) -> (u16, Vec<u8>) {
        match (method, &self.body) {
            (&Method::GET, body) => {
                self.reads += 1;
                body.clone().map_or_else(|| status(404), |body| (200, body))
            }
            (&Method::PUT, _) => self.put(body),
            _ => {
                self.unguarded.push(method.to_string());
                status(405)
            }
        }
    }

    fn put(&mut self, body: &[u8]) -> (u16, Vec<u8>) {
        let mut sent = exact::parse(body).unwrap();
        let text = |field: &str| sent["metadata"][field].as_str().map(ToOwned::to_owned);
        let (uid, version) = (text("uid"), text("resourceVersion"));
        let code = match (&self.body, &uid, &version) {
            (None, None, None) => 201,
            (Some(_), Some(uid), Some(version))
                if *uid == self.uid && *version == self.version.to_string() =>
            {
                200
            }
            (_, Some(_), Some(_)) => return status(409),
            _ => {
                self.unguarded.push(sent.to_string());
                return status(422);
            }
        };
        self.writes.push(sent.clone());
        if code == 201 {
            self.uid = "u-created".into();
        }
        // 2^64 − 1 is the largest version there is.
        self.version = self.version.saturating_add(1);
        let version = self.version.to_string();
        let written = exact::under(&self.uid, &version, body);
        self.body = Some(written.clone());
        sent["metadata"]["uid"] = json!(self.uid);
        sent["metadata"]["resourceVersion"] = json!(version);
        let garbled = self.garbled.take().map(|garble| garble(sent));
        (code, garbled.unwrap_or(written))
    }

    fn watch(&mut self) -> Vec<Bytes> {
        self.watches += 1;
        self.stream.clone().unwrap_or_else(|| {
            let body = self.body.as_deref().unwrap_or_default();
            let line = [br#"{"type":"ADDED","object":"#, body, b"}\n"].concat();
            vec![line.into()]
        })
    }
}

impl Service<Request<Body>> for Register {
    type Response = Response<UnsyncBoxBody<Bytes, Infallible>>;
    type Error = kube::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let register = self.clone();
        Box::pin(async move {
            let (head, body) = request.into_parts();
            let bytes = body.collect().await?.to_bytes();
            if head.uri.query().is_some_and(|query| query.contains("watch=true")) {
                let pieces = register.state().watch();
                return Ok(Response::new(open_stream(pieces)));
            }
            let (code, body) = register.state().answer(&head.method, &bytes);
            let answer = Response::builder().status(code).body(Full::from(body).boxed_unsync());
            Ok(answer.unwrap())
        })
    }
}

/// Returns a body that shows these pieces and does not end.
fn open_stream(pieces: Vec<Bytes>) -> UnsyncBoxBody<Bytes, Infallible> {
    use futures::StreamExt;

    let frames = futures::stream::iter(pieces).map(|piece| Ok(Frame::data(piece)));
    StreamBody::new(frames.chain(futures::stream::pending())).boxed_unsync()
}

fn status(code: u16) -> (u16, Vec<u8>) {
    let body = json!({ "kind": "Status", "code": code, "details": { "kind": "leases" } });
    (code, body.to_string().into_bytes())
}

fn version_of(lease: &Value) -> Option<u64> {
    lease.pointer("/metadata/resourceVersion")?.as_str()?.parse().ok()
}
