//! Serves the `OpenAPI` documents.

use http::{HeaderValue, Response, StatusCode, header, request::Parts};

use super::accept::{self, OpenApi};
use crate::{
    openapi::Written,
    request::query::Query,
    server::{ResponseBody, answer},
    types::Types,
};

/// `/openapi/v3`. kube-apiserver has it in one format, whatever a client accepts.
pub(super) fn index(parts: &Parts, types: &Types) -> Response<ResponseBody> {
    let index = types.documents.index(types);
    let mut response = answer::tagged(&parts.headers, &index);
    if response.status() == StatusCode::OK {
        let plain = HeaderValue::from_static("text/plain; charset=utf-8");
        response.headers_mut().insert(header::CONTENT_TYPE, plain);
    }
    response
}

/// `/openapi/v3/PATH`. A client that states an old tag is sent to the new one.
pub(super) fn version(parts: &Parts, types: &Types, path: &str) -> Response<ResponseBody> {
    let Some(document) = types.documents.version(types, path) else {
        return empty(StatusCode::NOT_FOUND);
    };
    if accept::openapi(&parts.headers) != Some(OpenApi::Json) {
        return empty(StatusCode::NOT_ACCEPTABLE);
    }
    let query = Query::parse(parts.uri.query().unwrap_or_default());
    let asked = query.first("hash").filter(|hash| !hash.is_empty());
    if asked.is_some_and(|hash| hash != document.tag) {
        let mut response = empty(StatusCode::MOVED_PERMANENTLY);
        let location = format!("/openapi/v3/{path}?hash={}", document.tag);
        if let Ok(location) = HeaderValue::try_from(location) {
            response.headers_mut().insert(header::LOCATION, location);
        }
        return response;
    }
    let mut response = written(parts, &document);
    if asked.is_some() {
        let for_ever = HeaderValue::from_static("public, immutable");
        response.headers_mut().insert(header::CACHE_CONTROL, for_ever);
    }
    response
}

/// `/openapi/v2`. Go's clients ask for protobuf alone.
pub(super) fn all(parts: &Parts, types: &Types) -> Response<ResponseBody> {
    let documents = || types.documents.all(types);
    match accept::openapi(&parts.headers) {
        Some(OpenApi::Json) => written(parts, &documents().json),
        Some(OpenApi::Protobuf) => {
            let mut response = written(parts, &documents().protobuf);
            if response.status() == StatusCode::OK {
                let kind = HeaderValue::from_static(PROTOBUF);
                response.headers_mut().insert(header::CONTENT_TYPE, kind);
            }
            response
        }
        None => empty(StatusCode::NOT_ACCEPTABLE),
    }
}

fn written(parts: &Parts, document: &Written) -> Response<ResponseBody> {
    let mut response = answer::tagged(&parts.headers, document);
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("Accept"));
    response
}

fn empty(code: StatusCode) -> Response<ResponseBody> {
    let mut response = answer::bytes(code, bytes::Bytes::new());
    response.headers_mut().remove(header::CONTENT_TYPE);
    response
}

const PROTOBUF: &str = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";
