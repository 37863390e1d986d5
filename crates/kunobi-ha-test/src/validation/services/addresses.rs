//! The addresses of a service, and their families.

use std::{collections::BTreeSet, net::IpAddr};

use crate::validation::{addresses as ip, field::Field};

pub(super) fn is_headless(spec: &Field) -> bool {
    spec.get("clusterIPs").texts().eq(["None"])
}

pub(super) fn check(spec: &Field, old: Option<&Field>) {
    if spec.get("type").text() == "ExternalName" {
        return;
    }
    let (first, all) = (spec.get("clusterIP").text(), spec.get("clusterIPs"));
    let texts: Vec<&str> = all.texts().collect();
    match texts.first() {
        None if !first.is_empty() => all.required(""),
        Some(_) if first.is_empty() => {
            all.invalid("must be empty when `clusterIP` is not specified");
        }
        Some(ip) if *ip != first => all.invalid("first value must match `clusterIP`"),
        None | Some(_) => {}
    }
    let (mut seen, families) = (BTreeSet::new(), spec.get("ipFamilies"));
    for family in families.items() {
        family.one_of(&["IPv4", "IPv6"]);
        if !seen.insert(family.text()) {
            family.duplicate();
        }
    }
    let policies = ["PreferDualStack", "RequireDualStack", "SingleStack"];
    spec.get("ipFamilyPolicy").one_of_if_set(&policies);
    if !are_valid(&all, old) {
        return;
    }
    if texts.len() > 1 && !ip::is_dual_stack(&texts) {
        all.invalid("may specify no more than one IP for each IP family");
    }
    if is_headless(spec) {
        return;
    }
    for (index, (ip, family)) in all.items().zip(families.texts()).enumerate() {
        let is_new = ip::sloppy(ip.text()).is_some_and(|ip| matches!(ip, IpAddr::V6(_)));
        if (family == "IPv4" && is_new) || (family == "IPv6" && !is_new) {
            let detail =
                format!("expected an {family} value as indicated by `ipFamilies[{index}]`");
            ip.invalid(&detail);
        }
    }
}

fn are_valid(all: &Field, old: Option<&Field>) -> bool {
    let known: Vec<&str> = old.into_iter().flat_map(|old| old.get("clusterIPs").texts()).collect();
    let mut are_valid = true;
    for (index, ip) in all.items().enumerate() {
        if index == 0 && ip.text() == "None" {
            if all.len() > 1 {
                are_valid = false;
                all.invalid("'None' must be the first and only value");
            }
        } else {
            are_valid &= ip.address(ip.text(), &known);
        }
    }
    if all.len() > 2 {
        all.invalid("may only hold up to 2 values");
    }
    are_valid
}

/// An address stays; a second one may come and go.
pub(super) fn changes(spec: &Field, old: &Field) {
    let kind = |spec: &Field| spec.get("type").text() == "ExternalName";
    if !kind(spec) && !kind(old) {
        if !(is_headless(spec) && is_headless(old)) {
            kept(spec, old, "clusterIPs", "clusterIP");
        }
        if !is_headless(spec) && !is_headless(old) {
            kept(spec, old, "ipFamilies", "ipFamily");
        }
    }
    let is_balanced = |spec: &Field| spec.get("type").text() == "LoadBalancer";
    if is_balanced(spec) && is_balanced(old) {
        let (class, was) = (spec.get("loadBalancerClass"), old.get("loadBalancerClass"));
        if class.value() != was.value() {
            class.invalid("may not change once set");
        }
        let is_checked = |spec: &Field| spec.get("externalTrafficPolicy").text() == "Local";
        let (port, was) = (spec.get("healthCheckNodePort"), old.get("healthCheckNodePort"));
        if is_checked(spec) && is_checked(old) && port.integer() != was.integer() {
            port.forbidden("field is immutable");
        }
    }
}

fn kept(spec: &Field, old: &Field, field: &'static str, name: &str) {
    let (new, old) = (spec.get(field), old.get(field));
    let (texts, was): (Vec<&str>, Vec<&str>) = (new.texts().collect(), old.texts().collect());
    let changed = "may not change once set";
    if texts.len() == was.len() {
        for (index, _) in texts.iter().zip(&was).enumerate().filter(|(_, (new, old))| new != old) {
            let index = if field == "clusterIPs" { index } else { 0 };
            new.item(index, new.value()).invalid(changed);
        }
        return;
    }
    let first = new.item(0, new.value());
    if was.len() > texts.len() && spec.get("clusterIPs").len() == 0 {
        first.invalid(&format!("primary {name} can not be unset"));
    }
    if let (Some(new), Some(old)) = (texts.first(), was.first())
        && new != old
    {
        first.with(spec.get("clusterIPs").value()).invalid(changed);
    }
    let policy = spec.get("ipFamilyPolicy");
    if was.len() > texts.len() && texts.len() == 1 && policy.text() != "SingleStack" {
        let detail = format!("must be set to 'SingleStack' when releasing the secondary {name}");
        policy.invalid(&detail);
    }
}
