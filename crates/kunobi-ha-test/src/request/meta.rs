//! Forms of objects that every type has: `meta.k8s.io`.

use serde_json::{Value, json};

use super::As;
use crate::status::Rejection;

/// A version of `meta.k8s.io`. Both have the same forms.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Meta {
    V1,
    V1Beta1,
}

/// What a row of a table holds besides its cells.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Include {
    Metadata,
    Object,
    None,
}

impl Meta {
    pub(crate) fn api_version(self) -> &'static str {
        match self {
            Self::V1 => "meta.k8s.io/v1",
            Self::V1Beta1 => "meta.k8s.io/v1beta1",
        }
    }

    /// An object without anything but its metadata.
    pub(crate) fn partial(self, value: &Value) -> Value {
        json!({
            "kind": "PartialObjectMetadata",
            "apiVersion": self.api_version(),
            "metadata": value.get("metadata").cloned().unwrap_or_else(|| json!({})),
        })
    }
}

impl As {
    /// With what `includeObject` says.
    pub(super) fn including(self, include: Option<&str>) -> Self {
        let Self::Table(meta, _) = self else { return self };
        let include = match include {
            None | Some("Metadata") => Ok(Include::Metadata),
            Some("Object") => Ok(Include::Object),
            Some("None") => Ok(Include::None),
            Some(unknown) => Err(unknown.to_owned()),
        };
        Self::Table(meta, include)
    }
}

/// What is said of an unknown `includeObject`.
pub(crate) fn unknown_include(word: &str) -> Rejection {
    Rejection::bad_request(format!(
        "Unable to convert to Table as requested: includeObject: Invalid value: {}: must be \
         'Metadata', 'Object', 'None', or empty",
        crate::go::quoted(word)
    ))
}
