//! Ingresses and network policies.

mod policies;

use super::{addresses::sloppy, field::Field, services::entry_points, texts};

pub(super) use self::policies::network_policy;

pub(super) fn ingress(object: &Field, old: Option<&Field>) {
    let spec = object.get("spec");
    let (backend_field, rules) = (spec.get("defaultBackend"), spec.get("rules"));
    if rules.len() == 0 && !backend_field.is_set() {
        let detail = "either `defaultBackend` or `rules` must be specified";
        spec.invalid_as(rules.value(), detail);
    }
    if backend_field.is_set() {
        backend(&backend_field);
    }
    rules.items().for_each(|rule| check_rule(&rule));
    for tls in spec.get("tls").items() {
        for host in tls.get("hosts").items() {
            host.each(host_problems(host.text()));
        }
        tls.get("secretName").name_if_any();
    }
    let class = spec.get("ingressClassName");
    if class.is_set() {
        class.dns_subdomain();
    }
    let annotation = object.get("metadata").get("annotations").get(CLASS);
    let differ = annotation.is_set() && class.is_set() && annotation.text() != class.text();
    if old.is_none() && differ {
        let place = object.get("annotations").get(CLASS).with(annotation.value());
        place.invalid("must match `ingressClassName` when both are specified");
    }
}

pub(super) fn ingress_status(object: &Field, old: &Field) {
    let ingress = object.get("status").get("loadBalancer").get("ingress");
    let was = old.get("status").get("loadBalancer").get("ingress");
    entry_points(&ingress, &was, |_| {});
}

pub(super) fn ingress_class(object: &Field, old: Option<&Field>) {
    let spec = object.get("spec");
    let (controller, parameters) = (spec.get("controller"), spec.get("parameters"));
    if let Some(old) = old {
        controller.immutable(&old.get("spec").get("controller"));
    }
    if controller.text().len() > 250 {
        controller.too_long(250);
    }
    if !controller.text().is_empty() {
        controller.domain_prefixed_path();
    }
    if parameters.is_set() {
        check_parameters(&parameters);
    }
    controller.required_text();
    if parameters.is_set() {
        parameters.get("kind").required_text();
        parameters.get("name").required_text();
    }
}

fn check_parameters(parameters: &Field) {
    parameters.get("apiGroup").name_if_any();
    for field in ["kind", "name"] {
        parameters.get(field).path_segment();
    }
    let (scope, namespace) = (parameters.get("scope"), parameters.get("namespace"));
    scope.one_of(&["Cluster", "Namespace"]);
    match scope.text() {
        "Namespace" if namespace.text().is_empty() => {
            namespace.required("`parameters.scope` is set to 'Namespace'");
        }
        "Namespace" => namespace.dns_label(),
        "Cluster" if namespace.is_set() => {
            namespace.forbidden("`parameters.scope` is set to 'Cluster'");
        }
        _ => {}
    }
}

fn check_rule(rule: &Field) {
    let host = rule.get("host");
    if !host.text().is_empty() {
        if sloppy(host.text()).is_some() {
            host.invalid("must be a DNS name, not an IP address");
        }
        host.each(host_problems(host.text()));
    }
    let paths = rule.get("http").get("paths");
    if rule.get("http").is_set() && paths.len() == 0 {
        paths.required("");
    }
    paths.items().for_each(|path| check_path(&path));
}

fn host_problems(host: &str) -> Vec<String> {
    if host.contains('*') { texts::wildcard(host) } else { texts::dns_subdomain(host) }
}

fn check_path(item: &Field) {
    let (kind, path) = (item.get("pathType"), item.get("path"));
    if !kind.is_set() {
        kind.required("pathType must be specified");
        return;
    }
    let is_absolute = path.text().starts_with('/');
    match kind.text() {
        "Exact" | "Prefix" => {
            if !is_absolute {
                path.wrong_text("must be an absolute path");
            }
            for part in ["//", "/./", "/../", "%2f", "%2F"] {
                if path.text().contains(part) {
                    path.invalid(&format!("must not contain '{part}'"));
                }
            }
            for end in ["/..", "/."] {
                if path.text().ends_with(end) {
                    path.invalid(&format!("cannot end with '{end}'"));
                }
            }
        }
        "ImplementationSpecific" if !path.text().is_empty() && !is_absolute => {
            path.invalid("must be an absolute path");
        }
        _ => kind.one_of(&["Exact", "ImplementationSpecific", "Prefix"]),
    }
    backend(&item.get("backend"));
}

fn backend(backend: &Field) {
    let (resource, service) = (backend.get("resource"), backend.get("service"));
    let wrong = |detail: &str| backend.invalid_as(&"".into(), detail);
    match (resource.is_set(), service.is_set()) {
        (true, true) => wrong("cannot set both resource and service backends"),
        (false, false) => wrong("resource or service backend is required"),
        (true, false) => {
            resource.get("apiGroup").name_if_any();
            for field in ["kind", "name"] {
                if resource.get(field).required_text() {
                    resource.get(field).path_segment();
                }
            }
        }
        (false, true) => {
            if service.get("name").required_text() {
                service.get("name").dns_label();
            }
            let port = service.get("port");
            let (name, number) = (port.get("name"), port.get("number"));
            match (name.text().is_empty(), number.integer() == 0) {
                (false, false) => wrong("cannot set both port name & port number"),
                (false, true) => name.each(texts::port_name(name.text())),
                (true, false) => number.port_number(),
                (true, true) => backend.required("port name or number is required"),
            }
        }
    }
}

const CLASS: &str = "kubernetes.io/ingress.class";
