//! Probes, and what runs at the beginning and at the end of a container.

use super::Context;
use crate::validation::{field::Field, texts};

pub(super) fn probes(container: &Field) {
    for name in ["livenessProbe", "readinessProbe", "startupProbe"] {
        let probe = container.get(name);
        if !probe.is_set() {
            continue;
        }
        check(&probe);
        if name == "readinessProbe" {
            let grace = probe.get("terminationGracePeriodSeconds");
            if grace.is_set() {
                grace.invalid("must not be set for readinessProbes");
            }
        } else if probe.get("successThreshold").integer() != 1 {
            probe.get("successThreshold").wrong_number("must be 1");
        }
    }
}

pub(super) fn lifecycle(container: &Field, context: &Context) {
    let lifecycle = container.get("lifecycle");
    let grace = context.spec.get("terminationGracePeriodSeconds").number();
    for name in ["postStart", "preStop"] {
        if lifecycle.get(name).is_set() {
            handler(&lifecycle.get(name), &["exec", "httpGet", "tcpSocket", "sleep"], grace);
        }
    }
}

fn check(probe: &Field) {
    handler(probe, &["exec", "httpGet", "tcpSocket", "grpc"], None);
    for field in [
        "initialDelaySeconds",
        "timeoutSeconds",
        "periodSeconds",
        "successThreshold",
        "failureThreshold",
    ] {
        probe.get(field).not_negative();
    }
    let grace = probe.get("terminationGracePeriodSeconds");
    if grace.number().is_some_and(|grace| grace <= 0) {
        grace.invalid("must be greater than 0");
    }
}

fn handler(handler: &Field, kinds: &[&'static str], grace: Option<i64>) {
    let mut count = 0;
    for kind in kinds.iter().copied().filter(|kind| handler.get(kind).is_set()) {
        count += 1;
        if count > 1 {
            handler.get(kind).forbidden("may not specify more than 1 handler type");
        } else {
            action(&handler.get(kind), kind, grace);
        }
    }
    if count == 0 {
        handler.required("must specify a handler type");
    }
}

fn action(action: &Field, kind: &str, grace: Option<i64>) {
    match kind {
        "exec" if action.get("command").len() == 0 => action.get("command").required(""),
        "httpGet" => request(action),
        "tcpSocket" => action.get("port").port(),
        "grpc" => {
            action.get("port").port_number();
            action.get("mode").one_of_if_set(&["Plaintext", "TLS"]);
        }
        "sleep" => {
            let seconds = action.get("seconds").integer();
            if let Some(grace) = grace.filter(|grace| !(0..=*grace).contains(&seconds)) {
                let detail = format!(
                    "must be non-negative and less than terminationGracePeriodSeconds ({grace})"
                );
                action.invalid_as(&seconds.into(), &detail);
            }
        }
        _ => {}
    }
}

fn request(request: &Field) {
    request.get("path").required_text();
    request.get("port").port();
    request.get("scheme").one_of(&["HTTP", "HTTPS"]);
    for header in request.get("httpHeaders").items() {
        let name = header.get("name").text();
        request.get("httpHeaders").each_of(name, texts::header(name));
    }
    let protocol = request.get("protocol");
    if protocol.is_set() {
        protocol.one_of(&["HTTP1", "HTTP2"]);
        if protocol.text() == "HTTP2" && request.get("scheme").text() != "HTTP" {
            protocol.invalid("is only supported with HTTP (H2C)");
        } else if protocol.text() == "HTTP2" && !request.get("host").text().is_empty() {
            request.get("host").invalid("must be empty when `protocol` is \"HTTP2\"");
        }
    }
}
