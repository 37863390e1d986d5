//! Services, and the endpoints behind them.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    View,
    field::{filled, joined, list, number, quantity, set, text},
    labels,
};

/// So many endpoints or ports are shown.
const SHOWN: usize = 3;

pub(super) fn service(view: &View<'_>) -> Vec<Value> {
    let service = view.value;
    cells![
        view.name(),
        text(service, "/spec/type"),
        set(service, "/spec/clusterIPs/0").unwrap_or("<none>"),
        external(service),
        ports(service),
        view.age(),
        labels::labels(service, "/spec/selector"),
    ]
}

pub(super) fn endpoints(view: &View<'_>) -> Vec<Value> {
    let mut all = Vec::new();
    let subsets = list(view.value, "/subsets");
    for subset in subsets {
        let addresses = || list(subset, "/addresses").iter().map(|it| text(it, "/ip"));
        let ports = list(subset, "/ports");
        if ports.is_empty() {
            all.extend(addresses().map(str::to_owned));
        }
        for port in ports {
            let port = number(port, "/port");
            all.extend(addresses().map(|address| match address {
                v6 if v6.contains(':') => format!("[{v6}]:{port}"),
                v4 => format!("{v4}:{port}"),
            }));
        }
    }
    let shown = if subsets.is_empty() { "<none>".into() } else { shortened(&all) };
    cells![view.name(), shown, view.age()]
}

pub(super) fn endpoint_slice(view: &View<'_>) -> Vec<Value> {
    let ports = list(view.value, "/ports").iter().map(|port| {
        quantity(port, "/port").unwrap_or_else(|| set(port, "/name").unwrap_or("*").into())
    });
    let endpoints = list(view.value, "/endpoints").iter();
    let addresses = endpoints.flat_map(|endpoint| list(endpoint, "/addresses"));
    let addresses = addresses.filter_map(|address| address.as_str().map(str::to_owned));
    let or_unset = |shown: String| if shown.is_empty() { "<unset>".to_owned() } else { shown };
    cells![
        view.name(),
        text(view.value, "/addressType"),
        or_unset(shortened(&ports.collect::<Vec<_>>())),
        or_unset(shortened(&addresses.collect::<Vec<_>>())),
        view.age(),
    ]
}

/// The addresses that a load balancer has reported.
pub(super) fn balancer(object: &Value) -> String {
    let ingress = list(object, "/status/loadBalancer/ingress").iter();
    let addresses: BTreeSet<&str> = ingress
        .map(|it| filled(it, "/ip", text(it, "/hostname")))
        .filter(|address| !address.is_empty())
        .collect();
    addresses.into_iter().collect::<Vec<_>>().join(",")
}

/// The first ones, and how many more there are.
pub(super) fn shortened(all: &[String]) -> String {
    match all {
        [a, b, c, _, ..] => format!("{a},{b},{c} + {} more...", all.len() - SHOWN),
        _ => all.join(","),
    }
}

fn external(service: &Value) -> String {
    let stated = joined(service, "/spec/externalIPs");
    match text(service, "/spec/type") {
        "ClusterIP" | "NodePort" if stated.is_empty() => "<none>".into(),
        "ClusterIP" | "NodePort" => stated,
        "LoadBalancer" => match (balancer(service), stated) {
            (balanced, stated) if balanced.is_empty() && stated.is_empty() => "<pending>".into(),
            (balanced, stated) if stated.is_empty() => balanced,
            (balanced, stated) if balanced.is_empty() => stated,
            (balanced, stated) => format!("{balanced},{stated}"),
        },
        "ExternalName" => text(service, "/spec/externalName").into(),
        _ => "<unknown>".into(),
    }
}

fn ports(service: &Value) -> String {
    let ports = list(service, "/spec/ports").iter().map(|port| {
        let (inside, protocol) = (number(port, "/port"), text(port, "/protocol"));
        match number(port, "/nodePort") {
            outside @ 1.. => format!("{inside}:{outside}/{protocol}"),
            _ => format!("{inside}/{protocol}"),
        }
    });
    let ports: Vec<String> = ports.collect();
    if ports.is_empty() { "<none>".into() } else { ports.join(",") }
}
