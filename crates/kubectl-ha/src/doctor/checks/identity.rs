//! Whether two replicas can have one identity: with most libraries each takes the other's term for its own, and both lead.
//! Electors of kunobi-ha know their own terms by more than the identity, but nothing else tells their replicas apart.

use std::collections::BTreeMap;

use super::super::{
    election::{Election, Holder},
    finding::{Checked, Seen},
    pods,
    workload::{Kind, Rollout, Workload},
};

pub(crate) fn shared(election: &Election<'_>) -> Checked {
    let identity = election.held()?;
    let holder = election.holder()?;
    let mut found = Vec::new();
    for workload in election.known()? {
        let seen = of_all(workload, identity).or_else(|| of_node(workload, &holder));
        let Some(seen) = seen.filter(|_| can_be_two(workload)) else {
            continue;
        };
        let fix = "Take the name of the pod as the identity, and nothing that its replicas share:\n\
                   env: [{ name: POD_NAME, valueFrom: { fieldRef: { fieldPath: metadata.name } } }]";
        found.push(Seen::new(workload.about(), seen, fix));
    }
    Ok(found)
}

/// Says which text of the template, the same in all pods, is the identity.
fn of_all(workload: &Workload<'_>, identity: &str) -> Option<String> {
    if identity == workload.name() {
        return Some(format!(
            "the identity {identity} is the name of the {}",
            workload.kind.text()
        ));
    }
    let spec = workload.pod_spec()?;
    if spec.hostname.as_deref() == Some(identity) {
        return Some(format!(
            "the identity {identity} is the host name that all its pods are given"
        ));
    }
    for container in workload.containers() {
        let variables = container.env.iter().flatten();
        let mut same = variables.filter(|it| it.value.as_deref() == Some(identity));
        if let Some(variable) = same.find(|it| !it.name.contains("LEASE")) {
            let name = &variable.name;
            return Some(format!("the identity {identity} is the value of {name} in all its pods"));
        }
    }
    let (option, _) = workload.identities().find(|(_, value)| *value == identity)?;
    Some(format!("the identity {identity} is the value of {option} in all its pods"))
}

/// Says whether several of its pods are on the node whose name is the identity.
fn of_node(workload: &Workload<'_>, holder: &Holder<'_>) -> Option<String> {
    let Holder::Node(node) = *holder else {
        return None;
    };
    let mut on: BTreeMap<&str, usize> = BTreeMap::new();
    for pod in &workload.pods {
        if let Some(node) = pods::node(pod).filter(|_| pods::is_on_host_network(pod)) {
            *on.entry(node).or_default() += 1;
        }
    }
    let several = on.get(node).copied().filter(|number| *number > 1)?;
    Some(format!("the identity {node} is a node, and {several} of its pods are on that"))
}

/// Two pods run at a time, at least during a rollout.
fn can_be_two(workload: &Workload<'_>) -> bool {
    let is_replaced_first =
        workload.kind == Kind::Deployment && workload.rollout != Rollout::Recreate;
    workload.replicas > i32::from(!is_replaced_first)
}
