//! What a DELETE returns of an object that is gone.

use super::{Origin, Resource};

impl Resource {
    /// Returns whether it is the object, not a `Status`.
    pub(crate) fn is_returned_when_gone(&self) -> bool {
        matches!(self.origin, Origin::BuiltIn { .. }) && RETURNED.contains(&self.plural.as_str())
    }
}

const RETURNED: [&str; 17] = [
    "csidrivers",
    "csinodes",
    "deviceclasses",
    "namespaces",
    "persistentvolumeclaims",
    "persistentvolumes",
    "pods",
    "podtemplates",
    "resourceclaims",
    "resourceclaimtemplates",
    "resourcequotas",
    "resourceslices",
    "serviceaccounts",
    "services",
    "storageclasses",
    "volumeattachments",
    "volumeattributesclasses",
];
