//! Services.

mod addresses;

use std::collections::BTreeSet;

use super::{addresses as ip, field::Field, internal, texts};
use serde_json::json;

pub(super) fn service(object: &Field, old: Option<&Field>) {
    let spec = object.get("spec");
    if let Some(old) = old {
        addresses::changes(&spec, &old.get("spec"));
    }
    let (kind, ports) = (spec.get("type").text(), spec.get("ports"));
    let is_headless = addresses::is_headless(&spec);
    if ports.len() == 0 && !is_headless && kind != "ExternalName" {
        ports.required("");
    }
    let place = spec.get("clusterIPs").item(0, &serde_json::Value::Null);
    match kind {
        "LoadBalancer" | "NodePort" if is_headless => {
            let detail = format!("may not be set to 'None' for {kind} services");
            place.invalid_as(&"None".into(), &detail);
        }
        "ExternalName" => external_name(&spec),
        _ => {}
    }
    let mut names = BTreeSet::new();
    ports.items().for_each(|port| service_port(&port, ports.len() > 1, &mut names));
    spec.get("selector").labels();
    affinity(&spec);
    let was = old.map(|old| old.get("spec"));
    addresses::check(&spec, was.as_ref());
    external_addresses(&spec, was.as_ref());
    spec.get("type").required_one_of(&["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"]);
    same_ports(&spec);
    balancer(object, old);
    traffic(&spec);
}

pub(super) fn service_status(object: &Field, old: &Field) {
    let ingress = object.get("status").get("loadBalancer").get("ingress");
    if object.get("spec").get("type").text() != "LoadBalancer" && ingress.len() > 0 {
        ingress.forbidden("may only be used when `spec.type` is 'LoadBalancer'");
        return;
    }
    let was = old.get("status").get("loadBalancer").get("ingress");
    entry_points(&ingress, &was, |entry| {
        let (address, mode) = (entry.get("ip"), entry.get("ipMode"));
        match (address.text().is_empty(), mode.is_set()) {
            (false, false) => mode.required("must be specified when `ip` is set"),
            (true, true) => mode.forbidden("may not be specified when `ip` is not set"),
            (false, true) => mode.one_of(&["Proxy", "VIP"]),
            (true, false) => {}
        }
    });
}

/// Where a balancer can be reached.
pub(super) fn entry_points<'a>(ingress: &Field<'a>, old: &Field<'a>, more: impl Fn(&Field<'a>)) {
    let known: Vec<&str> = old.items().map(|entry| entry.get("ip").text()).collect();
    for entry in ingress.items() {
        let (address, host) = (entry.get("ip"), entry.get("hostname"));
        if !address.text().is_empty() {
            address.address(address.text(), &known);
        }
        more(&entry);
        if !host.text().is_empty() {
            host.dns_subdomain();
            if ip::sloppy(host.text()).is_some() {
                host.invalid("must be a DNS name, not an IP address");
            }
        }
    }
}

fn external_name(spec: &Field) {
    let detail = "may not be set for ExternalName services";
    for field in ["clusterIPs", "ipFamilies"] {
        if spec.get(field).len() > 0 {
            spec.get(field).forbidden(detail);
        }
    }
    if spec.get("ipFamilyPolicy").is_set() {
        spec.get("ipFamilyPolicy").forbidden(detail);
    }
    let name = spec.get("externalName");
    let host = name.text().strip_suffix('.').unwrap_or(name.text());
    if host.is_empty() {
        name.required("");
    } else {
        name.each_of(host, texts::dns_subdomain(host));
    }
}

fn service_port<'a>(port: &Field<'a>, needs_name: bool, names: &mut BTreeSet<&'a str>) {
    let name = port.get("name");
    if !name.text().is_empty() {
        name.dns_label();
        if !names.insert(name.text()) {
            name.duplicate();
        }
    } else if needs_name {
        name.required("");
    }
    port.get("port").port_number();
    port.get("protocol").required_one_of(&["SCTP", "TCP", "UDP"]);
    port.get("targetPort").port();
    if port.get("appProtocol").is_set() {
        port.get("appProtocol").qualified_name();
    }
}

