//! What the subresources alone say.

use http::StatusCode;
use serde_json::json;

use super::Rejection;

impl Rejection {
    /// 400: what was sent to `scale` of a custom resource is no Scale.
    pub(crate) fn no_scale() -> Self {
        let why =
            "no kind is registered for the type v1.Scale in scheme \"pkg/runtime/scheme.go:111\"";
        Self::bad_request(why)
    }

    pub(crate) fn is_conflict(&self) -> bool {
        self.reason == "Conflict"
    }

    /// 429: the disruption budget of a pod allows no eviction now.
    pub(crate) fn over_budget(retry_after: Option<u64>, why: &str) -> Self {
        let message = "Cannot evict pod as it would violate the pod's disruption budget.";
        let mut rejection =
            Self::new(StatusCode::TOO_MANY_REQUESTS, "TooManyRequests", message.into());
        let mut details = json!({ "causes": [disruption(why)] });
        if let Some(seconds) = retry_after {
            details["retryAfterSeconds"] = seconds.into();
        }
        rejection.details = Some(details);
        rejection
    }

    /// 403: the disruption budget of a pod is in a state in which it allows no eviction.
    pub(crate) fn no_budget(budget: &str, message: &str, why: &str) -> Self {
        let mut rejection = Self::denied("policy", "poddisruptionbudget", budget, message);
        if let Some(details) = &mut rejection.details {
            details["causes"] = json!([disruption(why)]);
        }
        rejection
    }
}

fn disruption(why: &str) -> serde_json::Value {
    json!({ "reason": "DisruptionBudget", "message": why })
}
