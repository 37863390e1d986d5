//! Responses: JSON at once, or a stream of watch events.

mod pretty;
mod stream;
mod warning;

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header, request::Parts};
use http_body::{Body, Frame, SizeHint};
use serde_json::Value;
use tokio::sync::mpsc::Receiver;

use self::stream::Stream;
pub(super) use self::warning::warn;
use super::{watch::Line, watches::Followed};
use crate::{
    fault::WatchFault,
    openapi::Written,
    request::media::{self, Encoding},
    status::Rejection,
};

/// The body of a response.
#[derive(Debug)]
pub struct ResponseBody(Content);

#[derive(Debug)]
enum Content {
    Whole(Option<Bytes>),
    Stream(Stream),
}

impl ResponseBody {
    pub(super) fn stream(events: Receiver<Line>, version: u64) -> Self {
        Self(Content::Stream(Stream::new(events, version)))
    }

    /// Lets others see how the watch goes on, if this is one: it begins at the version that is given.
    pub(super) fn follow(&mut self, open: impl FnOnce(u64) -> Followed) {
        match &mut self.0 {
            Content::Whole(_) => {}
            Content::Stream(stream) => stream.follow(open(stream.version)),
        }
    }

    /// Lets the watch fail after so many events, if this is one.
    pub(super) fn fail(&mut self, after_events: u64, fault: WatchFault) {
        match &mut self.0 {
            Content::Whole(_) => {}
            Content::Stream(stream) => stream.fail(after_events, fault),
        }
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let bytes = match &mut self.0 {
            Content::Whole(bytes) => Poll::Ready(bytes.take().map(Ok)),
            Content::Stream(stream) => stream.poll(context),
        };
        bytes.map(|bytes| bytes.map(|bytes| bytes.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.0, Content::Whole(None))
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Content::Whole(bytes) => {
                SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
            }
            Content::Stream(_) => SizeHint::default(),
        }
    }
}

pub(super) fn bytes(code: StatusCode, bytes: Bytes) -> Response<ResponseBody> {
    with_body(code, ResponseBody(Content::Whole(Some(bytes))))
}

/// A document in JSON with a tag: 304 without it, if the client has it already.
pub(super) fn tagged(headers: &HeaderMap, document: &Written) -> Response<ResponseBody> {
    let tag = format!("\"{}\"", document.tag);
    let is_known = headers.get(header::IF_NONE_MATCH).is_some_and(|known| *known == tag);
    let mut response = if is_known {
        let mut response = bytes(StatusCode::NOT_MODIFIED, Bytes::new());
        response.headers_mut().remove(header::CONTENT_TYPE);
        response
    } else {
        bytes(StatusCode::OK, document.bytes.clone())
    };
    if let Ok(tag) = HeaderValue::try_from(tag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

pub(super) fn json(code: StatusCode, value: &Value) -> Response<ResponseBody> {
    bytes(code, Bytes::from(value.to_string()))
}

pub(super) fn rejected(rejection: &Rejection) -> Response<ResponseBody> {
    let Some(text) = rejection.plain() else {
        let mut response = json(rejection.code, &rejection.body());
        if let Some(seconds) = rejection.retry_after() {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        return response;
    };
    let mut response = bytes(rejection.code, Bytes::copy_from_slice(text.as_bytes()));
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, plain);
    let no_guess = HeaderValue::from_static("nosniff");
    response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, no_guess);
    response
}

pub(super) fn with_body(code: StatusCode, body: ResponseBody) -> Response<ResponseBody> {
    let mut response = Response::new(body);
    *response.status_mut() = code;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(JSON));
    response
}

/// Writes an answer of any kind as the client reads it. This comes last.
pub(super) fn finish(
    mut response: Response<ResponseBody>,
    parts: &Parts,
) -> Response<ResponseBody> {
    let is_json = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == JSON);
    if let Content::Whole(Some(bytes)) = &mut response.body_mut().0 {
        let encoding = if is_json { media::encoding(parts) } else { Encoding::Json };
        // YAML may be written as JSON, only not on one endless line.
        if encoding != Encoding::Json {
            *bytes = pretty::indented(bytes).into();
        }
        let length = bytes.len();
        if parts.method == Method::HEAD {
            *bytes = Bytes::new();
        }
        if encoding == Encoding::Yaml {
            let yaml = HeaderValue::from_static("application/yaml");
            response.headers_mut().insert(header::CONTENT_TYPE, yaml);
        }
        response.headers_mut().insert(header::CONTENT_LENGTH, length.into());
    }
    let no_cache = HeaderValue::from_static("no-cache, private");
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(no_cache);
    response
}

const JSON: &str = "application/json";

#[cfg(test)]
mod tests;
