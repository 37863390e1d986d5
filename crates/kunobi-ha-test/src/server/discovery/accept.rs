//! In which of its forms discovery is wanted.

use http::{HeaderMap, header};

use crate::status::Rejection;

/// What looks at the header before some of the documents do. It ignores parameters, and knows no
/// `application/*`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Router {
    Types,
    Version,
}

/// A format of the `OpenAPI` documents.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum OpenApi {
    Json,
    /// Of version 2.0 alone.
    Protobuf,
}

/// One alternative of the header.
#[derive(Debug)]
struct Clause<'a> {
    media: &'a str,
    parameters: Vec<(&'a str, &'a str)>,
}

/// Returns whether all groups are wanted in one document. The order of the alternatives does not
/// matter for this: a client that knows the document gets it.
pub(super) fn is_aggregated(headers: &HeaderMap) -> bool {
    clauses(headers).any(|clause| {
        matches!(clause.media, "application/json" | "application/*" | "*/*" | "*")
            && clause.get("as") == Some("APIGroupDiscoveryList")
            && clause.get("g") == Some("apidiscovery.k8s.io")
            && clause.get("v") == Some("v2")
    })
}

/// The first format that a client takes of the `OpenAPI` documents. That of version 3.0 is not there as protobuf.
pub(super) fn openapi(headers: &HeaderMap) -> Option<OpenApi> {
    if text(headers).is_empty() {
        return Some(OpenApi::Json);
    }
    clauses(headers).find_map(|clause| match clause.media {
        media if is_json(media) || media == "application/*" => Some(OpenApi::Json),
        "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"
        | "application/com.github.proto-openapi.spec.v2.v1.0+protobuf" => Some(OpenApi::Protobuf),
        _ => None,
    })
}

/// Refuses a client that takes no plain document.
pub(super) fn check(headers: &HeaderMap) -> Result<(), Rejection> {
    let is_plain = |clause: Clause<'_>| {
        (is_read(clause.media) || matches!(clause.media, "application/*" | "*"))
            && CONVERSIONS.iter().all(|name| clause.get(name).unwrap_or_default().is_empty())
            && match clause.get("stream") {
                None | Some("") => true,
                Some(stream) => stream == "watch" && clause.media != "application/yaml",
            }
    };
    if text(headers).is_empty() || clauses(headers).any(is_plain) {
        return Ok(());
    }
    Err(Rejection::not_acceptable(format!("only the following media types are accepted: {KNOWN}")))
}

impl Router {
    /// Refuses a client that takes no format which the router knows.
    pub(super) fn check(self, headers: &HeaderMap) -> Result<(), Rejection> {
        let known = match self {
            Self::Types => KNOWN,
            Self::Version => JSON,
        };
        let is_known = |clause: Clause<'_>| match self {
            Self::Types => is_read(clause.media),
            Self::Version => is_json(clause.media),
        };
        if text(headers).is_empty() || clauses(headers).any(is_known) {
            return Ok(());
        }
        let message = format!("406: Not Acceptable\n\nAvailable representations: {known}");
        Err(Rejection::not_acceptable(message).by_router())
    }
}

fn is_read(media: &str) -> bool {
    is_json(media) || media == "application/yaml"
}

fn is_json(media: &str) -> bool {
    matches!(media, "*/*" | JSON)
}

fn clauses(headers: &HeaderMap) -> impl Iterator<Item = Clause<'_>> {
    text(headers).split(',').map(Clause::parse)
}

fn text(headers: &HeaderMap) -> &str {
    headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

impl<'a> Clause<'a> {
    fn parse(text: &'a str) -> Self {
        let mut parts = text.split(';');
        let media = parts.next().unwrap_or_default().trim();
        let parameters = parts
            .filter_map(|parameter| parameter.split_once('='))
            .map(|(name, value)| (name.trim(), value.trim()))
            .collect();
        Self { media, parameters }
    }

    fn get(&self, name: &str) -> Option<&'a str> {
        self.parameters.iter().rev().find(|(is, _)| *is == name).map(|(_, value)| *value)
    }
}

const JSON: &str = "application/json";
/// What this server writes.
const KNOWN: &str = "application/json, application/yaml";
/// Parameters by which a client asks for something else than the plain document.
const CONVERSIONS: [&str; 4] = ["as", "g", "v", "sv"];
