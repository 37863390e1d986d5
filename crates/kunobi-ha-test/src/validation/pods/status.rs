//! What the status of a pod may say.

use crate::validation::{addresses::is_dual_stack, field::Field};

pub(super) fn check(pod: &Field, old: &Field) {
    let (status, was) = (pod.get("status"), old.get("status"));
    for condition in status.get("conditions").items() {
        condition.get("Type").with(condition.get("type").value()).qualified_name();
    }
    let (node, was_node) = (status.get("nominatedNodeName"), was.get("nominatedNodeName"));
    if node.text() != was_node.text() && !node.text().is_empty() {
        node.dns_subdomain();
        if !old.get("spec").get("nodeName").text().is_empty() {
            node.forbidden("may not be set on pods that are already bound to a node");
        }
    }
    if status.get("observedGeneration").integer() < 0 {
        status.get("observedGeneration").invalid("must be a non-negative integer");
    }
    status.get("qosClass").immutable(&was.get("qosClass"));
    for (kind, list) in [
        ("containers", "containerStatuses"),
        ("initContainers", "initContainerStatuses"),
        ("ephemeralContainers", "ephemeralContainerStatuses"),
    ] {
        let containers = old.get("spec").get(kind);
        ends(&status.get(list), &was.get(list), &containers, &old.get("spec"));
    }
    pod_addresses(&status, &was);
    host_addresses(&status, &was);
}

/// A container that has ended and is not restarted does not run again.
fn ends(statuses: &Field, old: &Field, containers: &Field, spec: &Field) {
    for (index, was) in old.items().enumerate() {
        let ended = was.get("state").get("terminated");
        let name = was.get("name").text();
        let new = statuses.items().find(|status| status.get("name").text() == name);
        let runs = new.is_some_and(|new| !new.get("state").get("terminated").is_set());
        let container = containers.items().find(|one| one.get("name").text() == name);
        let restarts = container.is_some_and(|container| {
            is_restarted(&container, spec, ended.get("exitCode").integer())
        });
        if ended.is_set() && runs && !restarts {
            let state = statuses.item(index, was.value()).get("state");
            state.forbidden("may not be transitioned to non-terminated state");
        }
    }
}

fn is_restarted(container: &Field, spec: &Field, code: i64) -> bool {
    for rule in container.get("restartPolicyRules").items() {
        let codes = rule.get("exitCodes");
        let is_named = codes.get("values").items().any(|value| value.number() == Some(code));
        match codes.get("operator").text() {
            "In" if is_named => return true,
            "NotIn" if !is_named => return true,
            _ => {}
        }
    }
    let own = container.get("restartPolicy").text();
    match if own.is_empty() { spec.get("restartPolicy").text() } else { own } {
        "Never" => false,
        "OnFailure" => code != 0,
        _ => true,
    }
}

fn pod_addresses(status: &Field, was: &Field) {
    let ips = status.get("podIPs");
    let texts = check_all(&ips, &was.get("podIPs"));
    let first = texts.first().copied().unwrap_or_default();
    if status.get("podIP").text().is_empty() != texts.is_empty() {
        let detail = "podIP and podIPs must either both be set or both be unset";
        ips.invalid_internal(&quoted(&texts), detail);
    } else if let Some(ip) = ips.items().next().filter(|_| status.get("podIP").text() != first) {
        ip.get("ip").invalid("must be equal to `podIP`");
    }
}

fn host_addresses(status: &Field, was: &Field) {
    let ips = status.get("hostIPs");
    if let Some(first) = ips.items().next()
        && first.get("ip").text() != status.get("hostIP").text()
    {
        first.get("ip").invalid("must be equal to `hostIP`");
    }
    check_all(&ips, &was.get("hostIPs"));
}

fn check_all<'a>(ips: &Field<'a>, old: &Field<'a>) -> Vec<&'a str> {
    let known: Vec<&str> = old.items().map(|ip| ip.get("ip").text()).collect();
    let texts: Vec<&str> = ips.items().map(|ip| ip.get("ip").text()).collect();
    for (ip, text) in ips.items().zip(&texts) {
        ip.address(text, &known);
    }
    if texts.len() > 1 && (texts.len() > 2 || !is_dual_stack(&texts)) {
        let quoted = quoted(&texts);
        ips.invalid_internal(&quoted, "may specify no more than one IP for each IP family");
    }
    texts
}

fn quoted(ips: &[&str]) -> String {
    let ips: Vec<String> = ips.iter().map(|ip| format!("{{\"IP\":{ip:?}}}")).collect();
    if ips.is_empty() { "null".into() } else { format!("[{}]", ips.join(",")) }
}
