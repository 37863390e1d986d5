//! The formats that a client sends and accepts.

mod sent;

use http::{HeaderMap, header, request::Parts};

pub(crate) use self::sent::{in_json, sent, sent_name};
use super::{As, Include, Meta, PatchKind, path::Target, query::Query, verb::Verb};
use crate::{
    go,
    status::Rejection,
    table,
    types::{Origin, Resource},
};

/// What an answer is written as.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Encoding {
    Json,
    /// JSON with a line for each value.
    Pretty,
    Yaml,
}

/// What is to become of an object before it is returned.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Form {
    Whole,
    Metadata(Meta),
    /// The metadata of each object in a list.
    MetadataList(Meta),
    Table(Meta),
}

/// One alternative of an `Accept` header.
#[derive(Debug)]
struct Clause<'a> {
    kind: &'a str,
    subtype: &'a str,
    quality: f32,
    parameters: Vec<(&'a str, &'a str)>,
}

/// How an answer is wanted: the first alternative that can be had.
pub(super) fn accepted(
    headers: &HeaderMap,
    verb: Verb,
    target: &Target,
    resource: &Resource,
) -> Result<As, Rejection> {
    let header = text(headers, header::ACCEPT);
    let is_built_in = matches!(resource.origin, Origin::BuiltIn { .. });
    if is_built_in && !header.is_empty() && !is_routed(header) {
        let streams = if matches!(verb, Verb::List | Verb::Watch) { STREAMS } else { "" };
        let message = format!("406: Not Acceptable\n\nAvailable representations: {KNOWN}{streams}");
        return Err(Rejection::not_acceptable(message).by_router());
    }
    let is_printed = || table::is_printed(resource, &target.subresource);
    let Some((encoding, form)) = negotiated(header, is_printed) else {
        let message = format!("only the following media types are accepted: {KNOWN}");
        return Err(Rejection::not_acceptable(message));
    };
    if verb == Verb::Watch && encoding == Encoding::Yaml {
        let message = "only the following media types are accepted: application/json;stream=watch";
        return Err(Rejection::not_acceptable(message));
    }
    form.of(verb, resource)
}

/// What the answer to any request is written as, a failure too: JSON, if there is no better.
pub(crate) fn encoding(parts: &Parts) -> Encoding {
    let accepted = text(&parts.headers, header::ACCEPT);
    // Few clients want anything else.
    let encoding = if accepted.contains("yaml") || accepted.contains("pretty") {
        negotiated(accepted, || true).map_or(Encoding::Json, |(encoding, _)| encoding)
    } else {
        Encoding::Json
    };
    let is_json = encoding == Encoding::Json;
    if is_json && wants_pretty(parts) { Encoding::Pretty } else { encoding }
}

/// The parameter says it, else the name of a client behind which a human sits.
fn wants_pretty(parts: &Parts) -> bool {
    let query = parts.uri.query().filter(|query| query.contains("pretty"));
    let query = Query::parse(query.unwrap_or_default());
    if let Some(value) = query.first("pretty").filter(|value| !value.is_empty()) {
        return go::truth(value);
    }
    let agent = text(&parts.headers, header::USER_AGENT);
    ["curl", "Wget", "Mozilla/5.0"].iter().any(|human| agent.starts_with(human))
}

/// Which patch a body is.
pub(super) fn patch(headers: &HeaderMap, resource: &Resource) -> Result<PatchKind, Rejection> {
    let header = text(headers, header::CONTENT_TYPE);
    let kind = header.split(';').next().unwrap_or_default();
    let is_custom = matches!(resource.origin, Origin::Custom(_));
    let names = patch_types(resource);
    let asked = KINDS.iter().find(|(name, _)| *name == kind && names.contains(name));
    if let Some((_, kind)) = asked {
        return Ok(*kind);
    }
    let is_routed = kinds_in(header).any(|kind| names.contains(&kind));
    if is_custom || is_routed {
        return Err(Rejection::unknown_format(format!("{UNKNOWN}{}", names.join(", "))));
    }
    Err(Rejection::unknown_format("415: Unsupported Media Type").by_router())
}

/// The media types of the patches that a type takes.
pub(crate) fn patch_types(resource: &Resource) -> Vec<&'static str> {
    let is_custom = matches!(resource.origin, Origin::Custom(_));
    let known = KINDS.iter().filter(|(_, kind)| !is_custom || *kind != PatchKind::Strategic);
    known.map(|(name, _)| *name).collect()
}

/// The router of the built-in types looks at a header first, and knows no `application/*`.
fn is_routed(header: &str) -> bool {
    kinds_in(header).any(|kind| matches!(kind, "*/*" | "application/json" | "application/yaml"))
}

fn kinds_in(header: &str) -> impl Iterator<Item = &str> {
    let kinds = header.split(',').filter_map(|clause| clause.split(';').next());
    kinds.map(|kind| kind.trim_matches(' '))
}

