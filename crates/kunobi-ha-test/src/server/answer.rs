//! Responses: JSON at once, or a stream of watch events.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Response, StatusCode, header};
use http_body::{Body, Frame, SizeHint};
use serde_json::Value;
use tokio::sync::mpsc::Receiver;

use crate::status::Rejection;

/// The body of a response.
#[derive(Debug)]
pub struct ResponseBody(Content);

#[derive(Debug)]
enum Content {
    Whole(Option<Bytes>),
    Stream(Receiver<Bytes>),
}

impl ResponseBody {
    pub(super) fn stream(events: Receiver<Bytes>) -> Self {
        Self(Content::Stream(events))
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
            Content::Whole(bytes) => Poll::Ready(bytes.take()),
            Content::Stream(events) => events.poll_recv(context),
        };
        bytes.map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes))))
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

pub(super) fn json(code: StatusCode, value: &Value) -> Response<ResponseBody> {
    bytes(code, Bytes::from(value.to_string()))
}

pub(super) fn rejected(rejection: &Rejection) -> Response<ResponseBody> {
    json(rejection.code, &rejection.body())
}

pub(super) fn with_body(code: StatusCode, body: ResponseBody) -> Response<ResponseBody> {
    let mut response = Response::new(body);
    *response.status_mut() = code;
    let json = header::HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}
