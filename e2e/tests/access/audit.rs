//! The requests in the audit log of the API server.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::installation::{Installation, NAME, PLANE};

/// One request of the operator.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) verb: String,
    pub(crate) resource: String,
    pub(crate) name: String,
    pub(crate) uri: String,
    pub(crate) code: i64,
}

impl Installation {
    /// Returns the requests of its service account so far, without those that are under way.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        let user = format!("system:serviceaccount:{}:{NAME}", self.namespace);
        let mut seen = BTreeSet::new();
        let text = |entry: &Value, pointer: &str| {
            entry.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        PLANE
            .audit()
            .unwrap()
            .iter()
            .filter(|entry| text(entry, "/user/username") == user)
            .filter(|entry| text(entry, "/stage") != "RequestReceived")
            .filter(|entry| seen.insert(text(entry, "/auditID")))
            .map(|entry| Asked {
                verb: text(entry, "/verb"),
                resource: text(entry, "/objectRef/resource"),
                name: text(entry, "/objectRef/name"),
                uri: text(entry, "/requestURI"),
                code: entry["responseStatus"]["code"].as_i64().unwrap_or_default(),
            })
            .collect()
    }
}

/// Counts by verb, resource and code.
pub(crate) fn count(asked: &[Asked]) -> BTreeMap<(&str, &str, i64), usize> {
    let mut counts = BTreeMap::new();
    for Asked { verb, resource, code, .. } in asked {
        *counts.entry((verb.as_str(), resource.as_str(), *code)).or_default() += 1;
    }
    counts
}

pub(crate) fn table(counts: &BTreeMap<(&str, &str, i64), usize>) -> String {
    let cells = counts.iter();
    let cells = cells.map(|((verb, resource, code), n)| format!("{n} {verb} {resource} ({code})"));
    cells.collect::<Vec<_>>().join(", ")
}
