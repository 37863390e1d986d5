//! What becomes of the dependents of an object that is deleted.

use serde_json::Value;

use super::{FOREGROUND, ORPHAN};
use crate::{
    request::{DeleteOptions, Propagation},
    store::{Call, metadata},
    types::Resource,
};

/// What a type does with dependents if nobody says it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Policy {
    Delete,
    Orphan,
    /// Objects of this type own nothing.
    Unsupported,
}

impl Policy {
    fn of(resource: &Resource) -> Self {
        match (resource.group.as_str(), resource.version.as_str(), resource.plural.as_str()) {
            ("batch", "v1", "jobs") | ("", "v1", "replicationcontrollers") => Self::Orphan,
            ("" | "events.k8s.io", _, "events") => Self::Unsupported,
            _ => Self::Delete,
        }
    }
}

/// The finalizers of an object that is deleted so: at most one of them is for the garbage collector.
pub(in crate::store) fn finalizers<'a>(
    call: &Call,
    value: &'a Value,
    options: &DeleteOptions,
) -> Vec<&'a str> {
    let mut finalizers = metadata::finalizers(value);
    let had = |name| finalizers.contains(&name);
    let policy = Policy::of(call.resource);
    let added = match options.propagation {
        _ if policy == Policy::Unsupported => None,
        Some(Propagation::Background) => None,
        Some(Propagation::Foreground) => Some(FOREGROUND),
        Some(Propagation::Orphan) => Some(ORPHAN),
        None if had(ORPHAN) => Some(ORPHAN),
        None if had(FOREGROUND) => Some(FOREGROUND),
        None => (policy == Policy::Orphan).then_some(ORPHAN),
    };
    // One that stays keeps its place.
    finalizers.retain(|name| !matches!(*name, ORPHAN | FOREGROUND) || Some(*name) == added);
    finalizers.extend(added.filter(|added| !finalizers.contains(added)));
    finalizers
}

/// What kube-apiserver warns of if nobody says what becomes of the pods of a job.
pub(in crate::store) fn warning(call: &Call, options: &DeleteOptions) -> Option<String> {
    let is_unsaid = call.is("batch", "jobs") && options.propagation.is_none();
    is_unsaid.then(|| {
        "child pods are preserved by default when jobs are deleted; set \
         propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress \
         this warning"
            .to_owned()
    })
}
