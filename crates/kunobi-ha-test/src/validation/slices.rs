//! The endpoints of services.

use std::collections::BTreeSet;

use super::{addresses::sloppy, field::Field, names::label_value, texts};

pub(super) fn slice(object: &Field, old: Option<&Field>) {
    let (kind, endpoints) = (object.get("addressType"), object.get("endpoints"));
    ports(&object.get("ports"));
    let is_same =
        old.is_some_and(|old| super::checks::same(old.get("endpoints").value(), endpoints.value()));
    if endpoints.len() > 1000 {
        endpoints.too_many(1000);
    } else if !is_same {
        endpoints.items().for_each(|endpoint| check_endpoint(&endpoint, kind.text()));
    }
    if let Some(old) = old {
        kind.fixed(&old.get("addressType"));
    }
    kind.required_one_of(&["FQDN", "IPv4", "IPv6"]);
    for addresses in endpoints.items().map(|endpoint| endpoint.get("addresses")) {
        match addresses.len() {
            0 => addresses.required(""),
            1..=100 => {}
            _ => addresses.too_many(100),
        }
    }
}

fn ports(ports: &Field) {
    if ports.len() > 20_000 {
        ports.too_many(20_000);
        return;
    }
    let mut names = BTreeSet::new();
    for port in ports.items() {
        let name = port.get("name");
        if !name.text().is_empty() {
            name.dns_label();
        }
        name.unique(&mut names);
        if port.get("protocol").is_set() {
            port.get("protocol").one_of(&["SCTP", "TCP", "UDP"]);
        } else {
            port.get("protocol").required("");
        }
        if port.get("appProtocol").is_set() {
            port.get("appProtocol").qualified_name();
        }
    }
}

fn check_endpoint(endpoint: &Field, kind: &str) {
    let addresses = endpoint.get("addresses");
    for address in addresses.items() {
        let text = address.text();
        match kind {
            "IPv4" if address.address(text, &[]) => {
                if !sloppy(text).is_some_and(|ip| ip.is_ipv4()) {
                    addresses.invalid_as(&text.into(), "must be an IPv4 address");
                }
                address.endpoint_address(text);
            }
            "IPv6" if address.canonical_address(text) => {
                if !sloppy(text).is_some_and(|ip| ip.is_ipv6()) {
                    addresses.invalid_as(&text.into(), "must be an IPv6 address");
                }
                address.endpoint_address(text);
            }
            "FQDN" => domain(&address),
            _ => {}
        }
    }
    if endpoint.get("nodeName").is_set() {
        endpoint.get("nodeName").dns_subdomain();
    }
    let topology = endpoint.get("deprecatedTopology");
    if topology.len() > 16 {
        topology.too_many(16);
    }
    topology.labels();
    if endpoint.get("hostname").is_set() {
        endpoint.get("hostname").dns_label();
    }
    hints(&endpoint.get("hints"));
}

fn domain(address: &Field) {
    if !address.required_text() {
        return;
    }
    let name = address.text().strip_suffix('.').unwrap_or(address.text());
    let problems = texts::dns_subdomain(name);
    if !problems.is_empty() {
        address.invalid_as(&name.into(), &problems.join(","));
    } else if !name.contains('.') {
        let detail = "should be a domain with at least two segments separated by dots";
        address.invalid_as(&name.into(), detail);
    } else if let Some(label) = name.split('.').find(|label| !texts::dns_label(label).is_empty()) {
        address.invalid_as(&label.into(), &texts::dns_label(label).join(","));
    }
}

fn hints(hints: &Field) {
    for (field, problems) in
        [("forZones", label_value as fn(&str) -> Vec<String>), ("forNodes", texts::dns_subdomain)]
    {
        let list = hints.get(field);
        if list.len() > 8 {
            list.too_many(8);
            return;
        }
        let mut seen = BTreeSet::new();
        for name in list.items().map(|item| item.get("name")) {
            name.unique(&mut seen);
            name.each(problems(name.text()));
        }
    }
}