fn affinity(spec: &Field) {
    let (affinity, config) = (spec.get("sessionAffinity"), spec.get("sessionAffinityConfig"));
    affinity.required_one_of(&["ClientIP", "None"]);
    match affinity.text() {
        "ClientIP" => {
            let detail = "when session affinity type is ClientIP";
            let (client, seconds) =
                (config.get("clientIP"), config.get("clientIP").get("timeoutSeconds"));
            if let Some(missing) = [config, client, seconds.clone()].iter().find(|f| !f.is_set()) {
                missing.required(detail);
            } else if !(1..=86400).contains(&seconds.integer()) {
                seconds.invalid("must be greater than 0 and less than 86400");
            }
        }
        "None" if config.is_set() => {
            config.forbidden("must not be set when session affinity is None");
        }
        _ => {}
    }
}

fn external_addresses(spec: &Field, old: Option<&Field>) {
    let known: Vec<&str> = old.into_iter().flat_map(|old| old.get("externalIPs").texts()).collect();
    for ip in spec.get("externalIPs").items() {
        if ip.address(ip.text(), &known) {
            ip.endpoint_address(ip.text());
        }
    }
}

fn same_ports(spec: &Field) {
    let ports = spec.get("ports");
    let with_node_ports = || ports.items().filter(|port| port.get("nodePort").integer() != 0);
    if spec.get("type").text() == "ClusterIP" {
        for port in with_node_ports() {
            port.get("nodePort").forbidden("may not be used when `type` is 'ClusterIP'");
        }
    }
    let mut seen = BTreeSet::new();
    for port in with_node_ports() {
        if !seen.insert((port.get("protocol").text(), port.get("nodePort").integer())) {
            port.get("nodePort").duplicate();
        }
    }
    let mut seen = BTreeSet::new();
    for port in ports.items() {
        let (protocol, number) = (port.get("protocol").text(), port.get("port").integer());
        if !seen.insert((protocol, number)) {
            let key = json!({ "protocol": protocol, "port": number });
            port.duplicate_internal(&internal::compact("ServicePort", &key));
        }
    }
}

fn balancer(object: &Field, old: Option<&Field>) {
    let spec = object.get("spec");
    let is_balanced = spec.get("type").text() == "LoadBalancer";
    let detail = "may only be used when `type` is 'LoadBalancer'";
    let ranges = spec.get("loadBalancerSourceRanges");
    let known: Vec<&str> = old
        .into_iter()
        .flat_map(|old| old.get("spec").get("loadBalancerSourceRanges").texts().map(str::trim))
        .collect();
    let place = spec.get("LoadBalancerSourceRanges").with(ranges.value());
    if place.len() > 0 {
        if !is_balanced {
            place.forbidden(detail);
        }
        for range in place.items() {
            range.network(range.text().trim(), &known);
        }
    }
    let allocates = spec.get("allocateLoadBalancerNodePorts");
    if allocates.is_set() && !is_balanced {
        allocates.forbidden(detail);
    }
    let class = spec.get("loadBalancerClass");
    if class.is_set() && is_balanced {
        class.qualified_name();
    } else if class.is_set() {
        class.forbidden(detail);
    }
}

fn traffic(spec: &Field) {
    let (kind, policy) = (spec.get("type").text(), spec.get("externalTrafficPolicy"));
    let is_reached = matches!(kind, "LoadBalancer" | "NodePort")
        || kind == "ClusterIP" && spec.get("externalIPs").len() > 0;
    if is_reached {
        policy.required_one_of(&["Cluster", "Local"]);
    } else if !policy.text().is_empty() {
        policy.invalid("may only be set for externally-accessible services");
    }
    let port = spec.get("healthCheckNodePort");
    if kind == "LoadBalancer" && policy.text() == "Local" {
        if port.integer() == 0 {
            port.required("");
        } else {
            port.port_number();
        }
    } else if port.integer() != 0 {
        port.invalid(
            "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
        );
    }
    let inner = spec.get("internalTrafficPolicy");
    if !inner.is_set() && matches!(kind, "NodePort" | "LoadBalancer" | "ClusterIP") {
        inner.required("");
    }
    inner.one_of_if_set(&["Cluster", "Local"]);
    let known = ["PreferClose", "PreferSameZone", "PreferSameNode"];
    spec.get("trafficDistribution").one_of_if_set(&known);
}
