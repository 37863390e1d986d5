//! The format of a body that is not a patch.

use bytes::Bytes;
use http::{HeaderMap, Method, header, request::Parts};

use super::{KNOWN, UNKNOWN, kinds_in, text};
use crate::{
    protobuf,
    request::{body::Format, path::Target},
    shape::Shape,
    status::Rejection,
    types::Resource,
};

/// The body in JSON, if it came in protobuf.
pub(crate) fn in_json(
    parts: &Parts,
    target: &Target,
    resource: &Resource,
    body: &Bytes,
) -> Result<Bytes, Rejection> {
    if !is_protobuf(&parts.headers) || parts.method == Method::PATCH || body.is_empty() {
        return Ok(body.clone());
    }
    let (shape, kind) = match target.subresource.as_str() {
        _ if parts.method == Method::DELETE => (Some(Shape::named(OPTIONS)), "DeleteOptions"),
        "" => (Some(resource.shape().clone()), &*resource.kind),
        part => (
            resource.body_of(part),
            resource.subresource(part).map_or("", |subresource| &*subresource.kind),
        ),
    };
    let shape = shape.filter(|_| resource.custom().is_none() || kind == "DeleteOptions");
    let shape = shape.ok_or_else(|| Rejection::unknown_format(format!("{UNKNOWN}{KNOWN}")))?;
    protobuf::to_json(body, &shape, kind).map_err(|why| {
        Rejection::bad_request(format!(
            "the object provided is unrecognized (must be of type {kind}): {why}"
        ))
    })
}

fn is_protobuf(headers: &HeaderMap) -> bool {
    kinds_in(text(headers, header::CONTENT_TYPE)).any(|kind| kind == protobuf::MEDIA_TYPE)
}

/// The format of a body that is not a patch, protobuf having become JSON.
pub(crate) fn sent(headers: &HeaderMap) -> Result<Format, Rejection> {
    let header = text(headers, header::CONTENT_TYPE);
    let mut parts = header.split(';').map(str::trim);
    let kind = parts.next().unwrap_or_default().to_ascii_lowercase();
    let is_pair = |part: &str| {
        part.split_once('=').is_some_and(|(name, value)| !name.is_empty() && !value.is_empty())
    };
    let is_readable = parts.all(|part| part.is_empty() || is_pair(part));
    match kind.as_str() {
        "" | "application/json" | protobuf::MEDIA_TYPE if is_readable => Ok(Format::Json),
        "application/yaml" if is_readable => Ok(Format::Yaml),
        _ => Err(Rejection::unknown_format(format!("{UNKNOWN}{KNOWN}"))),
    }
}

const OPTIONS: &str = "apimachinery.pkg.apis.meta.v1.DeleteOptions";
