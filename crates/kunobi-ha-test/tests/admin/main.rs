//! `/_ha`, as those ask it who are not in this process.

mod json;
mod page;

use bytes::Bytes;
use http::{HeaderMap, Request};
use http_body_util::{BodyExt, Full};
use kunobi_ha_test::TestServer;
use serde_json::Value;
use tower_service::Service;

struct Answer {
    code: u16,
    headers: HeaderMap,
    text: String,
}

impl Answer {
    fn json(&self) -> Value {
        assert_eq!(self.code, 200, "{}", self.text);
        serde_json::from_str(&self.text).expect("JSON")
    }
}

async fn ask(server: &TestServer, method: &str, uri: &str, body: &str) -> Answer {
    let body = Full::new(Bytes::copy_from_slice(body.as_bytes()));
    let request = Request::builder().method(method).uri(uri).body(body).expect("a request");
    let answer = server.service("observer").call(request).await.expect("an answer");
    let (parts, body) = answer.into_parts();
    let bytes = body.collect().await.expect("a body").to_bytes();
    let text = String::from_utf8(bytes.to_vec()).expect("text");
    Answer { code: parts.status.as_u16(), headers: parts.headers, text }
}

async fn get(server: &TestServer, uri: &str) -> Answer {
    ask(server, "GET", uri, "").await
}
