//! What may be a name in a definition of a custom resource.

use serde_json::Value;

use super::{path::Path, raw};
use crate::{status::Cause, validation::dns_subdomain};

const LABEL: &str = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', \
                     start with an alphabetic character, and end with an alphanumeric character \
                     (e.g. 'my-name',  or 'abc-123', regex used for validation is \
                     '[a-z]([-a-z0-9]*[a-z0-9])?')";

/// Why a text is no label of DNS (RFC 1035); none if it is.
pub(crate) fn label_error(text: &str) -> Option<String> {
    let is_label = text.starts_with(|c: char| c.is_ascii_lowercase()) && is_word(text);
    let errors: Vec<&str> = [
        (text.len() > 63).then_some("must be no more than 63 characters"),
        (!is_label).then_some(LABEL),
    ]
    .into_iter()
    .flatten()
    .collect();
    (!errors.is_empty()).then(|| errors.join(","))
}

/// Why a text is no domain (RFC 1123); none if it is.
pub(super) fn domain_error(text: &str) -> Option<String> {
    let errors = dns_subdomain(text);
    (!errors.is_empty()).then(|| errors.join(","))
}

fn is_word(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

fn check_label(text: &str, path: &Path<'_>, causes: &mut Vec<Cause>) {
    if let Some(why) = label_error(text) {
        causes.push(Cause::invalid(path, &text.into(), &why));
    }
}

pub(super) fn check_kind(text: &str, path: &Path<'_>, causes: &mut Vec<Cause>) {
    if let Some(why) = label_error(&text.to_lowercase()) {
        let why = format!("may have mixed case, but should otherwise match: {why}");
        causes.push(Cause::invalid(path, &text.into(), &why));
    }
}

/// Checks `spec.names`.
pub(super) fn check(names: &Value, path: &Path<'_>, causes: &mut Vec<Cause>) {
    let is_there = |field: &&str| !raw::text(names, field).is_empty();
    for field in ["plural", "singular"].iter().filter(|field| is_there(field)) {
        check_label(raw::text(names, field), &path.child(field), causes);
    }
    for field in ["kind", "listKind"].iter().filter(|field| is_there(field)) {
        check_kind(raw::text(names, field), &path.child(field), causes);
    }
    check_each(names, "shortNames", path, causes);
    let (kind, list) = (raw::text(names, "kind"), raw::text(names, "listKind"));
    if !kind.is_empty() && kind == list {
        let why = "kind and listKind may not be the same";
        causes.push(Cause::invalid(path.child("listKind"), &list.into(), why));
    }
    check_each(names, "categories", path, causes);
}

fn check_each(names: &Value, field: &str, path: &Path<'_>, causes: &mut Vec<Cause>) {
    for (index, name) in raw::texts(names, field).enumerate() {
        check_label(name, &path.child(field).index(index), causes);
    }
}
