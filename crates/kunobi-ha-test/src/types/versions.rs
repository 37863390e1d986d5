//! The versions of a type.

use super::{Origin, Resource, Types};
use crate::apply::Versions;

impl Types {
    /// The versions of a type, for those who own fields of its objects: also those that are not served any more.
    pub(crate) fn versions<'a>(&self, resource: &'a Resource) -> Versions<'a> {
        match resource.origin {
            Origin::BuiltIn { .. } => resource.shape().into(),
            Origin::Custom(_) => {
                let defined = self.definitions.get(&resource.qualified());
                let all = defined.into_iter().flat_map(|defined| &defined.versions);
                let all = all.map(|version| (version.api_version(), version.shape().clone()));
                Versions::defined(resource.shape(), resource.api_version(), all.collect())
            }
        }
    }
}
