//! A type and its subresources, as a Role names them.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::request::path::Target;

/// `PLURAL[.GROUP][/SUBRESOURCE]`. It is kept as it was written, for those who read it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub(super) struct Place(String);

impl From<String> for Place {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl Place {
    /// `PLURAL` or `PLURAL.GROUP`; none if every type will do.
    pub(super) fn type_name(&self) -> Option<&str> {
        let (name, _) = self.parts();
        (name != "*" && !name.starts_with("*.")).then_some(name)
    }

    pub(super) fn covers(&self, target: Option<&Target>) -> bool {
        let Some(target) = target else { return false };
        let (resource, subresource) = self.parts();
        let is_resource = match resource.split_once('.') {
            None => resource == "*" || resource == target.resource,
            Some((plural, group)) => {
                (plural == "*" || plural == target.resource) && group == target.group
            }
        };
        is_resource && (subresource == "*" || subresource == target.subresource)
    }

    fn parts(&self) -> (&str, &str) {
        self.0.split_once('/').unwrap_or((&self.0, ""))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
