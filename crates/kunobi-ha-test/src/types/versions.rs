//! The versions of a type.

use super::{Origin, Resource, Types};
use crate::apply::Versions;

impl Types {
    /// The versions of a type, for those who own fields of its objects.
    pub(crate) fn versions<'a>(&self, resource: &'a Resource) -> Versions<'a> {
        match resource.origin {
            Origin::BuiltIn { .. } => resource.shape().into(),
            Origin::Custom(_) => {
                let all = self.defined(&resource.group, &resource.plural);
                let all = all.map(|version| (version.api_version(), version.shape().clone()));
                Versions::defined(resource.shape(), resource.api_version(), all.collect())
            }
        }
    }
}
