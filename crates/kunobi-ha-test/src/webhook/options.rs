//! The options of an operation as webhooks are shown them: what the client has sent.

use serde_json::{Value, json};

use super::Attributes;
use crate::{crd, go, request::query::Query};

/// Of a POST, a PUT or a PATCH, which is shown as an update.
pub(crate) fn write_options(kind: &str, query: &str) -> Value {
    let query = Query::parse(query);
    let mut options = json!({ "kind": kind, "apiVersion": API_VERSION });
    dry_run(&query, &mut options);
    for field in ["fieldManager", "fieldValidation"] {
        if let Some(text) = query.first(field).filter(|text| !text.is_empty()) {
            options[field] = text.into();
        }
    }
    options
}

/// Of a DELETE. A body wins, as it does in the request.
pub(crate) fn deletion_options(
    attributes: &Attributes,
    query: &str,
    body: Option<&Value>,
) -> Value {
    let mut options = sent(query, body);
    let uid = attributes.old.as_ref().and_then(|old| old.pointer("/metadata/uid"));
    if let Some(uid) = uid.filter(|_| is_pinned(attributes)) {
        let sent = options.get("preconditions").filter(|sent| sent.is_object()).cloned();
        let mut preconditions = sent.unwrap_or_else(|| json!({}));
        if preconditions.get("uid").is_none() {
            preconditions["uid"] = uid.clone();
        }
        options["preconditions"] = preconditions;
    }
    options
}

/// The types with a deletion of their own see to it that they delete the object that they have seen.
fn is_pinned(attributes: &Attributes) -> bool {
    let resource = &attributes.resource;
    let place = (resource.group.as_str(), resource.plural.as_str());
    attributes.is_namespace() || place == (crd::GROUP, crd::PLURAL)
}

fn sent(query: &str, body: Option<&Value>) -> Value {
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
