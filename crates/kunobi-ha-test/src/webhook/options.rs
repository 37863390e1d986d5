//! The options of an operation as webhooks are shown them: what the client has sent.

use serde_json::{Value, json};

use crate::{go, request::query::Query};

/// Of a POST, a PUT or a PATCH.
pub(crate) fn write_options(kind: &str, query: &str) -> Value {
    let query = Query::parse(query);
    let mut options = json!({ "kind": kind, "apiVersion": API_VERSION });
    dry_run(&query, &mut options);
    for field in ["fieldManager", "fieldValidation"] {
        if let Some(text) = query.first(field).filter(|text| !text.is_empty()) {
            options[field] = text.into();
        }
    }
    if let Some(force) = query.first("force").filter(|_| kind == "PatchOptions") {
        options["force"] = go::boolean(force).into();
    }
    options
}

/// Of a DELETE. A body wins, as it does in the request.
pub(crate) fn deletion_options(query: &str, body: Option<&Value>) -> Value {
    let stated = [("kind", "DeleteOptions"), ("apiVersion", API_VERSION)];
    if let Some(mut options) = body.filter(|body| body.is_object()).cloned() {
        for (field, text) in stated {
            options[field] = text.into();
        }
        return options;
    }
    let query = Query::parse(query);
    let mut options = json!({});
    for (field, text) in stated {
        options[field] = text.into();
    }
    dry_run(&query, &mut options);
    if let Some(Ok(seconds)) = query.first("gracePeriodSeconds").map(go::integer) {
        options["gracePeriodSeconds"] = seconds.into();
    }
    if let Some(orphans) = query.first("orphanDependents") {
        options["orphanDependents"] = go::boolean(orphans).into();
    }
    if let Some(policy) = query.first("propagationPolicy") {
        options["propagationPolicy"] = policy.into();
    }
    options
}

fn dry_run(query: &Query, options: &mut Value) {
    let all: Vec<&str> = query.all("dryRun").collect();
    if !all.is_empty() {
        options["dryRun"] = all.into();
    }
}

const API_VERSION: &str = "meta.k8s.io/v1";
