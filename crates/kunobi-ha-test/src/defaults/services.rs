//! Services and network policies.

use serde_json::{Map, Value, json};

use super::fields::{child, fill, fill_zero, is_empty, items, text};

pub(super) fn service(service: &mut Map<String, Value>) {
    let Some(spec) = child(service, "spec") else {
        return;
    };
    affinity(spec);
    for port in items(spec, "ports") {
        if let Some(number) = port.get("port").cloned() {
            fill_zero(port, "targetPort", &number);
        }
    }
    // The constants of the spec are filled in after those of the service.
    let kind = match text(spec, "type") {
        "" => "ClusterIP".to_owned(),
        kind => kind.to_owned(),
    };
    let has_external_addresses = !is_empty(spec, "externalIPs");
    if matches!(kind.as_str(), "NodePort" | "LoadBalancer")
        || (kind == "ClusterIP" && has_external_addresses)
    {
        fill_zero(spec, "externalTrafficPolicy", &"Cluster".into());
    }
    if matches!(kind.as_str(), "ClusterIP" | "NodePort" | "LoadBalancer") {
        fill(spec, "internalTrafficPolicy", &"Cluster".into());
    }
    if kind == "LoadBalancer" {
        fill(spec, "allocateLoadBalancerNodePorts", &true.into());
        if let Some(status) = child(service, "status")
            && let Some(balancer) = child(status, "loadBalancer")
        {
            for ingress in items(balancer, "ingress").filter(|entry| !is_empty(entry, "ip")) {
                fill(ingress, "ipMode", &"VIP".into());
            }
        }
    }
}

/// Three hours, if nothing else is stated.
fn affinity(spec: &mut Map<String, Value>) {
    match text(spec, "sessionAffinity") {
        "" | "None" => drop(spec.remove("sessionAffinityConfig")),
        "ClientIP" => {
            let config = spec.get("sessionAffinityConfig");
            let seconds = config.and_then(|config| config.get("clientIP")?.get("timeoutSeconds"));
            if seconds.is_none() {
                let config = json!({ "clientIP": { "timeoutSeconds": 10800 } });
                spec.insert("sessionAffinityConfig".into(), config);
            }
        }
        _ => {}
    }
}

/// A policy is about what comes in, and about what goes out if it has rules for that.
pub(super) fn policy_types(spec: &mut Map<String, Value>) {
    let types =
        if is_empty(spec, "egress") { json!(["Ingress"]) } else { json!(["Ingress", "Egress"]) };
    fill_zero(spec, "policyTypes", &types);
}
