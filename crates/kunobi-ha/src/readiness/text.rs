//! The text of a probe, as kube-apiserver writes it.

use std::{collections::BTreeSet, fmt::Write};

use super::endpoint::{Endpoint, Query};

/// The answer to a probe.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct ProbeAnswer {
    /// The HTTP status: 200 if all checks pass that were asked for and not excluded, otherwise 503.
    pub status: u16,
    /// Plain text, as kube-apiserver writes it.
    pub body: String,
}

/// One check, as a probe shows it.
#[derive(Debug)]
pub(super) struct CheckLine<'a> {
    pub(super) name: &'a str,
    pub(super) status: Result<(), String>,
}

/// Answers for an endpoint.
pub(super) fn all(endpoint: Endpoint, lines: &[CheckLine<'_>], query: &Query) -> ProbeAnswer {
    let mut body = String::new();
    let mut failed = false;
    let mut unknown: BTreeSet<_> = query.exclude.iter().map(String::as_str).collect();
    for CheckLine { name, status } in lines {
        unknown.remove(name);
        let line = if query.exclude.iter().any(|excluded| excluded == name) {
            format!("[+]{name} excluded: ok\n")
        } else if status.is_ok() {
            format!("[+]{name} ok\n")
        } else {
            failed = true;
            format!("[-]{name} failed: reason withheld\n")
        };
        body.push_str(&line);
    }
    if !unknown.is_empty() {
        let names: Vec<_> = unknown.iter().map(|name| format!("{name:?}")).collect();
        let names = names.join(", ");
        // Writing to a string does not fail.
        let _ =
            writeln!(body, "warn: some health checks cannot be excluded: no matches for {names}");
    }
    let word = endpoint.word();
    if failed {
        ProbeAnswer { status: 503, body: format!("{body}{word} check failed\n") }
    } else if query.verbose {
        ProbeAnswer { status: 200, body: format!("{body}{word} check passed\n") }
    } else {
        ProbeAnswer { status: 200, body: "ok".into() }
    }
}

/// Answers for one check.
pub(super) fn one(line: &CheckLine<'_>, expose_reasons: bool) -> ProbeAnswer {
    match &line.status {
        Ok(()) => ProbeAnswer { status: 200, body: "ok".into() },
        Err(why) => {
            let why = if expose_reasons { why } else { "reason withheld" };
            ProbeAnswer { status: 503, body: format!("internal server error: {why}\n") }
        }
    }
}
