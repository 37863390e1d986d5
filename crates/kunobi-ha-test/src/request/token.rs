//! The token with which a list goes on: as kube-apiserver writes it, and in addition how many objects follow.

use base64::{
    DecodeError, Engine,
    alphabet::URL_SAFE,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use serde::{Deserialize, Serialize};

use super::{Continue, path::Target};
use crate::{go, status::Rejection};

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct Token {
    v: String,
    rv: i64,
    start: String,
    /// How many objects follow. Only here: kube-apiserver counts them again for each page.
    #[serde(skip_serializing_if = "Option::is_none")]
    left: Option<usize>,
}

impl Continue {
    /// Reads a token for a list of this target.
    pub(crate) fn parse(text: &str, target: &Target) -> Result<Self, Rejection> {
        Self::read(text, target).map_err(|why| {
            let message = format!("invalid continue token: continue key is not valid: {why}");
            Rejection::bad_request(message)
        })
    }

    fn read(text: &str, target: &Target) -> Result<Self, String> {
        let bytes = BASE64.decode(text).map_err(|error| illegal(&error))?;
        let token: Token =
            serde_json::from_slice(&bytes).map_err(|error| not_json(&bytes, &error))?;
        if token.v != VERSION {
            return Err(format!("server does not recognize this encoded version {}", token.v));
        }
        if token.rv == 0 {
            return Err(format!("incorrect encoded start resourceVersion (version {VERSION})"));
        }
        if token.start.is_empty() {
            return Err(format!("encoded start key empty (version {VERSION})"));
        }
        let key = token.start.strip_prefix('/').unwrap_or(&token.start);
        if key.split('/').any(|part| matches!(part, "" | "." | "..")) {
            return Err(token.start);
        }
        let last = key.strip_suffix('\0').unwrap_or(key);
        let (namespace, name) = match last.split_once('/') {
            Some((namespace, name)) if target.namespace.is_empty() => (namespace, name),
            Some(_) | None => (target.namespace.as_str(), last),
        };
        Ok(Self {
            revision: u64::try_from(token.rv).ok(),
            after: (namespace.to_owned(), name.to_owned()),
            left: token.left,
        })
    }

    /// Writes the token for a list of this target.
    pub(crate) fn text(&self, target: &Target) -> String {
        let (namespace, name) = &self.after;
        let start = if target.namespace.is_empty() && !namespace.is_empty() {
            format!("/{namespace}/{name}\0")
        } else {
            format!("/{name}\0")
        };
        let rv = self.revision.and_then(|revision| i64::try_from(revision).ok()).unwrap_or(NOW);
        let token = Token { v: VERSION.into(), rv, start, left: self.left };
        BASE64.encode(serde_json::to_vec(&token).unwrap_or_default())
    }
}

fn illegal(error: &DecodeError) -> String {
    let at = match error {
        DecodeError::InvalidByte(at, _) | DecodeError::InvalidLastSymbol(at, _) => *at,
        DecodeError::InvalidLength(length) => length.saturating_sub(1),
        DecodeError::InvalidPadding => 0,
    };
    format!("illegal base64 data at input byte {at}")
}

/// Go's words for bytes that do not begin as JSON does, which is what most wrong tokens hold.
fn not_json(bytes: &[u8], error: &serde_json::Error) -> String {
    match bytes.first() {
        None => "unexpected end of JSON input".to_owned(),
        Some(first) if !b"{[\"-0123456789tfn \t\r\n".contains(first) => {
            let first = go::quoted(&char::from(*first).to_string());
            let first = first.trim_matches('"');
            format!("invalid character '{first}' looking for beginning of value")
        }
        Some(_) => error.to_string(),
    }
}

const VERSION: &str = "meta.k8s.io/v1";
/// Stands in a token for the current version: the list goes on although the first one is forgotten.
const NOW: i64 = -1;
/// Go takes any last bits.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone)
        .with_decode_allow_trailing_bits(true),
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_that_of_kube_apiserver() {
        let everywhere = Target::parse("/api/v1/configmaps").unwrap();
        let token = Continue { revision: Some(290), after: ("ns".into(), "p".into()), left: None };
        let text = BASE64.encode(r#"{"v":"meta.k8s.io/v1","rv":290,"start":"/ns/p\u0000"}"#);
        assert_eq!(token.text(&everywhere), text);
        assert_eq!(Continue::parse(&text, &everywhere).unwrap(), token);

        let one = Target::parse("/api/v1/namespaces/ns/configmaps").unwrap();
        let text = BASE64.encode(r#"{"v":"meta.k8s.io/v1","rv":-1,"start":"/p\u0000"}"#);
        let token = Continue { revision: None, ..token };
        assert_eq!(token.text(&one), text);
        assert_eq!(Continue::parse(&text, &one).unwrap(), token);

        let cluster = Target::parse("/api/v1/nodes").unwrap();
        let token =
            Continue { revision: Some(5), after: (String::new(), "n".into()), left: Some(7) };
        assert_eq!(Continue::parse(&token.text(&cluster), &cluster).unwrap(), token);
    }

    #[test]
    fn a_wrong_token_is_refused_in_the_words_of_kube_apiserver() {
        let target = Target::parse("/api/v1/namespaces/ns/configmaps").unwrap();
        for (text, why) in [
            ("abc", "invalid character 'i' looking for beginning of value"),
            ("true", "invalid character '¶' looking for beginning of value"),
            ("All", "invalid character '\\x02' looking for beginning of value"),
            ("abc!", "illegal base64 data at input byte 3"),
            ("abcde", "illegal base64 data at input byte 4"),
            ("e30", "server does not recognize this encoded version "),
            ("eyJ2IjoidjIiLCJydiI6NX0", "server does not recognize this encoded version v2"),
            (
                "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MCwic3RhcnQiOiJhIn0",
                "incorrect encoded start resourceVersion (version meta.k8s.io/v1)",
            ),
            (
                "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6NX0",
                "encoded start key empty (version meta.k8s.io/v1)",
            ),
            ("eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6NSwic3RhcnQiOiIuLi9hIn0", "../a"),
        ] {
            let body = Continue::parse(text, &target).unwrap_err().body();
            let expected = format!("invalid continue token: continue key is not valid: {why}");
            assert_eq!((&body["code"], &body["message"]), (&400.into(), &expected.into()));
        }
    }
}
