//! Which names are valid, in the words of kube-apiserver.

use serde_json::Value;

use super::{addresses, texts};
use crate::types::Resource;

/// Returns all that is wrong with the name of an object.
pub(super) fn name_problems(resource: &Resource, object: &Value, name: &str) -> Vec<String> {
    match (resource.group.as_str(), resource.plural.as_str()) {
        // Names of roles may contain colons: `system:node`. Those of the others were never checked.
        ("rbac.authorization.k8s.io", _) | ("", "events") | ("policy", "poddisruptionbudgets") => {
            texts::path_segment(name)
        }
        ("certificates.k8s.io", "clustertrustbundles") => {
            let signer = object.pointer("/spec/signerName").and_then(Value::as_str);
            bundle_name(signer.unwrap_or_default(), name)
        }
        ("networking.k8s.io", "ipaddresses") => addresses::canonical(name),
        ("", "namespaces" | "services") | ("apps", "statefulsets") => texts::dns_label(name),
        _ => texts::dns_subdomain(name),
    }
}

/// The name of a trust bundle begins with that of its signer, if it has one.
fn bundle_name(signer: &str, name: &str) -> Vec<String> {
    let what = "ClusterTrustBundle";
    if signer.is_empty() && name.contains(':') {
        return vec![format!("{what} without signer name must not have \":\" in its name")];
    }
    let start = if signer.is_empty() { String::new() } else { signer.replace('/', ":") + ":" };
    match name.strip_prefix(start.as_str()) {
        Some(rest) => texts::dns_subdomain(rest),
        None => vec![format!("{what} for signerName {signer} must be named with prefix {start}")],
    }
}

/// Returns all that is wrong with the key of a label or an annotation, or the name of a finalizer.
pub(crate) fn label_key(key: &str) -> Vec<String> {
    let parts: Vec<&str> = key.split('/').collect();
    let (prefix, name) = match parts.as_slice() {
        [name] => (None, *name),
        [prefix, name] => (Some(*prefix), *name),
        _ => {
            return vec![format!(
                "a valid label key {KEY} with an optional DNS subdomain prefix and '/' (e.g. \
                 'example.com/MyName')"
            )];
        }
    };
    let prefix = match prefix {
        Some("") => vec!["must be non-empty".to_owned()],
        Some(prefix) if prefix.len() > 253 => vec!["must be no more than 253 bytes".to_owned()],
        Some(prefix) => texts::dns_subdomain(prefix),
        None => Vec::new(),
    };
    let mut problems: Vec<String> =
        prefix.into_iter().map(|problem| format!("prefix part {problem}")).collect();
    if name.is_empty() {
        problems.push("name part must be non-empty".to_owned());
    } else if name.len() > LONGEST {
        problems.push(format!("name part must be no more than {LONGEST} bytes"));
    }
    if !is_word(name) {
        problems.push(format!("name part {KEY}"));
    }
    problems
}

/// Returns all that is wrong with the value of a label.
pub(crate) fn label_value(value: &str) -> Vec<String> {
    let mut problems = Vec::new();
    if value.len() > LONGEST {
        problems.push(format!("must be no more than {LONGEST} bytes"));
    }
    if !value.is_empty() && !is_word(value) {
        problems.push(VALUE.to_owned());
    }
    problems
}

fn is_word(text: &str) -> bool {
    texts::is_edged(text, u8::is_ascii_alphanumeric, b"-_.")
}

const LONGEST: usize = 63;
const KEY: &str = "must consist of alphanumeric characters, '-', '_' or '.', and must start \
    and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used \
    for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const VALUE: &str = "a valid label must be an empty string or consist of alphanumeric characters, \
    '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or \
    'my_value',  or '12345', regex used for validation is \
    '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
