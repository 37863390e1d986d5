//! Containers: plain ones, those that run before them, and those that are added later.

use std::collections::BTreeSet;

use super::{Context, environment, handlers, mounts, security};
use crate::validation::{field::Field, resources, texts};

pub(super) fn plain(containers: &Field, context: &Context) {
    if containers.len() == 0 {
        containers.required("");
        return;
    }
    let mut names = BTreeSet::new();
    for container in containers.items() {
        common(&container, context);
        container.get("name").unique(&mut names);
        handlers::lifecycle(&container, context);
        handlers::probes(&container);
        restarts(&container);
    }
    host_ports(containers.items());
}

pub(super) fn init(containers: &Field, context: &Context) {
    let plain = context.spec.get("containers");
    let mut names: BTreeSet<&str> =
        plain.items().map(|container| container.get("name").text()).collect();
    for container in containers.items() {
        common(&container, context);
        let policy = container.get("restartPolicy");
        if policy.is_set() || container.get("restartPolicyRules").len() > 0 {
            restarts(&container);
        }
        if names.contains(container.get("name").text()) {
            container.get("name").duplicate();
        } else if !container.get("name").text().is_empty() {
            names.insert(container.get("name").text());
        }
        // They run one by one. kube-apiserver names the first one, whichever it is.
        host_ports(std::iter::once(containers.item(0, container.value())));
        if policy.text() == "Always" {
            handlers::lifecycle(&container, context);
            handlers::probes(&container);
        } else {
            for field in ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"] {
                if container.get(field).is_set() {
                    let detail = "may not be set for init containers without restartPolicy=Always";
                    container.get(field).forbidden(detail);
                }
            }
            for resize in container.get("resizePolicy").items() {
                if resize.get("restartPolicy").text() == "RestartContainer" {
                    let detail =
                        "must not be set to 'RestartContainer' for non-sidecar initContainers";
                    resize.get("restartPolicy").invalid(detail);
                }
            }
        }
    }
}

pub(super) fn ephemeral(containers: &Field, context: &Context) {
    let others = ["containers", "initContainers"].map(|kind| context.spec.get(kind));
    let others: BTreeSet<&str> = others
        .iter()
        .flat_map(Field::items)
        .map(|container| container.get("name").text())
        .collect();
    let mut names = others.clone();
    for container in containers.items() {
        common(&container, context);
        image(&container);
        container.get("name").unique(&mut names);
        let target = container.get("targetContainerName");
        if !target.text().is_empty() && !others.contains(target.text()) {
            target.missing("");
        }
        let detail = "cannot be set for an Ephemeral Container";
        for field in NOT_EPHEMERAL {
            let value = container.get(field);
            if value.len() > 0
                || value.is_set() && !value.value().is_array() && field != "resources"
            {
                value.forbidden(detail);
            }
        }
        for mount in container.get("volumeMounts").items() {
            for field in ["subPath", "subPathExpr"] {
                if !mount.get(field).text().is_empty() {
                    mount.get(field).forbidden(detail);
                }
            }
        }
    }
}

/// The image of a container that is none of a template.
pub(super) fn image(container: &Field) {
    let image = container.get("image");
    if image.text().trim() != image.text() {
        image.invalid("must not have leading or trailing whitespace");
    }
}

fn common(container: &Field, context: &Context) {
    if container.get("name").required_text() {
        container.get("name").dns_label();
    }
    container.get("image").required_text();
    let policy = container.get("terminationMessagePolicy");
    policy.required_one_of(&["File", "FallbackToLogsOnError"]);
    ports(&container.get("ports"));
    environment::variables(&container.get("env"));
    environment::sources(&container.get("envFrom"));
    mounts::check(container, context);
    mounts::devices(container, context);
    container.get("imagePullPolicy").required_one_of(&["Always", "IfNotPresent", "Never"]);
    let check = resources::container_name;
    resources::requirements(&container.get("resources"), &context.claims, check);
    resizing(&container.get("resizePolicy"), context.spec.get("restartPolicy").text());
    security::container(&container.get("securityContext"), &context.spec);
}

fn ports(ports: &Field) {
    let mut names = BTreeSet::new();
    for port in ports.items() {
        let name = port.get("name");
        if !name.text().is_empty() {
            let problems = texts::port_name(name.text());
            if problems.is_empty() && !names.insert(name.text()) {
                name.duplicate();
            }
            name.each(problems);
        }
        if port.get("containerPort").integer() == 0 {
            port.get("containerPort").required("");
        } else {
            port.get("containerPort").port_number();
        }
        if port.get("hostPort").integer() != 0 {
            port.get("hostPort").port_number();
        }
        port.get("protocol").required_one_of(&["SCTP", "TCP", "UDP"]);
    }
}

fn host_ports<'a>(containers: impl Iterator<Item = Field<'a>>) {
    let mut seen = BTreeSet::new();
    for container in containers {
        for port in container.get("ports").items() {
            let number = port.get("hostPort").integer();
            let (protocol, ip) = (port.get("protocol").text(), port.get("hostIP").text());
            let key = format!("{protocol}/{ip}/{number}");
            if number != 0 && !seen.insert(key.clone()) {
                port.get("hostPort").duplicate_as(&key.into());
            }
        }
    }
}

fn resizing(policies: &Field, restart: &str) {
    let mut seen = BTreeSet::new();
    for policy in policies.items() {
        let (resource, action) = (policy.get("resourceName"), policy.get("restartPolicy"));
        policy.with(resource.value()).unique(&mut seen);
        policies.with(resource.value()).required_one_of(&["cpu", "memory"]);
        policies.with(action.value()).required_one_of(&["NotRequired", "RestartContainer"]);
        if restart == "Never" && action.text() != "NotRequired" {
            let detail = "must be 'NotRequired' when pod `restartPolicy` is 'Never'";
            policies.with(action.value()).wrong_text(detail);
        }
    }
}

/// When a container alone is restarted.
fn restarts(container: &Field) {
    let (policy, rules) = (container.get("restartPolicy"), container.get("restartPolicyRules"));
    if policy.is_set() {
        policy.one_of(&["Always", "Never", "OnFailure"]);
    } else if rules.len() > 0 {
        policy.required("must specify restartPolicy when restart rules are used");
    }
    if rules.len() > 20 {
        rules.too_many(20);
    }
    for rule in rules.items() {
        rule.get("action").one_of(&["Restart", "RestartAllContainers"]);
        let codes = rule.get("exitCodes");
        if codes.is_set() {
            codes.get("operator").one_of(&["In", "NotIn"]);
            if codes.get("values").len() > 255 {
                codes.get("values").too_many(255);
            }
        } else {
            codes.required("must be specified");
        }
    }
}

const NOT_EPHEMERAL: [&str; 8] = [
    "ports",
    "resources",
    "resizePolicy",
    "restartPolicy",
    "livenessProbe",
    "readinessProbe",
    "startupProbe",
    "lifecycle",
];