/// The first alternative that can be had. Not of everything there are tables.
fn negotiated(header: &str, is_printed: impl Fn() -> bool) -> Option<(Encoding, Form)> {
    if header.is_empty() {
        return Some((Encoding::Json, Form::Whole));
    }
    let mut clauses: Vec<Clause<'_>> = header.split(',').filter_map(Clause::parse).collect();
    sort(&mut clauses);
    clauses.iter().find_map(|clause| {
        let encoding = clause.encoding()?;
        let form = clause.form(encoding)?;
        (!matches!(form, Form::Table(_)) || is_printed()).then_some((encoding, form))
    })
}

/// An insertion sort, since the order that Go's package has is none: its result depends on the way.
fn sort(clauses: &mut [Clause<'_>]) {
    for end in 1..clauses.len() {
        for index in (1..=end).rev() {
            let [before, after] = &clauses[index - 1..=index] else { break };
            if !after.is_before(before) {
                break;
            }
            clauses.swap(index - 1, index);
        }
    }
}

impl<'a> Clause<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.split(';');
        let media = parts.next()?.trim_matches(' ');
        let (kind, subtype) = match media.split_once('/') {
            Some((kind, subtype)) if !subtype.contains('/') => (kind.trim(), subtype.trim()),
            None if media == "*" => ("*", "*"),
            Some(_) | None => return None,
        };
        let mut clause = Self { kind, subtype, quality: 1.0, parameters: Vec::new() };
        for (name, value) in parts.filter_map(|part| part.split_once('=')) {
            match name.trim() {
                "q" => clause.quality = value.trim().parse().unwrap_or(0.0),
                name => clause.parameters.push((name, value.trim())),
            }
        }
        Some(clause)
    }

    fn encoding(&self) -> Option<Encoding> {
        match (self.kind, self.subtype) {
            ("application", "json" | "*") | ("*", "*") => {
                let is_pretty = self.parameters.contains(&("pretty", "1"));
                Some(if is_pretty { Encoding::Pretty } else { Encoding::Json })
            }
            ("application", "yaml") => Some(Encoding::Yaml),
            _ => None,
        }
    }

    fn is_before(&self, other: &Self) -> bool {
        self.quality > other.quality
            || (self.kind != "*" && other.kind == "*")
            || (self.subtype != "*" && other.subtype == "*")
    }

    /// None: it asks for what can't be had.
    fn form(&self, encoding: Encoding) -> Option<Form> {
        let value = |name: &str| {
            self.parameters.iter().rev().find(|(is, _)| *is == name).map(|(_, value)| *value)
        };
        let streams = value("stream").unwrap_or_default();
        let is_streamed = encoding != Encoding::Yaml && streams == "watch";
        if !(streams.is_empty() || is_streamed) || !matches!(value("sv"), None | Some("" | "v1")) {
            return None;
        }
        let meta = match (value("as"), value("g"), value("v")) {
            (None, None, None) => return Some(Form::Whole),
            (_, Some("meta.k8s.io"), Some("v1")) => Meta::V1,
            (_, Some("meta.k8s.io"), Some("v1beta1")) => Meta::V1Beta1,
            _ => return None,
        };
        match value("as") {
            Some(METADATA) => Some(Form::Metadata(meta)),
            Some(METADATA_LIST) => Some(Form::MetadataList(meta)),
            Some("Table") => Some(Form::Table(meta)),
            Some(_) | None => None,
        }
    }
}

impl Form {
    /// A list has another form than an object. A watch returns objects.
    fn of(self, verb: Verb, resource: &Resource) -> Result<As, Rejection> {
        let asked = match (self, verb.returns_list()) {
            (Self::Whole, _) => return Ok(As::Whole),
            (Self::Table(meta), _) => return Ok(As::Table(meta, Ok(Include::Metadata))),
            (Self::Metadata(meta), false) | (Self::MetadataList(meta), true) => {
                return Ok(As::Metadata(meta));
            }
            (Self::Metadata(_), true) => METADATA,
            (Self::MetadataList(_), false) => METADATA_LIST,
        };
        let kind = match &resource.origin {
            Origin::BuiltIn { .. } => {
                let package = match resource.group.split('.').next() {
                    None | Some("" | "events") => "core",
                    Some(package) => package,
                };
                format!("{package}.{}", resource.kind)
            }
            Origin::Custom(_) if asked == METADATA_LIST => {
                return Err(Rejection::internal("content is not a list"));
            }
            Origin::Custom(_) => "unstructured.Unstructured".to_owned(),
        };
        let object = if verb.returns_list() {
            format!("a list (*{kind}List)")
        } else {
            format!("not a list (*{kind})")
        };
        let message = format!("you requested {asked}, but the requested object is {object}");
        Err(Rejection::not_acceptable(message))
    }
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> &str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

const METADATA: &str = "PartialObjectMetadata";
const METADATA_LIST: &str = "PartialObjectMetadataList";
/// What this server reads and writes.
const KNOWN: &str = "application/json, application/yaml";
const STREAMS: &str = ", application/json;stream=watch";
const KINDS: [(&str, PatchKind); 4] = [
    ("application/json-patch+json", PatchKind::Json),
    ("application/merge-patch+json", PatchKind::Merge),
    ("application/strategic-merge-patch+json", PatchKind::Strategic),
    ("application/apply-patch+yaml", PatchKind::Apply),
];
const UNKNOWN: &str =
    "the body of the request was in an unknown format - accepted media types include: ";
