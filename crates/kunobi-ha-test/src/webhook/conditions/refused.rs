//! Conditions that can't be evaluated.

use serde_json::Value;

use crate::webhook::FailurePolicy;

#[derive(Debug)]
pub(in crate::webhook) struct Conditions;

impl Conditions {
    pub(in crate::webhook) fn read(_: Option<&Value>, _: FailurePolicy) -> Self {
        Self
    }

    #[expect(clippy::unused_self, reason = "with the feature, it looks at the conditions")]
    pub(in crate::webhook) fn is_empty(&self) -> bool {
        true
    }

    #[expect(
        clippy::unnecessary_wraps,
        clippy::unused_self,
        reason = "with the feature, it evaluates the conditions"
    )]
    pub(in crate::webhook) fn hold(
        &self,
        _: &Value,
        _: Option<&Value>,
        _: Option<&Value>,
    ) -> Result<bool, String> {
        Ok(true)
    }
}

/// Why an expression can't be evaluated.
#[expect(clippy::unnecessary_wraps, reason = "with the feature, most can be")]
pub(in crate::webhook) fn problem(_: &str) -> Option<String> {
    Some("kunobi-ha-test evaluates match conditions only with its feature `cel`".into())
}
