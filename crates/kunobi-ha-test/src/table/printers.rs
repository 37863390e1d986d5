//! Which function prints the objects of which built-in type.

use serde_json::Value;

use super::{
    View, access, autoscaling, configuration, devices, events, extension, flow, jobs, network,
    nodes, pods, services, storage, workloads,
};

/// Returns the cells of an object, one for each column of its type.
pub(super) type Printer = fn(&View<'_>) -> Vec<Value>;

/// None: the objects of this type are not printed.
pub(super) fn of(group: &str, plural: &str) -> Option<Printer> {
    match group {
        "" => core(plural),
        "apps" => apps(plural),
        "networking.k8s.io" => networking(plural),
        "storage.k8s.io" => stored(plural),
        "resource.k8s.io" => device(plural),
        "certificates.k8s.io" => certificate(plural),
        "admissionregistration.k8s.io" => admission(plural),
        _ => other(group, plural),
    }
}

fn core(plural: &str) -> Option<Printer> {
    Some(match plural {
        "configmaps" => configuration::config_map,
        "endpoints" => services::endpoints,
        "events" => events::event,
        "limitranges" => configuration::plain,
        "namespaces" => configuration::namespace,
        "nodes" => nodes::node,
        "persistentvolumeclaims" => storage::claim,
        "persistentvolumes" => storage::volume,
        "pods" => pods::pod,
        "podtemplates" => pods::template,
        "replicationcontrollers" => workloads::replication_controller,
        "resourcequotas" => configuration::quota,
        "secrets" => configuration::secret,
        "serviceaccounts" => configuration::named,
        "services" => services::service,
        _ => return None,
    })
}

fn apps(plural: &str) -> Option<Printer> {
    Some(match plural {
        "controllerrevisions" => workloads::controller_revision,
        "daemonsets" => workloads::daemon_set,
        "deployments" => workloads::deployment,
        "replicasets" => workloads::replica_set,
        "statefulsets" => workloads::stateful_set,
        _ => return None,
    })
}

fn networking(plural: &str) -> Option<Printer> {
    Some(match plural {
        "ingressclasses" => network::ingress_class,
        "ingresses" => network::ingress,
        "ipaddresses" => network::ip_address,
        "networkpolicies" => network::network_policy,
        "servicecidrs" => network::service_cidr,
        _ => return None,
    })
}

fn stored(plural: &str) -> Option<Printer> {
    Some(match plural {
        "csidrivers" => storage::driver,
        "csinodes" => storage::driver_node,
        "csistoragecapacities" => configuration::plain,
        "storageclasses" => storage::storage_class,
        "volumeattachments" => storage::attachment,
        "volumeattributesclasses" => storage::attributes_class,
        _ => return None,
    })
}

fn device(plural: &str) -> Option<Printer> {
    Some(match plural {
        "deviceclasses" | "resourceclaimtemplates" => configuration::named,
        "devicetaintrules" => devices::taint,
        "resourceclaims" => devices::claim,
        "resourceslices" => devices::slice,
        _ => return None,
    })
}

fn certificate(plural: &str) -> Option<Printer> {
    Some(match plural {
        "certificatesigningrequests" => access::signing_request,
        "clustertrustbundles" => access::trust_bundle,
        "podcertificaterequests" => access::pod_certificate_request,
        _ => return None,
    })
}

fn admission(plural: &str) -> Option<Printer> {
    Some(match plural {
        "mutatingadmissionpolicies" => extension::mutating_policy,
        "validatingadmissionpolicies" => extension::validating_policy,
        "mutatingadmissionpolicybindings" | "validatingadmissionpolicybindings" => {
            extension::policy_binding
        }
        "mutatingwebhookconfigurations" | "validatingwebhookconfigurations" => extension::webhooks,
        _ => return None,
    })
}

fn other(group: &str, plural: &str) -> Option<Printer> {
    Some(match (group, plural) {
        ("apiextensions.k8s.io", "customresourcedefinitions") => extension::definition,
        ("apiregistration.k8s.io", "apiservices") => extension::api_service,
        ("autoscaling", "horizontalpodautoscalers") => autoscaling::autoscaler,
        ("autoscaling", "scale") => workloads::scale,
        ("batch", "cronjobs") => jobs::cron_job,
        ("batch", "jobs") => jobs::job,
        ("coordination.k8s.io", "leases") => configuration::lease,
        ("discovery.k8s.io", "endpointslices") => services::endpoint_slice,
        ("events.k8s.io", "events") => events::event,
        ("flowcontrol.apiserver.k8s.io", "flowschemas") => flow::schema,
        ("flowcontrol.apiserver.k8s.io", "prioritylevelconfigurations") => flow::priority_level,
        ("node.k8s.io", "runtimeclasses") => configuration::runtime_class,
        ("policy", "poddisruptionbudgets") => workloads::disruption_budget,
        ("rbac.authorization.k8s.io", "clusterrolebindings" | "rolebindings") => access::binding,
        ("rbac.authorization.k8s.io", "clusterroles" | "roles") => configuration::plain,
        ("scheduling.k8s.io", "priorityclasses") => configuration::priority_class,
        ("storagemigration.k8s.io", "storageversionmigrations") => flow::migration,
        _ => return None,
    })
}
