//! The body of a POST or PUT, and what kube-apiserver says of one that is no object.

use std::fmt::Write as _;

use bytes::Bytes;
use serde_json::{Value, error::Category};

use super::{Content, Format, tracked, yaml};
use crate::{
    go,
    status::Rejection,
    types::{Origin, Resource},
};

/// Reads an object of this type. Null is an empty one.
pub(crate) fn object(
    bytes: &Bytes,
    format: Format,
    resource: &Resource,
) -> Result<Content, Rejection> {
    let Resource { kind, origin, .. } = resource;
    read(bytes, format, matches!(origin, Origin::Custom(_))).map_err(|why| {
        Rejection::bad_request(format!(
            "the object provided is unrecognized (must be of type {kind}): {why} ({})",
            summary(bytes)
        ))
    })
}

fn read(bytes: &Bytes, format: Format, is_custom: bool) -> Result<Content, String> {
    let content = match (tracked::from_json(bytes), format) {
        (Ok(content), _) => content,
        (Err(error), Format::Json) => return Err(unparsed(&problem(&error, bytes))),
        (Err(_), Format::Yaml) => yaml(bytes).map_err(|error| format!("yaml: {error}"))?,
    };
    if let Some(object) = content.value.as_object().filter(|_| is_custom)
        && object.get("kind").is_none_or(|kind| kind == "")
    {
        let text = String::from_utf8_lossy(bytes);
        return Err(format!("Object 'Kind' is missing in '{text}'"));
    }
    if content.value.is_object() || content.value.is_null() {
        return Ok(content);
    }
    Err(not_an_object(&content.value))
}

/// What Go says of JSON that is no object.
pub(crate) fn not_an_object(value: &Value) -> String {
    unparsed(&format!(
        "json: cannot unmarshal {} into Go value of type struct {{ APIVersion string \
         \"json:\\\"apiVersion,omitempty\\\"\"; Kind string \"json:\\\"kind,omitempty\\\"\" }}",
        go::kind(value)
    ))
}

fn unparsed(why: &str) -> String {
    format!("couldn't get version/kind; json parse error: {why}")
}

/// What Go says of JSON that is none.
fn problem(error: &serde_json::Error, bytes: &[u8]) -> String {
    let mut lines = bytes.split_inclusive(|byte| *byte == b'\n');
    let line = lines.nth(error.line().saturating_sub(1)).unwrap_or_default();
    let letter = error.column().checked_sub(1).and_then(|at| line.get(at));
    let text = error.to_string();
    match (error.classify(), letter) {
        (Category::Eof, _) => "unexpected end of JSON input".into(),
        (Category::Syntax, Some(letter)) => {
            let place = PLACES.iter().find(|(start, _)| text.starts_with(start));
            let place = place.map_or("looking for beginning of value", |(_, place)| place);
            format!("invalid character {:?} {place}", char::from(*letter))
        }
        (Category::Data | Category::Io | Category::Syntax, _) => text,
    }
}

/// The beginning of a body; in hexadecimal digits if it does not begin as JSON does.
fn summary(bytes: &[u8]) -> String {
    let (shown, rest) = bytes.split_at(bytes.len().min(LONGEST));
    let more = if rest.is_empty() { "" } else { " ..." };
    match bytes.first() {
        None => "<empty>".into(),
        Some(b'{') => format!("{}{more}", String::from_utf8_lossy(shown)),
        Some(_) => {
            shown.iter().fold(String::new(), |mut text, byte| {
                let _ = write!(text, "{byte:02x}");
                text
            }) + more
        }
    }
}

/// What `serde_json` says, and what Go says then.
const PLACES: [(&str, &str); 5] = [
    ("trailing characters", "after top-level value"),
    ("key must be a string", "looking for beginning of object key string"),
    ("expected `:`", "after object key"),
    ("expected `,` or `}`", "after object key:value pair"),
    ("expected `,` or `]`", "after array element"),
];
const LONGEST: usize = 30;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::Types;

    #[test]
    fn what_is_no_object_is_told_as_go_tells_it() {
        let pods = Types::new().find("", "v1", "pods").unwrap();
        for (body, expected) in [
            ("", "unexpected end of JSON input (<empty>)"),
            ("{\"metadata\":\n", "unexpected end of JSON input ({\"metadata\":\n)"),
            ("{} {}", "invalid character '{' after top-level value ({} {})"),
            ("nonsense", "invalid character 'o' looking for beginning of value (6e6f6e73656e7365)"),
            ("{\"a\" 1}", "invalid character '1' after object key ({\"a\" 1})"),
            ("{1:2}", "invalid character '1' looking for beginning of object key string ({1:2})"),
            ("{\"a\":1 2}", "invalid character '2' after object key:value pair ({\"a\":1 2})"),
        ] {
            let rejection = object(&Bytes::from(body), Format::Json, &pods).unwrap_err();
            let start = "the object provided is unrecognized (must be of type Pod): couldn't get \
                         version/kind; json parse error: ";
            assert_eq!(rejection.message(), format!("{start}{expected}"), "{body}");
        }
        assert!(object(&Bytes::from("null"), Format::Json, &pods).unwrap().value.is_null());
    }
}
