//! The format that a client sends, and the format that it accepts.

use http::{HeaderMap, Method, header, request::Parts};

use crate::status::Rejection;

/// Refuses a request that is not in JSON, or whose answer must not be.
pub(super) fn check(parts: &Parts) -> Result<(), Rejection> {
    let accepted = text(&parts.headers, header::ACCEPT);
    let is_accepted = accepted.is_empty()
        || accepted.split(',').any(|kind| matches!(base(kind), "*/*" | "application/*" | JSON));
    if !is_accepted {
        return Err(Rejection::not_acceptable());
    }
    let sent = base(text(&parts.headers, header::CONTENT_TYPE));
    let is_known = match parts.method {
        Method::POST | Method::PUT => matches!(sent, "" | JSON),
        Method::PATCH => PATCHES.contains(&sent),
        _ => true,
    };
    if is_known { Ok(()) } else { Err(Rejection::unknown_format()) }
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> &str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// The type without its parameters.
fn base(kind: &str) -> &str {
    kind.split(';').next().unwrap_or_default().trim()
}

const JSON: &str = "application/json";
const PATCHES: [&str; 3] = [
    "application/apply-patch+yaml",
    "application/merge-patch+json",
    "application/strategic-merge-patch+json",
];
