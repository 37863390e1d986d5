//! `Status` bodies as kube-apiserver writes them.

mod aggregate;
mod cause;
mod control;
mod corrupt;
mod late;
mod part;
mod webhook;

use std::borrow::Cow;

use http::StatusCode;
use serde_json::{Value, json};

pub(crate) use self::{aggregate::aggregate, cause::Cause};

/// An answer that reports a failure.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Rejection {
    pub(crate) code: StatusCode,
    reason: Cow<'static, str>,
    message: String,
    details: Option<Value>,
    /// With which a list goes on although its version is forgotten.
    token: Option<String>,
}

impl Rejection {
    fn new(code: StatusCode, reason: &'static str, message: String) -> Self {
        Self { code, reason: reason.into(), message, details: None, token: None }
    }

    fn about(mut self, group: &str, resource: &str, name: &str) -> Self {
        let parts = [("name", name), ("group", group), ("kind", resource)];
        let known = parts.into_iter().filter(|(_, value)| !value.is_empty());
        self.details = Some(known.map(|(key, value)| (key, Value::from(value))).collect());
        self
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BadRequest", message.into())
    }

    pub(crate) fn forbidden(message: String, group: &str, resource: &str, name: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, "Forbidden", message).about(group, resource, name)
    }

    /// 403: what is asked for is allowed to the client, but not possible now.
    pub(crate) fn denied(group: &str, resource: &str, name: &str, why: &str) -> Self {
        let message = format!("{} \"{name}\" is forbidden: {why}", qualified(group, resource));
        Self::forbidden(message, group, resource, name)
    }

    pub(crate) fn caused_by(mut self, cause: &Cause) -> Self {
        if let Some(details) = &mut self.details {
            details["causes"] = json!([cause.body()]);
        }
        self
    }

    pub(crate) fn internal(message: &str) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "", message.into())
    }

    /// 500 for what the server itself did not expect.
    pub(crate) fn internal_error(why: &str) -> Self {
        let message = format!("Internal error occurred: {why}");
        let mut rejection = Self::new(StatusCode::INTERNAL_SERVER_ERROR, "InternalError", message);
        rejection.details = Some(json!({ "causes": [{ "message": why }] }));
        rejection
    }

    pub(crate) fn not_acceptable(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_ACCEPTABLE, "NotAcceptable", message.into())
    }

    pub(crate) fn unknown_format(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UnsupportedMediaType", message.into())
    }

    /// The same failure as the router of kube-apiserver reports it, which knows no details.
    pub(crate) fn by_router(mut self) -> Self {
        self.details = Some(json!({}));
        self
    }

    pub(crate) fn too_large(limit: usize) -> Self {
        let message = format!("Request entity too large: limit is {limit}");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge", message)
    }

    pub(crate) fn no_such_path() -> Self {
        let message = "the server could not find the requested resource".into();
        Self::new(StatusCode::NOT_FOUND, "NotFound", message).by_router()
    }

    /// 404 in plain text: no part of kube-apiserver serves this path.
    pub(crate) fn page_not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "", "404 page not found\n".into())
    }

    pub(crate) fn not_found(group: &str, resource: &str, name: &str) -> Self {
        let message = format!("{} \"{name}\" not found", qualified(group, resource));
        Self::new(StatusCode::NOT_FOUND, "NotFound", message).about(group, resource, name)
    }

    pub(crate) fn method_not_allowed() -> Self {
        let message = "the server does not allow this method on the requested resource".into();
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", message).by_router()
    }

    /// 405 of a custom resource.
    pub(crate) fn verb_not_supported(verb: &str, group: &str, resource: &str) -> Self {
        let resource_name = qualified(group, resource);
        let message = format!("{verb} is not supported on resources of kind \"{resource_name}\"");
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", message)
            .about(group, resource, "")
    }

    pub(crate) fn already_exists(
        group: &str,
        resource: &str,
        name: &str,
        is_being_deleted: bool,
    ) -> Self {
        let state = if is_being_deleted { "object is being deleted: " } else { "" };
        let message = format!("{state}{} \"{name}\" already exists", qualified(group, resource));
        Self::new(StatusCode::CONFLICT, "AlreadyExists", message).about(group, resource, name)
    }

    pub(crate) fn modified(group: &str, resource: &str, name: &str) -> Self {
        let why = "the object has been modified; please apply your changes to the latest version \
                   and try again";
        Self::conflict(group, resource, name, why)
    }

    /// 409: the object has another uid than the client said; `key` is where etcd has it.
    pub(crate) fn other_uid(
        (group, resource, name): (&str, &str, &str),
        key: &str,
        sent: &str,
        is: &str,
    ) -> Self {
        let why = format!(
            "StorageError: invalid object, Code: 4, Key: {key}, ResourceVersion: 0, \
             AdditionalErrorMsg: Precondition failed: UID in precondition: {sent}, UID in object \
             meta: {is}"
        );
        Self::conflict(group, resource, name, &why)
    }

    pub(crate) fn conflict(group: &str, resource: &str, name: &str, why: &str) -> Self {
        let message = format!(
            "Operation cannot be fulfilled on {} \"{name}\": {why}",
            qualified(group, resource)
        );
        Self::new(StatusCode::CONFLICT, "Conflict", message).about(group, resource, name)
    }

    /// 422, with every reason why the object is invalid. There is at least one.
    pub(crate) fn invalid_object(kind: &str, group: &str, name: &str, causes: &[Cause]) -> Self {
        let texts: Vec<String> = causes.iter().map(Cause::text).collect();
        let why = aggregate(&texts);
        let message = format!("{} \"{name}\" is invalid: {why}", qualified(group, kind));
        let mut rejection = Self::new(StatusCode::UNPROCESSABLE_ENTITY, "Invalid", message)
            .about(group, kind, name);
        if let Some(details) = &mut rejection.details {
            details["causes"] = causes.iter().map(Cause::body).collect();
        }
        rejection
    }

    /// 422: parameters contradict each other, or have values that nobody knows. There is at least one.
    pub(crate) fn invalid_options(kind: &str, causes: &[Cause]) -> Self {
        Self::invalid_object(kind, "meta.k8s.io", "", causes)
    }

    /// 409: an apply would change fields that other managers own.
    pub(crate) fn apply_conflict(message: String, causes: &[Cause]) -> Self {
        let mut rejection = Self::new(StatusCode::CONFLICT, "Conflict", message);
        rejection.details =
            Some(json!({ "causes": causes.iter().map(Cause::body).collect::<Vec<_>>() }));
        rejection
    }

    /// 415, with the formats that are known.
    pub(crate) fn unsupported_media_type(known: &[&str]) -> Self {
        let message = format!(
            "the body of the request was in an unknown format - accepted media types include: {}",
            known.join(", ")
        );
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UnsupportedMediaType", message)
    }

    /// 413: a JSON patch with too many operations.
    pub(crate) fn too_many_operations(most: usize, sent: usize) -> Self {
        let message = format!(
            "Request entity too large: The allowed maximum operations in a JSON patch is {most}, got \
             {sent}"
        );
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge", message)
    }

    /// 422 without details, as for a patch that can't be applied.
    pub(crate) fn unprocessable(message: impl Into<String>) -> Self {
        let mut rejection = Self::new(StatusCode::UNPROCESSABLE_ENTITY, "Invalid", message.into());
        rejection.details = Some(json!({}));
        rejection
    }

    /// 501: kube-apiserver can do it, this server can't. Names the feature and what to do instead.
    pub(crate) fn not_supported(feature: &str) -> Self {
        let message = format!("kunobi-ha-test does not support {feature}");
        Self::new(StatusCode::NOT_IMPLEMENTED, "NotImplemented", message)
    }

    pub(crate) fn expired(asked: u64, oldest: u64) -> Self {
        let message = format!("too old resource version: {asked} ({oldest})");
        Self::new(StatusCode::GONE, "Expired", message)
    }

    /// 410 in the middle of a watch.
    pub(crate) fn expired_watch() -> Self {
        let message = "The resourceVersion for the provided watch is too old.";
        Self::new(StatusCode::GONE, "Expired", message.into())
    }

    /// 410: what was the list at the version that was asked for is forgotten.
    pub(crate) fn forgotten_list() -> Self {
        let message = "The resourceVersion for the provided list is too old.";
        Self::new(StatusCode::GONE, "Expired", message.into())
    }

    /// 410: the same of a page. The token goes on with the list as it is now.
    pub(crate) fn forgotten_page(token: String) -> Self {
        let message = "The provided continue parameter is too old to display a consistent list \
                       result. You can start a new list without the continue parameter, or use \
                       the continue token in this response to retrieve the remainder of the \
                       results. Continuing with the provided token results in an inconsistent \
                       list - objects that were created, modified, or deleted between the time \
                       the first chunk was returned and now may show up in the list.";
        let rejection = Self::new(StatusCode::GONE, "Expired", message.into());
        Self { token: Some(token), ..rejection }
    }

    /// 504: the version that was asked for does not exist yet.
    pub(crate) fn too_large_version(asked: u64, current: u64) -> Self {
        let message = format!("Timeout: Too large resource version: {asked}, current: {current}");
        let mut rejection = Self::new(StatusCode::GATEWAY_TIMEOUT, "Timeout", message);
        let message = "Too large resource version";
        rejection.details = Some(json!({
            "causes": [{ "reason": "ResourceVersionTooLarge", "message": message }],
            "retryAfterSeconds": 1,
        }));
        rejection
    }

    /// The answer of a fault: the server does not get as far as handling the request.
    pub(crate) fn fault(code: StatusCode, retry_after: Option<u64>) -> Self {
        let (reason, message) = match code.as_u16() {
            401 => ("Unauthorized", "Unauthorized"),
            409 => ("Conflict", "the object has been modified"),
            429 => ("TooManyRequests", "too many requests, please try again later"),
            500 => ("InternalError", "internal error"),
            503 => ("ServiceUnavailable", "the server is currently unable to handle the request"),
            504 => ("Timeout", "request did not complete within the allotted timeout"),
            _ => ("", "the server was told to answer so"),
        };
        let mut rejection = Self::new(code, reason, message.into());
        rejection.details = retry_after.map(|seconds| json!({ "retryAfterSeconds": seconds }));
        rejection
    }

    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// After how many seconds the client should try again.
    pub(crate) fn retry_after(&self) -> Option<u64> {
        self.details.as_ref()?.get("retryAfterSeconds")?.as_u64()
    }

    /// The text of a failure that is not reported as a `Status`.
    pub(crate) fn plain(&self) -> Option<&str> {
        let is_plain = self.code == StatusCode::NOT_FOUND && self.reason.is_empty();
        is_plain.then_some(self.message.as_str())
    }

    pub(crate) fn body(&self) -> Value {
        let metadata = self.token.as_ref().map(|token| json!({ "continue": token }));
        let mut body = json!({
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": metadata.unwrap_or_else(|| json!({})),
            "status": "Failure",
            "message": self.message,
        });
        if !self.reason.is_empty() {
            body["reason"] = self.reason.as_ref().into();
        }
        if let Some(details) = &self.details {
            body["details"] = details.clone();
        }
        body["code"] = self.code.as_u16().into();
        body
    }
}

/// `leases.coordination.k8s.io`, or `configmaps` in the core group.
pub(crate) fn qualified(group: &str, resource: &str) -> String {
    if group.is_empty() { resource.into() } else { format!("{resource}.{group}") }
}
