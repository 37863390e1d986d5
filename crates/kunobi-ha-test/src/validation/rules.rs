//! Which rules the fields of a built-in type obey.

use serde_json::Value;

use super::{
    autoscaling, budgets, certificates, claims, classes, config_map, events,
    field::{Field, Report},
    jobs, networking, pods, quotas, rbac, secrets, services, slices, workloads,
};
use crate::{
    status::Cause,
    types::{Origin, Resource},
};

/// What is checked of a type.
pub(super) struct Rules {
    /// Of an object that is new, or replaces an old one.
    object: fn(&Field, Option<&Field>),
    /// Of a status that replaces an old one.
    status: fn(&Field, &Field),
}

/// Returns what is wrong with the fields of a new object, or of one that replaces another. The metadata is checked
/// apart.
pub(crate) fn fields(
    resource: &Resource,
    subresource: &str,
    old: Option<&Value>,
    value: &Value,
) -> Vec<Cause> {
    let report = Report::default();
    let (object, old) = (Field::new(value, &report), old.map(|old| Field::new(old, &report)));
    match (Rules::of(resource), subresource, &old) {
        (Some(rules), "", old) => (rules.object)(&object, old.as_ref()),
        (Some(rules), "status", Some(old)) => (rules.status)(&object, old),
        (Some(_), "ephemeralcontainers", Some(old)) => pods::ephemeral(&object, old),
        (None, "approval", Some(old)) => certificates::approval(&object, old),
        (Some(_) | None, _, _) => {}
    }
    report.causes()
}

impl Rules {
    /// The one list of types. A test tells which have none.
    pub(super) fn of(resource: &Resource) -> Option<Self> {
        if matches!(resource.origin, Origin::Custom(_)) {
            return None;
        }
        let plain = |object: fn(&Field, Option<&Field>)| Self { object, status: |_, _| {} };
        let with = |object: fn(&Field, Option<&Field>), status| Self { object, status };
        Some(match (resource.group.as_str(), resource.plural.as_str()) {
            ("", "configmaps") => plain(config_map::check),
            ("", "events") => plain(events::plain),
            ("", "limitranges") => plain(quotas::limit_range),
            ("", "persistentvolumeclaims") => with(claims::claim, claims::claim_status),
            ("", "pods") => with(pods::pod, pods::status),
            ("", "podtemplates") => plain(pods::pod_template),
            ("", "replicationcontrollers") => {
                with(workloads::replication_controller, workloads::replica_set_status)
            }
            ("", "resourcequotas") => with(quotas::quota, quotas::quota_status),
            ("", "secrets") => plain(secrets::secret),
            ("", "services") => with(services::service, services::service_status),
            ("apps", "controllerrevisions") => plain(workloads::revision),
            ("apps", "daemonsets") => with(workloads::daemon_set, workloads::daemon_set_status),
            ("apps", "deployments") => with(workloads::deployment, workloads::deployment_status),
            ("apps", "replicasets") => with(workloads::replica_set, workloads::replica_set_status),
            ("apps", "statefulsets") => {
                with(workloads::stateful_set, workloads::stateful_set_status)
            }
            ("autoscaling", "horizontalpodautoscalers") => {
                with(autoscaling::autoscaler, autoscaling::autoscaler_status)
            }
            ("batch", "cronjobs") => plain(jobs::cron_job),
            ("batch", "jobs") => with(jobs::job, jobs::job_status),
            ("discovery.k8s.io", "endpointslices") => plain(slices::slice),
            ("events.k8s.io", "events") => plain(events::strict),
            ("networking.k8s.io", "ingressclasses") => plain(networking::ingress_class),
            ("networking.k8s.io", "ingresses") => {
                with(networking::ingress, networking::ingress_status)
            }
            ("networking.k8s.io", "networkpolicies") => plain(networking::network_policy),
            ("policy", "poddisruptionbudgets") => with(budgets::budget, budgets::budget_status),
            ("rbac.authorization.k8s.io", "clusterrolebindings") => {
                plain(rbac::cluster_role_binding)
            }
            ("rbac.authorization.k8s.io", "clusterroles") => plain(rbac::cluster_role),
            ("rbac.authorization.k8s.io", "rolebindings") => plain(rbac::role_binding),
            ("rbac.authorization.k8s.io", "roles") => plain(rbac::role),
            ("scheduling.k8s.io", "priorityclasses") => plain(classes::priority),
            ("storage.k8s.io", "storageclasses") => plain(classes::storage),
            _ => return None,
        })
    }
}
