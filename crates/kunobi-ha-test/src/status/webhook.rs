//! What is said when admission webhooks decide.

use http::StatusCode;
use serde_json::Value;

use super::Rejection;
use crate::go;

impl Rejection {
    /// A webhook has denied the request, with a `status` or without one.
    pub(crate) fn denied_by_webhook(webhook: &str, status: Option<&Value>) -> Self {
        let text = |field: &str| {
            status.and_then(|status| status.get(field)?.as_str()).filter(|text| !text.is_empty())
        };
        let denied = format!("admission webhook {} denied the request", go::quoted(webhook));
        let message = match text("message").or_else(|| text("reason")) {
            Some(why) => format!("{denied}: {why}"),
            None => format!("{denied} without explanation"),
        };
        let code = status.and_then(|status| status.get("code")?.as_u64());
        let code = code.and_then(|code| u16::try_from(code).ok()).filter(|code| *code >= 400);
        let code = StatusCode::from_u16(code.unwrap_or(400));
        let mut rejection =
            Self::new(code.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), "", message);
        rejection.reason = text("reason").unwrap_or_default().to_owned().into();
        rejection.details = status.and_then(|status| status.get("details")).cloned();
        rejection
    }

    /// 500: a webhook can't be called, and its policy is to fail then.
    pub(crate) fn uncalled(webhook: &str, why: &str) -> Self {
        Self::internal_error(&format!("failed calling webhook {}: {why}", go::quoted(webhook)))
    }

    /// 400: a webhook has side effects that a dry run must not have.
    pub(crate) fn no_dry_run(webhook: &str) -> Self {
        Self::bad_request(format!(
            "admission webhook {} does not support dry run",
            go::quoted(webhook)
        ))
    }

    /// 504: the request was decided again and again.
    pub(crate) fn timed_out() -> Self {
        let message = "Timeout: request did not complete within requested timeout - context \
                       deadline exceeded";
        let mut rejection = Self::new(StatusCode::GATEWAY_TIMEOUT, "Timeout", message.into());
        rejection.details = Some(serde_json::json!({}));
        rejection
    }
}
