//! How many replicas there are, where they are, and whether they may be evicted.

use std::collections::BTreeSet;

use k8s_openapi::api::policy::v1::PodDisruptionBudget;

use super::super::{
    about::About,
    election::Election,
    facts::{Because, Look},
    finding::{Checked, Seen, of_each},
    pods,
    workload::{Kind, Rollout, Workload, scaled},
};

pub(crate) fn single(election: &Election<'_>) -> Checked {
    let alone = election.known()?.iter().filter(|it| it.replicas == 1);
    let found = alone.map(|it| {
        let (seen, fix) = match it.scale() {
            Some(scale) => ("it has one replica", format!("Add a standby:\n{scale}")),
            None => (
                "one node matches it, so it has one pod",
                format!("Let it match a second node; see which ones it wants:\n{}", it.describe()),
            ),
        };
        Seen::new(it.about(), seen, fix)
    });
    Ok(found.collect())
}

pub(crate) fn recreate(election: &Election<'_>) -> Checked {
    let recreated = election.known()?.iter().filter(|it| it.rollout == Rollout::Recreate);
    let found = recreated.map(|it| {
        let fix = format!(
            "Let a new pod come before an old one goes:\n\
             kubectl -n {} patch deployment {} --type=merge -p '{{\"spec\":{{\"strategy\":{{\
             \"type\":\"RollingUpdate\",\"rollingUpdate\":{{\"maxUnavailable\":0,\"maxSurge\":1}}}}}}}}'",
            it.namespace(),
            it.name()
        );
        Seen::new(it.about(), "its strategy is Recreate", fix)
    });
    Ok(found.collect())
}

pub(crate) fn one_node(election: &Election<'_>) -> Checked {
    of_each(election.known()?.iter().map(|it| crowded(election, it)))
}

fn crowded(election: &Election<'_>, workload: &Workload<'_>) -> Look<Option<Seen>> {
    let live: Vec<_> = workload.pods.iter().filter(|it| !pods::is_terminating(it)).collect();
    let nodes: BTreeSet<_> = live.iter().filter_map(|it| pods::node(it)).collect();
    let placed = live.iter().filter(|it| pods::node(it).is_some()).count();
    if placed < 2 && workload.replicas > 1 {
        return Err(Because::of(format!(
            "fewer than two pods of {} are on nodes",
            workload.about()
        )));
    }
    let (Some(node), 1, 2..) = (nodes.first(), nodes.len(), placed) else {
        return Ok(None);
    };
    let others = election.index.other_nodes(node)?;
    let seen = format!("all its {placed} pods are on {node}; other nodes that take pods: {others}");
    Ok((others > 0).then(|| Seen::new(workload.about(), seen, spread(workload))))
}

pub(crate) fn budget(election: &Election<'_>) -> Checked {
    let mut found = Vec::new();
    for workload in election.known()? {
        for budget in election.index.budgets(workload)?.filter(|it| selects(it, workload)) {
            let Some(why) = forbids(budget, workload) else {
                continue;
            };
            let fix = format!(
                "Let one pod go at a time:\nkubectl -n {} patch pdb {} --type=merge \
                 -p '{{\"spec\":{{\"minAvailable\":null,\"maxUnavailable\":1}}}}'",
                workload.namespace(),
                pods::name(&budget.metadata)
            );
            let about = About::of("PodDisruptionBudget", &budget.metadata);
            let seen = format!("{why} of {}: no eviction is ever allowed", workload.about());
            found.push(Seen::new(about, seen, fix));
        }
    }
    Ok(found)
}

/// Says by which rule a budget never allows an eviction, whatever pods are healthy.
fn forbids(budget: &PodDisruptionBudget, workload: &Workload<'_>) -> Option<String> {
    let (spec, status) = (budget.spec.as_ref()?, budget.status.as_ref());
    let allowed = status.and_then(|it| it.disruptions_allowed).unwrap_or_default();
    if workload.replicas == 0 || allowed > 0 {
        return None;
    }
    // It may select those of other workloads, too; and some of its own may not exist yet.
    let pods = status.map_or(0, |it| it.expected_pods.unwrap_or_default()).max(workload.replicas);
    if let Some(least) = &spec.min_available {
        return (scaled(least, pods, true) >= pods)
            .then(|| format!("minAvailable is {}, of {pods} pods", text(least)));
    }
    let most = spec.max_unavailable.as_ref()?;
    (scaled(most, pods, true) == 0).then(|| format!("maxUnavailable is {}, for pods", text(most)))
}

fn text(value: &k8s_openapi::apimachinery::pkg::util::intstr::IntOrString) -> String {
    use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString::{Int, String};
    match value {
        Int(number) => number.to_string(),
        String(text) => text.clone(),
    }
}

/// Whether a budget is about the pods of a workload.
fn selects(budget: &PodDisruptionBudget, workload: &Workload<'_>) -> bool {
    let selector = budget.spec.as_ref().and_then(|it| it.selector.as_ref());
    let labels = workload.template.metadata.as_ref().and_then(|it| it.labels.as_ref());
    let (Some(selector), Some(labels)) = (selector, labels) else {
        return false;
    };
    let has = |key: &str, value: &str| labels.get(key).is_some_and(|it| it == value);
    let equal = selector.match_labels.iter().flatten().all(|(key, value)| has(key, value));
    let fits = selector.match_expressions.iter().flatten().all(|it| {
        let values = it.values.as_deref().unwrap_or_default();
        let listed = values.iter().any(|value| has(&it.key, value));
        match it.operator.as_str() {
            "In" => listed,
            "NotIn" => !listed,
            "Exists" => labels.contains_key(&it.key),
            "DoesNotExist" => !labels.contains_key(&it.key),
            _ => false,
        }
    });
    budget.metadata.namespace.as_deref() == Some(workload.namespace()) && equal && fits
}

fn spread(workload: &Workload<'_>) -> String {
    if workload.kind == Kind::DaemonSet {
        return "See why its other pods are not placed:\nkubectl get nodes".into();
    }
    let labels = workload.template.metadata.as_ref().and_then(|it| it.labels.as_ref());
    let labels: Vec<_> =
        labels.into_iter().flatten().map(|it| format!("{}: \"{}\"", it.0, it.1)).collect();
    format!(
        "Spread them, then restart the workload:\n\
         topologySpreadConstraints:\n\
         - maxSkew: 1\n  topologyKey: kubernetes.io/hostname\n  whenUnsatisfiable: ScheduleAnyway\n  \
         labelSelector: {{ matchLabels: {{ {} }} }}",
        labels.join(", ")
    )
}
