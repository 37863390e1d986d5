//! A volume that is made of several sources.

use std::collections::BTreeSet;

use serde_json::Value;

use super::volumes::{file, key_to_path, mode};
use crate::validation::field::Field;

pub(super) fn check(projected: &Field) {
    mode(&projected.get("defaultMode"));
    let mut paths = Paths { projected, seen: BTreeSet::new() };
    for source in projected.get("sources").items() {
        let mut count = 0;
        for kind in KINDS.into_iter().filter(|kind| source.get(kind).is_set()) {
            count += 1;
            check_source(&source.get(kind), kind, &mut paths);
        }
        if count > 1 {
            source.forbidden("may not specify more than 1 volume type per source");
        }
    }
}

/// The files of all sources.
struct Paths<'f, 'a> {
    projected: &'f Field<'a>,
    seen: BTreeSet<&'a str>,
}

impl<'a> Paths<'_, 'a> {
    /// Adds a file. A conflict quotes what it is from.
    fn add(&mut self, path: &'a str, from: &Value) {
        if !path.is_empty() && !self.seen.insert(path) {
            self.projected.invalid_as(from, "conflicting duplicate paths");
        }
    }
}

fn check_source<'a>(source: &Field<'a>, kind: &str, paths: &mut Paths<'_, 'a>) {
    match kind {
        "secret" | "configMap" => {
            source.get("name").required_text();
            for item in source.get("items").items() {
                key_to_path(&item);
                paths.add(item.get("path").text(), &source.get("name").text().into());
            }
        }
        "downwardAPI" => {
            for item in source.get("items").items() {
                file(source, &item);
                paths.add(item.get("path").text(), &item.get("path").text().into());
            }
        }
        "serviceAccountToken" => token(source, paths.projected),
        "clusterTrustBundle" => bundle(source, paths),
        _ => {}
    }
}

fn token(token: &Field, projected: &Field) {
    let expires = token.get("expirationSeconds");
    match expires.number() {
        None => expires.required(""),
        Some(..600) => expires.invalid("may not specify a duration less than 10 minutes"),
        Some(0x1_0000_0001..) => {
            expires.invalid("may not specify a duration larger than 2^32 seconds");
        }
        Some(_) => {}
    }
    // kube-apiserver names the volume, not the source.
    let path = projected.get("path").with(token.get("path").value());
    if path.required_text() {
        path.free_path(path.text());
    }
}

fn bundle<'a>(bundle: &Field<'a>, paths: &mut Paths<'_, 'a>) {
    let (name, signer) = (bundle.get("name"), bundle.get("signerName"));
    match (name.is_set(), signer.is_set()) {
        (true, true) => bundle.invalid("only one of name and signerName may be used"),
        (true, false) if bundle.get("labelSelector").is_set() => {
            let detail = "labelSelector must be unset if name is specified";
            bundle.get("labelSelector").invalid(detail);
        }
        (true, false) => {}
        (false, true) => bundle.get("labelSelector").label_selector(),
        (false, false) => bundle.required("either name or signerName must be specified"),
    }
    let path = bundle.get("path");
    path.required_text();
    path.free_path(path.text());
    paths.add(path.text(), &path.text().into());
}

const KINDS: [&str; 6] = [
    "secret",
    "configMap",
    "downwardAPI",
    "serviceAccountToken",
    "clusterTrustBundle",
    "podCertificate",
];
