//! The addresses and ports of services. They follow from the version of the write, so that a test
//! that is repeated gets the same ones.

use std::{collections::BTreeSet, net::Ipv4Addr};

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::{
    defaults::{
        self,
        fields::{child, fill, is_empty, items, text},
    },
    request::path::{Key, Target},
    store::{Call, Store},
};

type Object = Map<String, Value>;

impl Store {
    /// The service by which pods reach the API server. Nobody listens there.
    pub(crate) fn create_own_service(&mut self, now: Timestamp) {
        let Some(resource) = self.types.find("", "v1", "services") else {
            return;
        };
        let target = Target::collection(&resource, "default").named("kubernetes");
        let call = Call::by_server(&resource, &target, now);
        let mut value = json!({
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {
                "name": "kubernetes",
                "namespace": "default",
                "labels": { "component": "apiserver", "provider": "kubernetes" },
            },
            "spec": {
                "clusterIP": OWN_ADDRESS.to_string(),
                "ports": [{ "name": "https", "port": 443, "protocol": "TCP", "targetPort": 6443 }],
            },
        });
        defaults::apply(&resource, &mut value);
        // Nothing in it can be refused.
        let _ = self.begin(&call, value, None);
    }

    /// Gives a service what its type needs. What it has already, and does not name, it keeps.
    pub(super) fn allocate(&self, old: Option<&Value>, service: &mut Object) {
        let old = old.and_then(|old| old.get("spec")?.as_object());
        let Some(spec) = child(service, "spec") else {
            return;
        };
        if let Some(old) = old {
            keep(old, spec);
        } else {
            list_address(spec);
        }
        if needs_address(spec) {
            self.address(spec);
            families(spec);
        } else if let Some(old) = old {
            forget(old, spec);
        }
        self.ports(spec);
    }

    fn address(&self, spec: &mut Object) {
        if is_empty(spec, "clusterIP") && is_empty(spec, "clusterIPs") {
            let used: BTreeSet<&str> =
                self.services().filter_map(|spec| spec.get("clusterIP")?.as_str()).collect();
            let free = (0..ADDRESSES).map(|n| address(self.revision, n));
            let Some(free) = free.map(|ip| ip.to_string()).find(|ip| !used.contains(ip.as_str()))
            else {
                return;
            };
            spec.insert("clusterIP".into(), free.into());
        }
        list_address(spec);
    }

    fn ports(&self, spec: &mut Object) {
        let has_ports = has_node_ports(spec)
            && spec.get("allocateLoadBalancerNodePorts") != Some(&Value::Bool(false));
        let is_checked = is_health_checked(spec) && is_empty(spec, "healthCheckNodePort");
        if !has_ports && !is_checked {
            return;
        }
        let mut used: BTreeSet<u64> = self.services().flat_map(node_ports).collect();
        used.extend(node_ports(spec));
        let mut free = (0..PORTS)
            .map(|n| FIRST_PORT + self.revision.wrapping_add(n) % PORTS)
            .filter(|port| !used.contains(port));
        // A port has one number on the node for all its protocols.
        let mut given: Vec<(Value, Value)> = Vec::new();
        for port in items(spec, "ports").filter(|_| has_ports) {
            let number = port.get("port").cloned().unwrap_or_default();
            if is_empty(port, "nodePort") {
                let same = given.iter().find(|(port, _)| *port == number);
                let new = same.map(|(_, given)| given.clone());
                let Some(new) = new.or_else(|| free.next().map(Value::from)) else { return };
                port.insert("nodePort".into(), new);
            }
            given.push((number, port.get("nodePort").cloned().unwrap_or_default()));
        }
        if let (true, Some(port)) = (is_checked, free.next()) {
            spec.insert("healthCheckNodePort".into(), port.into());
        }
    }

    fn services(&self) -> impl Iterator<Item = &Object> {
        let first = Key {
            group: String::new(),
            resource: "services".into(),
            namespace: String::new(),
            name: String::new(),
        };
        self.stored(first, None).filter_map(|(_, object)| object.value.get("spec")?.as_object())
    }
}

/// An address is also the first of a list.
fn list_address(spec: &mut Object) {
    if is_empty(spec, "clusterIPs")
        && !is_empty(spec, "clusterIP")
        && let Some(address) = spec.get("clusterIP").cloned()
    {
        spec.insert("clusterIPs".into(), json!([address]));
    }
}

/// 10.96.0.0/12 without its first addresses, of which the first is that of the API server.
fn address(revision: u64, step: u64) -> Ipv4Addr {
    let offset = u32::try_from(revision.wrapping_add(step) % ADDRESSES).unwrap_or_default();
    Ipv4Addr::from_bits(FIRST_ADDRESS.to_bits() + offset)
}

