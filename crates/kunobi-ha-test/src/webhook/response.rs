//! What the answer of a webhook means.

use base64::{Engine, prelude::BASE64_STANDARD};
use http::{HeaderValue, header, response::Parts};
use serde_json::Value;

use super::{Hook, Stage, patch};
use crate::{go, status::Rejection, types::Resource};

/// What a webhook has said.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) warnings: Vec<String>,
    pub(crate) verdict: Verdict,
}

#[derive(Debug)]
pub(crate) enum Verdict {
    /// With the operations of a JSON patch.
    Allowed(Vec<Value>),
    Denied(Rejection),
}

/// Reads the body of a success. The error says why the call has failed.
pub(crate) fn verify(hook: &Hook, stage: Stage, uid: &str, body: &[u8]) -> Result<Said, String> {
    let version = hook.review_version.unwrap_or_default();
    let review = read(body)
        .and_then(|review| check_registered(&review, version).map(|()| review))
        .map_err(|why| format!("failed to call webhook: {why}"))?;
    let invalid = |why: &str| format!("received invalid webhook response: {why}");
    let response = review.get("response").filter(|it| !it.is_null());
    let response = response.ok_or_else(|| invalid("webhook response was absent"))?;
    let text = |field: &str| response.get(field).and_then(Value::as_str);
    // The version before knew none of these checks.
    let is_current = hook.review_version == Some("v1");
    if is_current {
        let answered = text("uid").unwrap_or_default();
        if answered != uid {
            let (uid, answered) = (go::quoted(uid), go::quoted(answered));
            return Err(invalid(&format!("expected response.uid={uid}, got {answered}")));
        }
        check_type(&review).map_err(|why| invalid(&why))?;
        check_patch(stage, response).map_err(|why| invalid(&why))?;
    }
    let warnings = response.get("warnings").and_then(Value::as_array).into_iter().flatten();
    let warnings = warnings.filter_map(Value::as_str).map(ToOwned::to_owned).collect();
    if response.get("allowed").and_then(Value::as_bool) != Some(true) {
        let denied = Rejection::denied_by_webhook(&hook.name, response.get("status"));
        return Ok(Said { warnings, verdict: Verdict::Denied(denied) });
    }
    let sent = text("patch").filter(|sent| !sent.is_empty() && stage == Stage::Mutating);
    let operations = sent.map(|sent| operations(sent, text("patchType"))).transpose()?;
    Ok(Said { warnings, verdict: Verdict::Allowed(operations.unwrap_or_default()) })
}

impl Hook {
    /// Returns what the operations make of an object, which is read as one of its type again.
    pub(crate) fn patched(
        &self,
        operations: &[Value],
        object: Option<&Value>,
        resource: &Resource,
    ) -> Result<Value, Rejection> {
        let Some(object) = object else {
            return Err(Rejection::internal_error(&format!(
                "admission webhook {} attempted to modify the object, which is not supported for \
                 this operation",
                go::quoted(&self.name)
            )));
        };
        patch::apply(operations, object, resource).map_err(|why| Rejection::internal_error(&why))
    }
}

/// Why an answer that is no success is a failure of the call, in the words of client-go.
pub(crate) fn unsuccessful(parts: &Parts, body: &[u8]) -> String {
    let code = parts.status.as_u16();
    let status = serde_json::from_slice::<Value>(body).ok();
    let message =
        status.filter(|status| status["kind"] == "Status" && status["apiVersion"] == "v1");
    if let Some(message) = message.as_ref().and_then(|status| status["message"].as_str()) {
        return message.into();
    }
    let kind = parts.headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    let is_text = kind.is_none_or(|kind| kind.starts_with(b"text/"));
    let sent = String::from_utf8_lossy(body).trim().to_owned();
    let sent = if is_text && !sent.is_empty() { sent } else { "unknown".to_owned() };
    match code {
        400 => "the server rejected our request for an unknown reason".into(),
        401 => "the server has asked for the client to provide credentials".into(),
        403 | 406 | 415 => sent,
        404 => "the server could not find the requested resource".into(),
        405 => "the server does not allow this method on the requested resource".into(),
        409 => "the server reported a conflict".into(),
        422 => "the server rejected our request due to an error in our request".into(),
        429 => {
            "the server has received too many requests and has asked us to try again later".into()
        }
        503 => "the server is currently unable to handle the request".into(),
        504 => "the server was unable to return a response in the time allotted, but may still be \
                processing the request"
            .into(),
        500.. => {
            let sent = go::quoted(&sent);
            format!("an error on the server ({sent}) has prevented the request from succeeding")
        }
        code => {
            format!(
                "the server responded with the status code {code} but did not return more information"
            )
        }
    }
}

