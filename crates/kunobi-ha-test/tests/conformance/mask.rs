//! Makes answers of different servers comparable.

use serde_json::{Map, Value};

use crate::memory::Memory;

/// Replaces what differs from server to server and from run to run.
pub(crate) fn mask(value: &mut Value, memory: &Memory) {
    match value {
        Value::Object(object) => mask_object(object, memory),
        Value::Array(items) => items.iter_mut().for_each(|item| mask(item, memory)),
        Value::String(text) => *text = masked(text, memory),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn mask_object(object: &mut Map<String, Value>, memory: &Memory) {
    let is_definition = object.get("kind").is_some_and(|kind| kind == "CustomResourceDefinition");
    if let Some(Value::Object(metadata)) = object.get_mut("metadata") {
        if is_definition {
            // kube-apiserver itself owns the status, which comes a moment later.
            metadata.remove("managedFields");
        }
        mask_metadata(metadata, memory);
    }
    if let Some(address) = object.get_mut("serverAddress") {
        *address = "<address>".into();
    }
    if let Some(Value::Array(cells)) = object.get_mut("cells") {
        for cell in cells.iter_mut().filter(|cell| cell.as_str().is_some_and(is_age)) {
            *cell = "<age>".into();
        }
    }
    if let Some(Value::String(token)) = object.get_mut("token")
        && token.starts_with("eyJ")
    {
        *token = "<token of an account>".into();
    }
    for (name, value) in object.iter_mut() {
        if name != "fieldsV1" {
            mask(value, memory);
        }
    }
}

fn mask_metadata(metadata: &mut Map<String, Value>, memory: &Memory) {
    let is_object = metadata.contains_key("uid");
    if let Some(Value::String(version)) = metadata.get_mut("resourceVersion") {
        let known = memory.version(version).filter(|_| is_object);
        *version = known.unwrap_or_else(|| "<version of the list>".into());
    }
    if let Some(Value::String(token)) = metadata.get_mut("continue") {
        *token = "<token>".into();
    }
    if let Some(Value::Array(managers)) = metadata.get_mut("managedFields") {
        // They are in the order of their times, which here may be equal.
        let key = |manager: &Value| {
            let part = |field: &str| manager.get(field).map(ToString::to_string);
            (part("manager"), part("operation"), part("subresource"), part("apiVersion"))
        };
        managers.sort_by_cached_key(key);
    }
}

/// Masks names, uids, times and versions in a text.
pub(crate) fn masked(text: &str, memory: &Memory) -> String {
    // The server for tests has no protobuf, and does not list it.
    let mut text = without_patched(text).replace(", application/vnd.kubernetes.protobuf", "");
    text = text.replace(memory.namespace(), "NS");
    if text.starts_with("kube-api-access-") {
        return "kube-api-access-…".into();
    }
    if is_recent_time(&text) {
        return if text.len() > "2026-11-27T01:12:22Z".len() { "<micro time>" } else { "<time>" }
            .into();
    }
    if let Some((before, _)) = text.split_once(", current: ") {
        text = format!("{before}, current: <version>");
    }
    if let Some((before, after)) = text.split_once("decodable revision=") {
        let after = after.trim_start_matches(|letter: char| letter.is_ascii_digit());
        text = format!("{before}decodable revision=<version>{after}");
    }
    let mut out = String::new();
    let mut rest = text.as_str();
    while let Some(letter) = rest.chars().next() {
        let word = rest.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-');
        let (word, after) = rest.split_at(word.unwrap_or(rest.len()));
        if word.is_empty() {
            out.push(letter);
            rest = &rest[letter.len_utf8()..];
            continue;
        }
        let is_version = out.ends_with('(') && after.starts_with(')');
        let version = if is_version { memory.version(word) } else { None };
        out.push_str(&version.or_else(|| memory.word(word)).unwrap_or_else(|| word.into()));
        rest = after;
    }
    out
}

/// Whether a cell tells how long ago something was: `5s`, `2y30d`.
fn is_age(text: &str) -> bool {
    let is_unit = |letter: char| "smhdy".contains(letter);
    text.starts_with(|letter: char| letter.is_ascii_digit())
        && text.ends_with(is_unit)
        && text.chars().all(|letter| letter.is_ascii_digit() || is_unit(letter))
}

/// Whether this is a time of the test itself: the requests state none after 2024.
fn is_recent_time(text: &str) -> bool {
    let bytes = text.as_bytes();
    let form = |at: usize, separator: u8| bytes.get(at) == Some(&separator);
    let is_time = form(4, b'-') && form(10, b'T') && form(13, b':') && text.ends_with('Z');
    is_time
        && text.get(..4).and_then(|year| year.parse::<u32>().ok()).is_some_and(|year| year > 2024)
}

/// Some failures quote the whole object that a patch has made.
fn without_patched(text: &str) -> String {
    const BEGIN: &str = "Invalid value: \"{\\\"apiVersion";
    match text
        .split_once(BEGIN)
        .and_then(|(before, rest)| Some((before, rest.rsplit_once("}\": ")?)))
    {
        Some((before, (_, after))) => format!("{before}Invalid value: \"<object>\": {after}"),
        None => text.into(),
    }
}
