//! Where a webhook is.

use serde_json::Value;

use super::text;
use crate::{status::Cause, validation::dns_subdomain};

pub(super) fn check(config: &Value, path: &str, causes: &mut Vec<Cause>) {
    let some = |field: &str| config.get(field).filter(|value| !value.is_null());
    match (some("url"), some("service")) {
        (Some(url), None) => {
            check_url(url.as_str().unwrap_or_default(), &format!("{path}.url"), causes);
        }
        (None, Some(service)) => check_service(service, &format!("{path}.service"), causes),
        (Some(_), Some(_)) | (None, None) => {
            causes.push(Cause::required(path, "exactly one of url or service is required"));
        }
    }
}

fn check_url(url: &str, path: &str, causes: &mut Vec<Cause>) {
    const FORM: &str = "; desired format: https://host[/path]";
    let mut wrong = |value: &str, why: &str| causes.push(Cause::invalid(path, &value.into(), why));
    let (url, fragment) = url.split_once('#').unwrap_or((url, ""));
    let (url, query) = url.split_once('?').unwrap_or((url, ""));
    let (scheme, rest) = url.split_once("://").unwrap_or(("", ""));
    let authority = rest.split('/').next().unwrap_or_default();
    let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
    let scheme = scheme.to_ascii_lowercase();
    if scheme != "https" {
        wrong(&scheme, &format!("'https' is the only allowed URL scheme{FORM}"));
    }
    if host.is_empty() {
        wrong(host, &format!("host must be specified{FORM}"));
    }
    if !user.is_empty() {
        wrong(user, "user information is not permitted in the URL");
    }
    if !fragment.is_empty() {
        wrong(fragment, "fragments are not permitted in the URL");
    }
    if !query.is_empty() {
        wrong(query, "query parameters are not permitted in the URL");
    }
}

fn check_service(service: &Value, path: &str, causes: &mut Vec<Cause>) {
    for field in ["name", "namespace"] {
        if text(service, field).is_empty() {
            causes.push(Cause::required(format!("{path}.{field}"), ""));
        }
    }
    let port = service
        .get("port")
        .filter(|port| port.as_i64().is_some_and(|port| !(1..=65_535).contains(&port)));
    if let Some(port) = port {
        let why = "port is not valid: must be between 1 and 65535, inclusive";
        causes.push(Cause::invalid(format!("{path}.port"), port, why));
    }
    check_path(text(service, "path"), &format!("{path}.path"), causes);
}

fn check_path(url_path: &str, path: &str, causes: &mut Vec<Cause>) {
    let mut wrong = |why: &str| causes.push(Cause::invalid(path, &url_path.into(), why));
    if matches!(url_path, "" | "/") {
        return;
    }
    if url_path == "//" {
        wrong("segment[0] may not be empty");
        return;
    }
    if !url_path.starts_with('/') {
        wrong("must start with a '/'");
    }
    // The first character is skipped, whatever it is.
    let mut rest = url_path.chars();
    rest.next();
    let rest = rest.as_str();
    for (index, segment) in rest.strip_suffix('/').unwrap_or(rest).split('/').enumerate() {
        if segment.is_empty() {
            wrong(&format!("segment[{index}] may not be empty"));
            continue;
        }
        for why in dns_subdomain(segment) {
            wrong(&format!("segment[{index}]: {why}"));
        }
    }
}
