//! The internal types of kube-apiserver, as its failures quote them: with the names of Go, and all fields.

mod diff;

use std::{collections::BTreeMap, sync::LazyLock};

use serde_json::{Map, Value};

use crate::go;

/// JSON whose fields keep their order.
#[derive(Debug)]
enum Node {
    Scalar(String),
    List(Vec<Self>),
    Map(Vec<(String, Self)>),
}

/// A field: its name in Go, its name in JSON, and its kind. `scripts/kubernetes-internal` says which there are.
type Word = (&'static str, &'static str, &'static str);

/// An object of an internal type in one line.
pub(super) fn compact(name: &str, value: &Value) -> String {
    let mut text = String::new();
    node(name, value).write(None, &mut text);
    text
}

/// A list of objects of an internal type in one line.
pub(super) fn compact_list(name: &str, list: &Value) -> String {
    let items = list.as_array().into_iter().flatten();
    let items: Vec<String> = items.map(|item| compact(name, item)).collect();
    if list.is_null() { "null".into() } else { format!("[{}]", items.join(",")) }
}

/// In what two objects of an internal type differ, line by line.
pub(super) fn difference(name: &str, old: &Value, new: &Value) -> String {
    let lines = |value: &Value| {
        let mut text = String::new();
        node(name, value).write(Some(0), &mut text);
        text.lines().map(ToOwned::to_owned).collect::<Vec<String>>()
    };
    diff::unified(&lines(old), &lines(new))
}

fn node(name: &str, value: &Value) -> Node {
    let Some(words) = TYPES.get(name) else {
        return verbatim(value);
    };
    let mut fields = Vec::new();
    for &(go, json, kind) in words {
        match kind {
            "@" => fields.extend(metadata(value.get("metadata"))),
            kind => {
                let field = value.get(json).unwrap_or(&Value::Null);
                fields.push((go.to_owned(), by_kind(kind, field)));
            }
        }
    }
    Node::Map(fields)
}

fn by_kind(kind: &str, value: &Value) -> Node {
    let zero = |text: &str| match value {
        Value::Null => Node::Scalar(text.into()),
        value => verbatim(value),
    };
    match kind {
        "b" => zero("false"),
        "i" | "n" => zero("0"),
        "q" => zero("\"0\""),
        "s" => zero("\"\""),
        "p" => verbatim(value),
        kind => match (kind.strip_prefix('*'), kind.strip_prefix("[]"), value) {
            (Some(_), _, Value::Null) | (_, Some(_), Value::Null) => verbatim(value),
            (Some(name), ..) => node(name, value),
            (_, Some(name), Value::Array(items)) => {
                Node::List(items.iter().map(|item| node(name, item)).collect())
            }
            (_, Some(_), _) => verbatim(value),
            (None, None, _) => node(kind, value),
        },
    }
}

fn verbatim(value: &Value) -> Node {
    match value {
        Value::Array(items) => Node::List(items.iter().map(verbatim).collect()),
        Value::Object(map) => {
            Node::Map(map.iter().map(|(key, value)| (key.clone(), verbatim(value))).collect())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            Node::Scalar(go::json(value))
        }
    }
}

/// The fields of the metadata that are there, in the order of Go.
fn metadata(value: Option<&Value>) -> Vec<(String, Node)> {
    let empty = Map::new();
    let map = value.and_then(Value::as_object).unwrap_or(&empty);
    let known = METADATA.iter().filter_map(|name| Some((*name, map.get(*name)?)));
    known.map(|(name, value)| (name.to_owned(), verbatim(value))).collect()
}

impl Node {
    /// In one line, or in lines that begin with a space for each level.
    fn write(&self, level: Option<usize>, text: &mut String) {
        let inner = level.map(|level| level + 1);
        let next = |level: Option<usize>, text: &mut String| {
            if let Some(level) = level {
                text.push('\n');
                text.extend(std::iter::repeat_n(' ', level));
            }
        };
        let colon = if level.is_some() { ": " } else { ":" };
        let (open, close, count) = match self {
            Self::Scalar(scalar) => {
                text.push_str(scalar);
                return;
            }
            Self::List(items) => ('[', ']', items.len()),
            Self::Map(fields) => ('{', '}', fields.len()),
        };
        text.push(open);
        for index in 0..count {
            if index > 0 {
                text.push(',');
            }
            next(inner, text);
            match self {
                Self::Scalar(_) => {}
                Self::List(items) => items[index].write(inner, text),
                Self::Map(fields) => {
                    let (name, value) = &fields[index];
                    text.push_str(&go::json(&name.as_str().into()));
                    text.push_str(colon);
                    value.write(inner, text);
                }
            }
        }
        if count > 0 {
            next(level, text);
        }
        text.push(close);
    }
}

static TYPES: LazyLock<BTreeMap<&str, Vec<Word>>> = LazyLock::new(|| {
    let lines = include_str!("internal/types.txt").lines();
    let word = |word: &'static str| {
        let mut parts = word.splitn(3, ':');
        let mut part = || parts.next().unwrap_or_default();
        if word == "@" { ("", "", "@") } else { (part(), part(), part()) }
    };
    lines
        .filter_map(|line| {
            let (name, words) = line.split_once(' ')?;
            Some((name, words.split(' ').map(word).collect()))
        })
        .collect()
});

const METADATA: [&str; 14] = [
    "name",
    "generateName",
    "namespace",
    "selfLink",
    "uid",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "labels",
    "annotations",
    "ownerReferences",
    "finalizers",
];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_type_is_quoted_with_all_its_fields() {
        let port = json!({ "port": 80, "targetPort": "<web>" });
        assert_eq!(
            compact("ServicePort", &port),
            "{\"Name\":\"\",\"Protocol\":\"\",\"AppProtocol\":null,\"Port\":80,\
             \"TargetPort\":\"\\u003cweb\\u003e\",\"NodePort\":0}"
        );
        let template =
            json!({ "metadata": { "annotations": { "c": "d" }, "labels": { "a": "b" } } });
        let quoted = compact("PodTemplateSpec", &template);
        let begins =
            "{\"labels\":{\"a\":\"b\"},\"annotations\":{\"c\":\"d\"},\"Spec\":{\"Volumes\":null,";
        assert!(quoted.starts_with(begins), "{quoted}");
    }

    #[test]
    fn every_kind_is_known() {
        for (name, words) in TYPES.iter() {
            for (go, _, kind) in words {
                let inner = kind.trim_start_matches(['*', '[', ']']);
                let is_known = matches!(*kind, "b" | "i" | "n" | "p" | "q" | "s" | "@")
                    || TYPES.contains_key(inner);
                assert!(is_known, "{name}.{go}: {kind}");
            }
        }
    }
}