/// A type that nobody knows is refused later.
fn needs_address(spec: &Object) -> bool {
    text(spec, "type") != "ExternalName"
}

fn has_node_ports(spec: &Object) -> bool {
    matches!(text(spec, "type"), "NodePort" | "LoadBalancer")
}

fn is_health_checked(spec: &Object) -> bool {
    text(spec, "type") == "LoadBalancer" && text(spec, "externalTrafficPolicy") == "Local"
}

fn node_ports(spec: &Object) -> impl Iterator<Item = u64> {
    let ports = spec.get("ports").and_then(Value::as_array).into_iter().flatten();
    let ports = ports.filter_map(|port| port.get("nodePort"));
    ports.chain(spec.get("healthCheckNodePort")).filter_map(Value::as_u64)
}

/// A client that leaves out what was allocated does not mean to change it.
fn keep(old: &Object, spec: &mut Object) {
    if needs_address(old) && needs_address(spec) {
        if is_empty(spec, "clusterIP") && is_empty(spec, "clusterIPs") {
            copy(old, spec, "clusterIP");
        }
        if is_empty(spec, "clusterIPs") && text(old, "clusterIP") == text(spec, "clusterIP") {
            copy(old, spec, "clusterIPs");
        }
        if is_empty(spec, "ipFamilyPolicy") {
            copy(old, spec, "ipFamilyPolicy");
        }
    }
    if has_node_ports(old) && has_node_ports(spec) {
        for port in items(spec, "ports").filter(|port| is_empty(port, "nodePort")) {
            let same = |old: &&Value| {
                ["port", "protocol"].iter().all(|field| old.get(field) == port.get(*field))
            };
            let ports = old.get("ports").and_then(Value::as_array).into_iter().flatten();
            let kept = ports.into_iter().find(same).and_then(|old| old.get("nodePort")).cloned();
            if let Some(kept) = kept {
                port.insert("nodePort".into(), kept);
            }
        }
    }
    if is_health_checked(old) && is_health_checked(spec) && is_empty(spec, "healthCheckNodePort") {
        copy(old, spec, "healthCheckNodePort");
    }
    release_ports(old, spec);
}

/// A service whose type has no ports on nodes any more loses those that it had.
fn release_ports(old: &Object, spec: &mut Object) {
    if has_node_ports(old) && !has_node_ports(spec) {
        let had: BTreeSet<u64> = node_ports(old).collect();
        for port in items(spec, "ports") {
            if port.get("nodePort").and_then(Value::as_u64).is_some_and(|port| had.contains(&port))
            {
                port.remove("nodePort");
            }
        }
        drop_same(old, spec, &["allocateLoadBalancerNodePorts", "externalTrafficPolicy"]);
    }
    if is_health_checked(old) && !is_health_checked(spec) {
        drop_same(old, spec, &["healthCheckNodePort"]);
    }
}

/// A service that becomes a name loses its addresses.
fn forget(old: &Object, spec: &mut Object) {
    if needs_address(old) {
        drop_same(old, spec, &["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"]);
        spec.remove("internalTrafficPolicy");
    }
}

fn drop_same(old: &Object, spec: &mut Object, fields: &[&str]) {
    for field in fields {
        if spec.get(*field) == old.get(*field) {
            spec.remove(*field);
        }
    }
}

fn copy(old: &Object, spec: &mut Object, field: &str) {
    if let Some(value) = old.get(field) {
        spec.insert(field.into(), value.clone());
    }
}

/// The cluster has IPv4 only. A service without an address and without pods to select may have both.
fn families(spec: &mut Object) {
    let is_free = text(spec, "clusterIP") == "None" && is_empty(spec, "selector");
    let policy = if is_free { "RequireDualStack" } else { "SingleStack" };
    fill(spec, "ipFamilyPolicy", &policy.into());
    if is_empty(spec, "ipFamilies") {
        spec.insert("ipFamilies".into(), json!(["IPv4"]));
    }
    if is_free
        && text(spec, "ipFamilyPolicy") != "SingleStack"
        && let Some(families) = spec.get_mut("ipFamilies").and_then(Value::as_array_mut)
        && let [only] = families.as_slice()
    {
        let other = if only == "IPv4" { "IPv6" } else { "IPv4" };
        families.push(other.into());
    }
}

/// The first of the network, as in every cluster.
const OWN_ADDRESS: Ipv4Addr = Ipv4Addr::new(10, 96, 0, 1);
const FIRST_ADDRESS: Ipv4Addr = Ipv4Addr::new(10, 96, 0, 10);
/// Up to the last but one of the network.
const ADDRESSES: u64 = (1 << 20) - 11;
const FIRST_PORT: u64 = 30000;
const PORTS: u64 = 2768;
