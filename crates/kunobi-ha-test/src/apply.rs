//! Server-side apply, and who owns which field (`metadata.managedFields`).
//!
//! A set of fields has those that a manager owns, each by its path. A change of an object is such a set
//! as well, and so is what a configuration states: all rules are operations on sets.

mod check;
mod collect;
mod compare;
mod element;
mod failure;
mod fields;
mod last_applied;
mod managers;
mod merge;
mod order;
mod overlay;
mod prune;
mod record;
mod remove;
mod set;
mod times;
mod types;
mod versions;

use std::sync::LazyLock;

use self::set::Set;
pub(crate) use self::{
    failure::Failure,
    managers::scale::{of_scale, of_scaled},
    merge::{check_kind, merge},
    record::record,
    times::differ_only_in_times,
    versions::Versions,
};

/// Who writes, and how.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Manager {
    pub(crate) name: String,
    pub(crate) operation: Operation,
    pub(crate) api_version: String,
    /// Empty: the object itself.
    pub(crate) subresource: String,
    /// In RFC 3339, with seconds. Empty: none is told.
    pub(crate) time: String,
}

/// In the order in which the API lists them.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Operation {
    Apply,
    Update,
}

/// Fields that are the server's, or are what the object is.
fn never_owned() -> &'static Set {
    static NEVER: LazyLock<Set> = LazyLock::new(|| {
        Set::of(&[
            &["apiVersion"],
            &["kind"],
            &["metadata"],
            &["metadata", "clusterName"],
            &["metadata", "creationTimestamp"],
            &["metadata", "generation"],
            &["metadata", "managedFields"],
            &["metadata", "name"],
            &["metadata", "namespace"],
            &["metadata", "resourceVersion"],
            &["metadata", "selfLink"],
            &["metadata", "uid"],
        ])
    });
    &NEVER
}

#[cfg(test)]
mod tests;
