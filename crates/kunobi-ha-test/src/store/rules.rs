//! In what the types of the API differ when they are written.

use crate::types::{Origin, Resource};

/// Returns whether a PUT creates a missing object.
pub(super) fn creates_on_update(resource: &Resource) -> bool {
    matches!(
        (resource.group.as_str(), resource.plural.as_str()),
        ("coordination.k8s.io", "leases" | "leasecandidates")
            | ("" | "events.k8s.io", "events")
            | ("", "endpoints" | "limitranges" | "services")
            | ("node.k8s.io", "runtimeclasses")
            | ("rbac.authorization.k8s.io", _)
    )
}

/// Returns whether a PUT without a version replaces whatever is stored.
pub(super) fn updates_unconditionally(resource: &Resource) -> bool {
    match &resource.origin {
        Origin::Custom(_) => false,
        Origin::BuiltIn { .. } => !matches!(
            (resource.group.as_str(), resource.plural.as_str()),
            (
                "admissionregistration.k8s.io"
                    | "apiextensions.k8s.io"
                    | "coordination.k8s.io"
                    | "storagemigration.k8s.io",
                _
            ) | ("node.k8s.io", "runtimeclasses")
                | ("policy", "poddisruptionbudgets")
                | (
                    "storage.k8s.io",
                    "csidrivers" | "csinodes" | "csistoragecapacities" | "volumeattachments"
                )
        ),
    }
}

/// When `metadata.generation` counts up.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Generation {
    /// The type has none.
    Absent,
    /// With each change of `spec`.
    Spec,
    /// With each change outside of the metadata (and of a status that is written apart).
    Content,
}

impl Generation {
    pub(super) fn of(resource: &Resource) -> Self {
        if matches!(resource.origin, Origin::Custom(_)) {
            return Self::Content;
        }
        match (resource.group.as_str(), resource.plural.as_str()) {
            ("apps", "daemonsets" | "deployments" | "replicasets" | "statefulsets")
            | ("", "pods" | "replicationcontrollers")
            | (
                "apiextensions.k8s.io" | "autoscaling" | "batch" | "flowcontrol.apiserver.k8s.io",
                _,
            )
            | ("networking.k8s.io", "ingressclasses" | "ingresses" | "networkpolicies")
            | ("policy", "poddisruptionbudgets")
            | ("resource.k8s.io", "deviceclasses" | "resourceslices")
            | ("storage.k8s.io", "csidrivers") => Self::Spec,
            ("", "podtemplates")
            | ("admissionregistration.k8s.io" | "discovery.k8s.io", _)
            | ("scheduling.k8s.io", "priorityclasses") => Self::Content,
            _ => Self::Absent,
        }
    }
}

/// Which metadata an update of the status can't change.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum StatusKeeps {
    /// All but the managed fields.
    Everything,
    Fields(&'static [&'static str]),
}

impl StatusKeeps {
    pub(super) fn of(resource: &Resource) -> Self {
        if matches!(resource.origin, Origin::Custom(_)) {
            return Self::Everything;
        }
        match (resource.group.as_str(), resource.plural.as_str()) {
            ("flowcontrol.apiserver.k8s.io", _) => Self::Everything,
            ("apps", "deployments") => Self::Fields(&["labels"]),
            ("", "pods") => Self::Fields(&["ownerReferences"]),
            ("admissionregistration.k8s.io", "validatingadmissionpolicies")
            | ("apiextensions.k8s.io" | "resource.k8s.io", _)
            | ("networking.k8s.io", "servicecidrs")
            | ("storage.k8s.io", "volumeattachments") => {
                Self::Fields(&["annotations", "finalizers", "labels", "ownerReferences"])
            }
            _ => Self::Fields(&[]),
        }
    }
}
