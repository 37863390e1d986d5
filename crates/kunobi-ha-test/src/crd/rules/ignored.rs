//! Rules that are not evaluated.

use serde_json::Value;

use crate::{
    crd::{raw, schema::Schema},
    status::Cause,
};

/// Whether there are any.
#[derive(Debug, Default)]
pub(in crate::crd) struct Rules(bool);

impl Rules {
    pub(in crate::crd) fn read(schema: &Value) -> Self {
        Self(!raw::list(schema, "x-kubernetes-validations").is_empty())
    }

    pub(in crate::crd) fn is_empty(&self) -> bool {
        !self.0
    }

    /// Which rules can't be evaluated, with the reason.
    #[expect(clippy::unused_self, reason = "with the feature, it looks at the rules")]
    pub(in crate::crd) fn errors(&self) -> Vec<(usize, String)> {
        Vec::new()
    }
}

pub(in crate::crd) fn check(_: &Schema, _: &Value, _: Option<&Value>, _: &mut Vec<Cause>) {}
