//! Network policies.

use serde_json::Value;

use crate::validation::{field::Field, texts};

pub(in crate::validation) fn network_policy(object: &Field, old: Option<&Field>) {
    let spec = object.get("spec");
    let known: Vec<&str> = old.map(|old| networks(&old.get("spec"))).unwrap_or_default();
    spec.get("podSelector").label_selector();
    let mut late = Vec::new();
    for (direction, side) in [("ingress", "from"), ("egress", "to")] {
        for rule in spec.get(direction).items() {
            rule.get("ports").items().for_each(|port| check_port(&port));
            for peer in rule.get(side).items() {
                check_peer(&peer, &known, &mut late);
            }
        }
    }
    let types = spec.get("policyTypes");
    if types.len() > 2 {
        types.invalid("may not specify more than two policyTypes");
    } else {
        types.items().for_each(|kind| kind.one_of(&["Ingress", "Egress"]));
    }
    // One of kube-apiserver's newer checks, which come last.
    for network in late {
        network.required("");
    }
}

fn networks<'a>(spec: &Field<'a>) -> Vec<&'a str> {
    let mut found = Vec::new();
    for (direction, side) in [("ingress", "from"), ("egress", "to")] {
        for rule in spec.get(direction).items() {
            for peer in rule.get(side).items() {
                let block = peer.get("ipBlock");
                found.push(block.get("cidr").text());
                found.extend(block.get("except").texts());
            }
        }
    }
    found
}

fn check_port(item: &Field) {
    let (port, end) = (item.get("port"), item.get("endPort"));
    item.get("protocol").one_of_if_set(&["TCP", "UDP", "SCTP"]);
    match port.value() {
        Value::Null if end.is_set() => {
            end.invalid("may not be specified when `port` is not specified");
        }
        Value::Null => {}
        Value::String(name) => {
            if end.is_set() {
                end.invalid("may not be specified when `port` is non-numeric");
            }
            port.each(texts::port_name(name));
        }
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            port.port_number();
            if end.is_set() {
                if end.integer() < port.integer() {
                    end.invalid("must be greater than or equal to `port`");
                }
                end.port_number();
            }
        }
    }
}

fn check_peer<'a>(peer: &Field<'a>, known: &[&str], late: &mut Vec<Field<'a>>) {
    let kinds = ["podSelector", "namespaceSelector", "ipBlock"].map(|kind| peer.get(kind));
    let [pods, namespaces, block] = &kinds;
    pods.label_selector();
    namespaces.label_selector();
    if block.is_set() {
        check_block(block, known, late);
    }
    match kinds.iter().filter(|kind| kind.is_set()).count() {
        0 => peer.required("must specify a peer"),
        2.. if block.is_set() => peer.forbidden("may not specify both ipBlock and another peer"),
        _ => {}
    }
}

fn check_block<'a>(block: &Field<'a>, known: &[&str], late: &mut Vec<Field<'a>>) {
    let all = block.get("cidr");
    if all.text().is_empty() {
        late.push(all);
        return;
    }
    let Some(network) = all.network(all.text(), known) else {
        return;
    };
    for except in block.get("except").items() {
        if let Some(part) = except.network(except.text(), known)
            && !network.contains(part)
        {
            except.invalid("must be a strict subset of `cidr`");
        }
    }
}
