//! What a pod has of its host, and which names it knows.

use super::{Context, containers};
use crate::validation::{field::Field, texts};

/// With the network of the host, its ports are those of the containers.
pub(super) fn ports(context: &Context) {
    if !context.spec.get("hostNetwork").is_true() {
        return;
    }
    for container in context.spec.get("containers").items() {
        for port in container.get("ports").items() {
            let (host, inner) = (port.get("hostPort"), port.get("containerPort").integer());
            if (context.is_pod || host.integer() != 0) && host.integer() != inner {
                host.wrong_number("must match `containerPort` when `hostNetwork` is true");
            }
        }
    }
}

pub(super) fn dns(config: &Field, policy: &str) {
    let servers = config.get("nameservers");
    if policy == "None" {
        if !config.is_set() {
            config.required("must provide `dnsConfig` when `dnsPolicy` is None");
            return;
        }
        if servers.len() == 0 {
            let detail = "must provide at least one DNS nameserver when `dnsPolicy` is None";
            servers.required(detail);
            return;
        }
    }
    if servers.len() > 3 {
        servers.invalid("must not have more than 3 nameservers");
    }
    for server in servers.items() {
        server.address(server.text(), &[]);
    }
    let searches = config.get("searches");
    if searches.len() > 32 {
        searches.invalid("must not have more than 32 search paths");
    }
    if searches.texts().collect::<Vec<_>>().join(" ").len() > 2048 {
        let detail =
            "must not have more than 2048 characters (including spaces) in the search list";
        searches.invalid(detail);
    }
    for search in searches.items().filter(|search| search.text() != ".") {
        let domain = search.text().strip_suffix('.').unwrap_or(search.text());
        search.each_of(domain, texts::search_domain(domain));
    }
    for option in config.get("options").items() {
        if option.get("name").text().is_empty() {
            option.required("must not be empty");
        }
    }
}

pub(super) fn users(spec: &Field) {
    if spec.get("hostUsers").value().as_bool() != Some(false) {
        return;
    }
    let detail = "when `hostUsers` is false";
    for (field, name) in
        [("hostNetwork", "hostNetwork"), ("hostPID", "HostPID"), ("hostIPC", "HostIPC")]
    {
        if spec.get(field).is_true() {
            spec.get(name).forbidden(detail);
        }
    }
    for container in containers(spec) {
        if container.get("volumeDevices").len() > 0 {
            container.get("volumeDevices").forbidden(detail);
        }
    }
}

pub(super) fn name(spec: &Field) {
    let name = spec.get("hostnameOverride");
    if !name.is_set() {
        return;
    }
    if spec.get("setHostnameAsFQDN").is_true() {
        name.forbidden("may not be specified when setHostnameAsFQDN is true");
    }
    if spec.get("hostNetwork").is_true() {
        name.forbidden("may not be specified when hostNetwork is true");
    }
    if name.text().len() > 64 {
        name.too_long(64);
    }
    name.dns_subdomain();
}
