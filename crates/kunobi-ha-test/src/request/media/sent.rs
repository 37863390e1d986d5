//! The format of a body that is not a patch.

use bytes::Bytes;
use http::{HeaderMap, Method, header, request::Parts};
use serde::Deserialize;

use super::{KNOWN, UNKNOWN, text};
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
    if body.is_empty() || parts.method == Method::PATCH || !is_protobuf(&parts.headers) {
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
    let kind = text(headers, header::CONTENT_TYPE).split(';').next().unwrap_or_default();
    kind.trim().eq_ignore_ascii_case(protobuf::MEDIA_TYPE)
}

/// The name of the object in the body of a creation. Of one that can't be read, there is none: the answer tells why.
pub(crate) fn sent_name(headers: &HeaderMap, body: &[u8]) -> String {
    #[derive(Deserialize)]
    struct Sent {
        metadata: Metadata,
    }
    #[derive(Deserialize)]
    struct Metadata {
        name: String,
    }
    if is_protobuf(headers) {
        return protobuf::name(body).unwrap_or_default().to_owned();
    }
    let sent: Option<Sent> = match sent(headers) {
        Ok(Format::Yaml) => serde_saphyr::from_slice(body).ok(),
        Ok(Format::Json) | Err(_) => serde_json::from_slice(body).ok(),
    };
    sent.map(|sent| sent.metadata.name).unwrap_or_default()
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