fn read(body: &[u8]) -> Result<Value, String> {
    if body.is_empty() {
        return Err(
            "0-length response with status code: 200 and content type: application/json".into()
        );
    }
    let review: Value = serde_json::from_slice(body)
        .map_err(|error| format!("couldn't get version/kind; json parse error: {error}"))?;
    let wrong = |value: &Value, field: &str, of: &str| {
        format!(
            "json: cannot unmarshal {} into Go struct field {field} of type {of}",
            go::kind(value)
        )
    };
    match &review["response"] {
        Value::Null => {}
        Value::Object(response) => {
            for (field, of) in
                [("uid", "types.UID"), ("patch", "[]uint8"), ("patchType", "v1.PatchType")]
            {
                let value =
                    response.get(field).filter(|value| !value.is_string() && !value.is_null());
                if let Some(value) = value {
                    return Err(wrong(value, &format!("AdmissionResponse.response.{field}"), of));
                }
            }
            let allowed = response.get("allowed").filter(|it| !it.is_boolean() && !it.is_null());
            if let Some(value) = allowed {
                return Err(wrong(value, "AdmissionResponse.response.allowed", "bool"));
            }
        }
        other => return Err(wrong(other, "AdmissionReview.response", "v1.AdmissionResponse")),
    }
    Ok(review)
}

/// Fails if the answer is of another type than the review, as far as the decoder knows it.
fn check_registered(review: &Value, version: &str) -> Result<(), String> {
    let text = |field: &str| review.get(field).and_then(Value::as_str).unwrap_or_default();
    let (sent, kind) = (text("apiVersion"), text("kind"));
    if sent.is_empty() || kind.is_empty() || sent == format!("{GROUP}/{version}") {
        return Ok(());
    }
    match sent.strip_prefix(GROUP).and_then(|rest| rest.strip_prefix('/')) {
        Some(other @ ("v1" | "v1beta1")) if kind == KIND => {
            Err(format!("converting ({other}.{KIND}) to ({version}.{KIND}): unknown conversion"))
        }
        _ => Err(format!(
            "no kind {kind:?} is registered for version {sent:?} in scheme \
             \"pkg/runtime/scheme.go:111\""
        )),
    }
}

/// Fails if the answer does not say of what type it is.
fn check_type(review: &Value) -> Result<(), String> {
    let text = |field: &str| review.get(field).and_then(Value::as_str).unwrap_or_default();
    let (api_version, kind) = (text("apiVersion"), text("kind"));
    if (api_version, kind) == ("admission.k8s.io/v1", KIND) {
        return Ok(());
    }
    let shown = if api_version.is_empty() { "/" } else { api_version };
    Err(format!(
        "expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got {shown}, \
         Kind={kind}"
    ))
}

fn check_patch(stage: Stage, response: &Value) -> Result<(), String> {
    let patch = response.get("patch").and_then(Value::as_str).unwrap_or_default();
    let kind = response.get("patchType").and_then(Value::as_str);
    let why = match (stage, patch.is_empty(), kind) {
        (Stage::Mutating, false, None) => {
            "webhook returned response.patch but not response.patchType"
        }
        (Stage::Mutating, true, Some(_)) => {
            "webhook returned response.patchType but not response.patch"
        }
        (Stage::Mutating, false, Some("")) => "webhook returned invalid response.patchType of \"\"",
        (Stage::Validating, false, _) => "validating webhook may not return response.patch",
        (Stage::Validating, true, Some(_)) => {
            "validating webhook may not return response.patchType"
        }
        (Stage::Mutating, false, Some(_)) | (_, true, None) => return Ok(()),
    };
    Err(why.into())
}

fn operations(patch: &str, kind: Option<&str>) -> Result<Vec<Value>, String> {
    let undecodable = |why: &str| format!("received undecodable patch in webhook response: {why}");
    let decoded = BASE64_STANDARD
        .decode(patch)
        .map_err(|error| format!("failed to call webhook: {error}"))?;
    let operations = serde_json::from_slice::<Value>(&decoded)
        .map_err(|error| undecodable(&error.to_string()))?;
    let Value::Array(operations) = operations else {
        return Err(undecodable(&format!(
            "json: cannot unmarshal {} into Go value of type jsonpatch.Patch",
            go::kind(&operations)
        )));
    };
    match kind {
        None | Some("JSONPatch") => Ok(operations),
        Some(_) if operations.is_empty() => Ok(operations),
        Some(other) => Err(format!("unsupported patch type {}", go::quoted(other))),
    }
}

const GROUP: &str = "admission.k8s.io";
const KIND: &str = "AdmissionReview";
