//! What is stored, and can't be read.

use http::StatusCode;
use serde_json::json;

use super::{Rejection, qualified};
use crate::request::path::Target;

impl Rejection {
    /// 500 of one object; `path` is where etcd has it.
    pub(crate) fn corrupt(path: &str, why: &str) -> Self {
        Self::internal_error(&corrupt(path, why))
    }

    /// 500 of a collection in which there is such an object.
    pub(crate) fn corrupt_list(target: &Target, path: &str, why: &str) -> Self {
        let path = format!("/registry{path}");
        let why = corrupt(&path, why);
        let message = unread(target, &why);
        let code = StatusCode::INTERNAL_SERVER_ERROR;
        let mut rejection = Self::new(code, "StorageReadError", message);
        rejection.details = Some(json!({
            "name": "list",
            "group": target.group,
            "kind": target.resource,
            "causes": [{ "reason": "UnexpectedServerResponse", "message": why, "field": path }],
        }));
        rejection
    }

    /// 429: a list or watch comes from a cache, which is not filled as long as there is such an object.
    pub(crate) fn corrupt_cache(target: &Target, path: &str, why: &str) -> Self {
        let why = unread(target, &corrupt(&format!("/registry{path}"), why));
        let message = format!("storage is (re)initializing: failed to list <unspecified>: {why}");
        let code = StatusCode::TOO_MANY_REQUESTS;
        let mut rejection = Self::new(code, "TooManyRequests", message);
        rejection.details = Some(json!({ "retryAfterSeconds": 1 }));
        rejection
    }
}

fn corrupt(path: &str, why: &str) -> String {
    format!(
        "StorageError: corrupt object, Code: 7, Key: {path}, ResourceVersion: 0, \
         AdditionalErrorMsg: {why}"
    )
}

fn unread(target: &Target, why: &str) -> String {
    let resource = qualified(&target.group, &target.resource);
    format!("failed to read one or more {resource} from the storage: {why}")
}
