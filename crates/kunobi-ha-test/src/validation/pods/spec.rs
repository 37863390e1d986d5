//! What a pod is to be.

use std::collections::BTreeSet;

use super::{
    Context, affinity, containers as each_container,
    containers::{ephemeral, init, plain},
    hosts, security, systems, volumes,
};
use crate::validation::{
    field::Field,
    names::label_value,
    resources::{self, container_name, pod_name},
};

/// Checks a spec. The name is that of the pod, if it is none of a template.
pub(super) fn check(spec: &Field, pod: Option<&str>) {
    if !spec.get("terminationGracePeriodSeconds").is_set() {
        spec.get("terminationGracePeriodSeconds").required("");
    }
    let context = Context {
        spec: spec.clone(),
        volumes: volumes::check(&spec.get("volumes"), pod),
        claims: claims(&spec.get("resourceClaims")),
        is_pod: pod.is_some(),
    };
    plain(&spec.get("containers"), &context);
    init(&spec.get("initContainers"), &context);
    ephemeral(&spec.get("ephemeralContainers"), &context);
    let all = spec.get("resources");
    if all.is_set() {
        pod_resources(&all, &context);
    }
    hosts::ports(&context);
    spec.get("restartPolicy").required_one_of(&["Always", "OnFailure", "Never"]);
    spec.get("dnsPolicy").required_one_of(&DNS_POLICIES);
    spec.get("nodeSelector").labels();
    security::pod(&spec.get("securityContext"), spec);
    let shares = spec.get("shareProcessNamespace");
    if shares.is_true() && spec.get("hostPID").is_true() {
        shares.invalid("ShareProcessNamespace and HostPID cannot both be enabled");
    }
    affinity::check(&spec.get("affinity"));
    hosts::dns(&spec.get("dnsConfig"), spec.get("dnsPolicy").text());
    for gate in spec.get("readinessGates").items() {
        gate.get("conditionType").qualified_name();
    }
    scheduling_gates(&spec.get("schedulingGates"));
    affinity::spread(&spec.get("topologySpreadConstraints"));
    hosts::users(spec);
    hosts::name(spec);
    names(spec);
    let overhead = spec.get("overhead");
    overhead.get("limits").with(overhead.value()).amounts(container_name);
    systems::check(spec);
    file_keys(&context);
}

fn names(spec: &Field) {
    let account = spec.get("serviceAccountName");
    account.name_if_any();
    let old = spec.get("serviceAccount");
    if old.text() != account.text() {
        let detail = format!("must be the same as serviceAccountName: {:?}", account.text());
        spec.get("deprecatedServiceAccount").with(old.value()).wrong_text(&detail);
    }
    spec.get("nodeName").name_if_any();
    spec.get("activeDeadlineSeconds").within(1, i32::MAX.into());
    for name in ["hostname", "subdomain"] {
        if !spec.get(name).text().is_empty() {
            spec.get(name).dns_label();
        }
    }
    tolerations(&spec.get("tolerations"));
    for alias in spec.get("hostAliases").items() {
        alias.get("ip").address(alias.get("ip").text(), &[]);
        alias.get("hostnames").items().for_each(|name| name.dns_subdomain());
    }
    spec.get("priorityClassName").name_if_any();
    if spec.get("runtimeClassName").is_set() {
        spec.get("runtimeClassName").dns_subdomain();
    }
    if spec.get("preemptionPolicy").is_set() {
        spec.get("preemptionPolicy").required_one_of(&["PreemptLowerPriority", "Never"]);
    }
}

fn claims<'a>(claims: &Field<'a>) -> BTreeSet<&'a str> {
    let mut names = BTreeSet::new();
    for claim in claims.items() {
        let name = claim.get("name");
        if name.required_text() {
            if names.insert(name.text()) {
                name.dns_label();
            } else {
                name.duplicate();
            }
        }
        let sources = [claim.get("resourceClaimName"), claim.get("resourceClaimTemplateName")];
        match sources.iter().filter(|source| source.is_set()).count() {
            0 => claim.invalid(
                "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`",
            ),
            1 => {}
            _ => claim.invalid(
                "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified",
            ),
        }
        sources.iter().filter(|source| source.is_set()).for_each(Field::dns_subdomain);
    }
    names
}

fn pod_resources(all: &Field, context: &Context) {
    if context.spec.get("os").get("name").text() == "windows" {
        all.forbidden("may not be set for a windows pod");
        return;
    }
    if all.get("claims").is_set() {
        all.get("claims").forbidden("claims may not be set for Resources at pod-level");
    }
    resources::requirements(all, &context.claims, pod_name);
    for container in context.spec.get("containers").items() {
        for (name, limit) in container.get("resources").get("limits").entries() {
            let most = all.get("limits").key(name);
            if most.is_set() && limit.quantity() > most.quantity() {
                let detail = format!("must be less than or equal to pod limits of {}", most.text());
                limit.invalid(&detail);
            }
        }
    }
}

fn scheduling_gates(gates: &Field) {
    let mut seen = BTreeSet::new();
    for gate in gates.items() {
        let name = gate.with(gate.get("name").value());
        name.qualified_name();
        if !seen.insert(name.text()) {
            name.duplicate();
        }
    }
}

pub(super) fn tolerations(tolerations: &Field) {
    for toleration in tolerations.items() {
        let (key, operator) = (toleration.get("key"), toleration.get("operator"));
        let (value, effect) = (toleration.get("value").text(), toleration.get("effect"));
        if !key.text().is_empty() {
            key.qualified_name();
        } else if operator.text() != "Exists" {
            operator.wrong_text(
                "operator must be Exists when `key` is empty, which means \"match all values and \
                 all keys\"",
            );
        }
        if toleration.get("tolerationSeconds").is_set() && effect.text() != "NoExecute" {
            effect.wrong_text("effect must be 'NoExecute' when `tolerationSeconds` is set");
        }
        match operator.text() {
            "" | "Equal" => {
                let problems = label_value(value);
                if !problems.is_empty() {
                    operator.invalid_as(&value.into(), &problems.join(";"));
                }
            }
            "Exists" if !value.is_empty() => {
                let detail = "value must be empty when `operator` is 'Exists'";
                operator.invalid_as(&value.into(), detail);
            }
            "Exists" => {}
            "Lt" | "Gt" => operator.unsupported(&["Equal", "Exists", "Lt", "Gt"]),
            _ => operator.unsupported(&["Equal", "Exists"]),
        }
        if !effect.text().is_empty() {
            effect.one_of(&["NoSchedule", "PreferNoSchedule", "NoExecute"]);
        }
    }
}

/// Variables that are read from files are in volumes of the pod itself.
fn file_keys(context: &Context) {
    for container in each_container(&context.spec) {
        for variable in container.get("env").items() {
            let key = variable.get("valueFrom").get("fileKeyRef");
            if !key.is_set() {
                continue;
            }
            let name = key.get("volumeName");
            let volumes = context.spec.get("volumes");
            match volumes.items().find(|volume| volume.get("name").text() == name.text()) {
                None => name.missing(""),
                Some(volume) if !volume.get("emptyDir").is_set() => {
                    name.wrong_text("referenced volume must be of type emptyDir");
                }
                Some(_) => {}
            }
        }
    }
}

const DNS_POLICIES: [&str; 4] = ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"];
