//! Secrets.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;

use super::field::Field;

pub(super) fn secret(secret: &Field, old: Option<&Field>) {
    let data = secret.get("data");
    if let Some(old) = old {
        secret.get("type").immutable(&old.get("type"));
        if old.get("immutable").is_true() {
            let detail = "field is immutable when `immutable` is set";
            if !secret.get("immutable").is_true() {
                secret.get("immutable").forbidden(detail);
            }
            if !super::checks::same(data.value(), old.get("data").value()) {
                data.forbidden(detail);
            }
        }
    }
    let mut size = 0_usize;
    for (key, value) in data.entries() {
        data.key(key).each_of(key, super::texts::config_key(key));
        size = size.saturating_add(decoded(value.text()).len());
    }
    if size > LARGEST {
        data.too_long(LARGEST);
    }
    of_type(secret);
}

/// What the keys of a type of secret must be.
fn of_type(secret: &Field) {
    let data = secret.get("data");
    let require = |key: &'static str| {
        let is_there = data.key(key).is_set();
        if !is_there {
            data.key(key).required("");
        }
        is_there
    };
    match secret.get("type").text() {
        "kubernetes.io/service-account-token" => {
            let annotations = secret.get("metadata").get("annotations");
            annotations.key("kubernetes.io/service-account.name").required_text();
        }
        kind @ ("kubernetes.io/dockercfg" | "kubernetes.io/dockerconfigjson") => {
            let is_old = kind == "kubernetes.io/dockercfg";
            let key = if is_old { ".dockercfg" } else { ".dockerconfigjson" };
            if require(key) {
                json(&data.key(key));
            }
        }
        "kubernetes.io/basic-auth"
            if !data.key("username").is_set() && !data.key("password").is_set() =>
        {
            require("username");
            require("password");
        }
        "kubernetes.io/ssh-auth" => drop(data.key("ssh-privatekey").required_text()),
        "kubernetes.io/tls" => {
            require("tls.crt");
            require("tls.key");
        }
        _ => {}
    }
}

/// An object in JSON. A failure does not quote it.
fn json(value: &Field) {
    let bytes = decoded(value.text());
    let why = match serde_json::from_slice::<Value>(&bytes) {
        Ok(Value::Object(_) | Value::Null) => return,
        Ok(other) => {
            let kind = crate::go::kind(&other);
            format!("json: cannot unmarshal {kind} into Go value of type map[string]interface {{}}")
        }
        Err(_) => syntax(&bytes),
    };
    value.invalid_as(&"<secret contents redacted>".into(), &why);
}

/// What Go says of the most common mistakes.
fn syntax(bytes: &[u8]) -> String {
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    first.filter(|byte| !b"{[\"-0123456789tfn".contains(byte)).map_or_else(
        || "unexpected end of JSON input".into(),
        |byte| format!("invalid character '{}' looking for beginning of value", char::from(*byte)),
    )
}

fn decoded(text: &str) -> Vec<u8> {
    STANDARD.decode(text).unwrap_or_default()
}

const LARGEST: usize = 1 << 20;
