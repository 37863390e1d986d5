//! Bodies: read up to a limit, then parsed.

mod object;
mod repair;
mod tracked;

use std::{fmt, io, mem};

use bytes::{Buf, BufMut, Bytes, BytesMut};
use http_body::Body;
use http_body_util::BodyExt;
use serde_json::Value;

pub(crate) use self::object::{not_an_object, object};
use crate::status::Rejection;

/// The body of a request, or why it was not read to its end.
pub(crate) type Received = Result<Bytes, Rejection>;

/// What a body says.
#[derive(Clone, Debug, Default)]
pub(crate) struct Content {
    pub(crate) value: Value,
    /// What to say of fields that are stated twice. The last one counts.
    pub(crate) duplicates: Vec<String>,
}

impl Content {
    /// Leaves nothing behind.
    pub(crate) fn take(&mut self) -> Self {
        Self { value: self.value.take(), duplicates: mem::take(&mut self.duplicates) }
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Format {
    Json,
    /// JSON is YAML.
    Yaml,
}

/// Reads a body while it is not too long.
///
/// # Errors
///
/// The connection broke.
pub(crate) async fn read<B>(body: B) -> Result<Received, io::Error>
where
    B: Body,
    B::Error: fmt::Display,
{
    if body.size_hint().lower() > LARGEST as u64 {
        return Ok(Err(Rejection::too_large(LARGEST)));
    }
    let mut body = Box::pin(body);
    let mut read = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| io::Error::other(error.to_string()))?;
        let Ok(data) = frame.into_data() else {
            continue;
        };
        if data.remaining() > LARGEST - read.len() {
            return Ok(Err(Rejection::too_large(LARGEST)));
        }
        read.put(data);
    }
    Ok(Ok(read.freeze()))
}

pub(crate) fn parse(bytes: &Bytes, format: Format) -> Result<Content, Rejection> {
    let unreadable = |error: &dyn fmt::Display, what: &str| {
        Rejection::bad_request(format!("the body of the request is not {what}: {error}"))
    };
    match (tracked::from_json(bytes), format) {
        (Ok(content), _) => Ok(content),
        (Err(error), Format::Json) => Err(unreadable(&error, "JSON")),
        (Err(_), Format::Yaml) => yaml(bytes).map_err(|error| unreadable(&error, "YAML")),
    }
}

fn yaml(bytes: &[u8]) -> Result<Content, serde_saphyr::Error> {
    let value = serde_saphyr::from_slice::<Value>(bytes)?;
    Ok(Content { value, duplicates: Vec::new() })
}

/// The limit of kube-apiserver.
const LARGEST: usize = 3 << 20;

#[cfg(test)]
mod tests;
