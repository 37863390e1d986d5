//! One call of a server, and what it answers.

use bytes::Bytes;
use http::{Method, Request, Response, header};
use http_body_util::{BodyExt, Full};
use kunobi_ha_test::TestServer;
use serde_json::Value;
use tower_service::Service;

/// What a client is answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) code: u16,
    pub(crate) warnings: Vec<String>,
    pub(crate) body: Value,
}

/// Sends a body of this type of content; null is none.
pub(crate) async fn ask_as(
    server: &TestServer,
    method: Method,
    path: &str,
    body: Value,
    kind: &str,
) -> Answer {
    let bytes = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::CONTENT_TYPE, kind)
        .body(Full::<Bytes>::from(bytes))
        .unwrap();
    let response: Response<_> = server.service("me").call(request).await.unwrap();
    let code = response.status().as_u16();
    let warnings = response.headers().get_all(header::WARNING).iter();
    let warnings = warnings.map(|it| it.to_str().unwrap().to_owned()).collect();
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    Answer { code, warnings, body: serde_json::from_slice(&bytes).unwrap_or_default() }
}
