//! One step of a path of fields, as `fieldsV1` and messages write it.

use std::cmp::Ordering;

use serde_json::{Map, Value};

use super::order;
use crate::go::quoted;

/// How a field is found in the value that it is part of. In the order of structured-merge-diff.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Element {
    Field(String),
    /// An item of a list by its keys, which are sorted.
    Keys(Vec<(String, Literal)>),
    /// An item of a set.
    Item(Literal),
    Index(i64),
}

/// A value that tells items apart. Numbers of the same size are the same.
#[derive(Clone, Debug)]
pub(super) struct Literal(pub(super) Value);

/// A text that should name an element does not.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Malformed;

impl Element {
    /// Reads `f:name`, `k:{"name":"a"}`, `v:"a"` or `i:0`. None: a kind that is not known.
    pub(super) fn read(text: &str) -> Result<Option<Self>, Malformed> {
        let (kind, rest) = text.split_once(':').ok_or(Malformed)?;
        Ok(Some(match kind {
            "f" => Self::Field(rest.into()),
            "k" => {
                let keys: Map<String, Value> = serde_json::from_str(rest).map_err(|_| Malformed)?;
                let mut keys: Vec<_> =
                    keys.into_iter().map(|(name, value)| (name, Literal(value))).collect();
                keys.sort();
                Self::Keys(keys)
            }
            "v" => Self::Item(Literal(serde_json::from_str(rest).map_err(|_| Malformed)?)),
            "i" => Self::Index(rest.parse().map_err(|_| Malformed)?),
            _ if kind.len() == 1 => return Ok(None),
            _ => return Err(Malformed),
        }))
    }

    pub(super) fn text(&self) -> String {
        match self {
            Self::Field(name) => format!("f:{name}"),
            Self::Keys(keys) => {
                let keys = keys.iter().map(|(name, value)| (name.clone(), value.0.clone()));
                format!("k:{}", Value::Object(keys.collect()))
            }
            Self::Item(value) => format!("v:{}", value.0),
            Self::Index(index) => format!("i:{index}"),
        }
    }

    /// As a message names it: `.name`, `[name="a"]`, `[="a"]` or `[0]`.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Field(name) => format!(".{name}"),
            Self::Keys(keys) => {
                let keys: Vec<String> =
                    keys.iter().map(|(name, value)| format!("{name}={}", value.shown())).collect();
                format!("[{}]", keys.join(","))
            }
            Self::Item(value) => format!("[={}]", value.shown()),
            Self::Index(index) => format!("[{index}]"),
        }
    }
}

/// `.spec.containers[name="a"].image`.
pub(super) fn shown(path: &[Element]) -> String {
    path.iter().map(Element::shown).collect()
}

impl Literal {
    fn shown(&self) -> String {
        match &self.0 {
            Value::String(text) => quoted(text),
            other => other.to_string(),
        }
    }
}

impl Ord for Literal {
    fn cmp(&self, other: &Self) -> Ordering {
        order::compare(&self.0, &other.0)
    }
}

impl PartialOrd for Literal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Literal {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Literal {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_read_and_written() {
        for (text, message) in [
            ("f:a:b.c", ".a:b.c"),
            (r#"k:{"containerPort":80,"protocol":"TCP"}"#, r#"[containerPort=80,protocol="TCP"]"#),
            (r#"v:"a\"b""#, r#"[="a\"b"]"#),
            ("v:1", "[=1]"),
            ("v:true", "[=true]"),
            ("i:3", "[3]"),
        ] {
            let element = Element::read(text).unwrap().unwrap();
            assert_eq!(element.text(), text);
            assert_eq!(element.shown(), message);
        }
    }

    #[test]
    fn what_is_not_known_is_skipped_and_what_is_malformed_refused() {
        assert_eq!(Element::read("x:1"), Ok(None));
        for text in ["", "f", ".", "fa", "k:{", "k:[]", "v:", "v:a", "i:a", "i:", "ff:a"] {
            assert_eq!(Element::read(text), Err(Malformed), "{text}");
        }
    }

    #[test]
    fn the_order_is_fields_keys_values_indexes() {
        let texts = [
            "f:a",
            "f:b",
            r#"k:{"a":2}"#,
            r#"k:{"a":10}"#,
            r#"k:{"a":"1"}"#,
            r#"k:{"a":"1","b":1}"#,
            r#"k:{"b":1}"#,
            "v:1",
            "v:1.5",
            "v:2",
            r#"v:"a""#,
            "v:false",
            "v:true",
            "i:0",
            "i:10",
        ];
        let elements: Vec<Element> =
            texts.iter().map(|text| Element::read(text).unwrap().unwrap()).collect();
        assert!(elements.is_sorted_by(|a, b| a < b), "{elements:?}");
    }

    #[test]
    fn keys_are_sorted() {
        let element = Element::read(r#"k:{"b":1,"a":2}"#).unwrap().unwrap();
        assert_eq!(element.shown(), "[a=2,b=1]");
    }
}
