//! What the cluster has, by the names by which elections look for it: each object is looked at once, however many
//! elections there are.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::{
    core::v1::{Event, Node},
    policy::v1::PodDisruptionBudget,
};

use super::{
    election::Holder,
    facts::{Because, Cluster, Elsewhere, Look, Subject},
    pods::{self, Pod},
    workload::{Kind, Workload, controller},
};
use crate::holder::names_of;

/// Pods, nodes, workloads, budgets and Events by name.
#[derive(Debug)]
pub(crate) struct Index<'a> {
    pods: Look<Pods<'a>>,
    nodes: Look<Nodes<'a>>,
    workloads: Look<Workloads<'a>>,
    budgets: Look<BTreeMap<Selected<'a>, Vec<&'a PodDisruptionBudget>>>,
    /// By namespace and name of the Lease.
    events: Look<BTreeMap<(&'a str, &'a str), Vec<&'a Event>>>,
    elsewhere: &'a Elsewhere,
}

#[derive(Debug, Default)]
struct Pods<'a> {
    /// By name, and of those of one name by namespace.
    named: BTreeMap<&'a str, BTreeMap<&'a str, &'a Pod>>,
    /// Those that have not ended, by their workload.
    owned: BTreeMap<Owner<'a>, Vec<&'a Pod>>,
}

#[derive(Debug, Default)]
struct Nodes<'a> {
    named: BTreeMap<&'a str, &'a Node>,
    /// Those that take pods.
    open: BTreeSet<&'a str>,
}

#[derive(Debug, Default)]
struct Workloads<'a> {
    all: Vec<Workload<'a>>,
    /// Where they are in the list.
    at: BTreeMap<Owner<'a>, usize>,
    /// Those whose templates name a Lease, by the namespace and the name of that.
    contending: BTreeMap<(&'a str, &'a str), BTreeSet<usize>>,
}

/// Namespace, kind and name of a workload.
type Owner<'a> = (&'a str, Kind, &'a str);

/// Namespace, and a label that all selected pods have; without it, a selector by expressions only.
type Selected<'a> = (&'a str, Option<(&'a str, &'a str)>);

impl<'a> Index<'a> {
    pub(crate) fn new(cluster: &'a Cluster) -> Self {
        Self {
            pods: cluster.pods.as_ref().map(|all| Pods::new(all)).map_err(Because::clone),
            nodes: cluster.nodes.as_ref().map(|all| Nodes::new(all)).map_err(Because::clone),
            workloads: Workload::all(cluster).map(Workloads::new),
            budgets: cluster.budgets.as_ref().map(|all| by_label(all)).map_err(Because::clone),
            events: cluster.events.as_ref().map(|all| by_lease(all)).map_err(Because::clone),
            elsewhere: &cluster.elsewhere,
        }
    }

    pub(crate) fn node(&self, name: &str) -> Look<Option<&'a Node>> {
        let nodes = self.nodes.as_ref().map_err(Because::clone)?;
        Ok(nodes.named.get(name).copied())
    }

    /// Returns how many nodes but this one take pods.
    pub(crate) fn other_nodes(&self, name: &str) -> Look<usize> {
        let nodes = self.nodes.as_ref().map_err(Because::clone)?;
        Ok(nodes.open.len() - usize::from(nodes.open.contains(name)))
    }

    pub(crate) fn workload(
        &self,
        namespace: &str,
        kind: Kind,
        name: &str,
    ) -> Look<Option<&Workload<'a>>> {
        let workloads = self.workloads.as_ref().map_err(Because::clone)?;
        let at = workloads.at.get(&(namespace, kind, name));
        Ok(at.and_then(|at| workloads.all.get(*at)))
    }

    /// Returns the workloads that surely want a Lease, with its namespace and name.
    pub(crate) fn wanted(&self) -> Look<impl Iterator<Item = (&Workload<'a>, (&'a str, &'a str))>> {
        let workloads = self.workloads.as_ref().map_err(Because::clone)?;
        Ok(workloads
            .all
            .iter()
            .flat_map(move |it| it.wants().into_iter().map(move |lease| (it, lease))))
    }

    /// Returns the budgets that may select the pods of a workload.
    pub(crate) fn budgets(
        &self,
        workload: &Workload<'a>,
    ) -> Look<impl Iterator<Item = &'a PodDisruptionBudget>> {
        let budgets = self.budgets.as_ref().map_err(Because::clone)?;
        let (namespace, ..) = workload.key();
        let labels = workload.template.metadata.as_ref().and_then(|it| it.labels.as_ref());
        let labels = labels.into_iter().flatten().map(|(key, value)| Some((&**key, &**value)));
        let found = labels.chain([None]).filter_map(move |it| budgets.get(&(namespace, it)));
        Ok(found.flatten().copied())
    }

    /// Returns the Events of a Lease.
    pub(crate) fn events<'s>(&'s self, lease: &'s Subject) -> Look<&'s [&'a Event]> {
        let events = self.events.as_ref().map_err(Because::clone)?;
        let found = events.get(&(lease.namespace.as_str(), lease.name.as_str()));
        Ok(found.map(Vec::as_slice).unwrap_or_default())
    }

    /// Finds the holder: a pod in the namespace of the Lease, or else the only one of its name in the others, or a node.
    pub(crate) fn holder(&self, lease: &'a Subject) -> Look<Holder<'a>> {
        let Some(identity) = lease.holder.as_deref() else {
            return Ok(Holder::Nobody);
        };
        let names = names_of(&lease.namespace, &lease.name, identity);
        let pods = self.pods.as_ref().map_err(Because::clone)?;
        let candidates = || names.iter().filter_map(|name| pods.named.get(name.as_str()));
        if let Some(pod) = candidates().find_map(|pods| pods.get(lease.namespace.as_str())) {
            return Ok(Holder::Pod(pod));
        }
        let alone = candidates().find(|pods| pods.len() == 1);
        if let Some(pod) = alone.and_then(|pods| pods.values().next())
            && !self.is_foreign(pod, lease)?
        {
            return Ok(Holder::Pod(pod));
        }
        let nodes = self.nodes.as_ref().map_err(Because::clone)?;
        let node = names.iter().find_map(|name| nodes.named.get_key_value(name.as_str()));
        let node = node.map(|(name, _)| *name);
        Ok(match node {
            Some(name) if name == identity => Holder::Node(name),
            Some(name) => Holder::OnNode(name),
            None => match &self.elsewhere.pods {
                Some(because) => return Err(because.clone()),
                None => Holder::Unknown(identity),
            },
        })
    }

    /// Whether this pod of another namespace is that of another tenant: the Lease has a workload beside it of which a pod
    /// would have the same name.
    fn is_foreign(&self, pod: &Pod, lease: &Subject) -> Look<bool> {
        let Some((_, kind, name)) = owner(pod) else {
            return Ok(false);
        };
        Ok(self.workload(&lease.namespace, kind, name)?.is_some())
    }

    /// Finds the workloads: that of the holder, and those whose templates name the Lease; if there is none,
    /// those with the name of the Lease.
    pub(crate) fn contending(
        &self,
        lease: &Subject,
        holder: &Look<Holder<'a>>,
    ) -> Look<Vec<Workload<'a>>> {
        let pods = self.pods.as_ref().map_err(Because::clone)?;
        let workloads = self.workloads.as_ref().map_err(Because::clone)?;
        let (namespace, name) = (lease.namespace.as_str(), lease.name.as_str());
        let mut found = workloads.contending.get(&(namespace, name)).cloned().unwrap_or_default();
        if let Ok(Holder::Pod(pod)) = holder {
            found.extend(owner(pod).and_then(|owner| workloads.at.get(&owner)));
        }
        if found.is_empty() {
            let kinds = [Kind::Deployment, Kind::StatefulSet, Kind::DaemonSet];
            found.extend(
                kinds.iter().filter_map(|kind| workloads.at.get(&(namespace, *kind, name))),
            );
        }
        if found.is_empty()
            && let Some(because) = &self.elsewhere.workloads
        {
            return Err(because.clone());
        }
        let with_pods = |at: usize| {
            let mut workload = workloads.all.get(at)?.clone();
            workload.pods = pods.owned.get(&workload.key()).cloned().unwrap_or_default();
            Some(workload)
        };
        Ok(found.into_iter().filter_map(with_pods).collect())
    }
}

impl<'a> Pods<'a> {
    fn new(all: &'a [Pod]) -> Self {
        let mut pods = Self::default();
        for pod in all {
            let namespace = pod.metadata.namespace.as_deref().unwrap_or_default();
            pods.named.entry(pods::name(&pod.metadata)).or_default().insert(namespace, pod);
            if let Some(owner) = owner(pod).filter(|_| !pods::has_ended(pod)) {
                pods.owned.entry(owner).or_default().push(pod);
            }
        }
        pods
    }
}

impl<'a> Nodes<'a> {
    fn new(all: &'a [Node]) -> Self {
        let named = |it: &'a Node| (pods::name(&it.metadata), it);
        let open = all.iter().filter(|it| pods::takes_pods(it));
        Self {
            named: all.iter().map(named).collect(),
            open: open.map(|it| pods::name(&it.metadata)).collect(),
        }
    }
}

impl<'a> Workloads<'a> {
    fn new(all: Vec<Workload<'a>>) -> Self {
        let mut workloads = Self::default();
        for (at, workload) in all.iter().enumerate() {
            workloads.at.insert(workload.key(), at);
            for lease in workload.contends() {
                workloads.contending.entry(lease).or_default().insert(at);
            }
        }
        workloads.all = all;
        workloads
    }
}

fn owner(pod: &Pod) -> Option<Owner<'_>> {
    let (kind, name) = controller(pod)?;
    Some((pod.metadata.namespace.as_deref().unwrap_or_default(), kind, name))
}

fn by_label(all: &[PodDisruptionBudget]) -> BTreeMap<Selected<'_>, Vec<&PodDisruptionBudget>> {
    let mut budgets: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for budget in all {
        let selector = budget.spec.as_ref().and_then(|it| it.selector.as_ref());
        let labels = selector.and_then(|it| it.match_labels.as_ref());
        let label = labels.and_then(|it| it.first_key_value());
        let label = label.map(|(key, value)| (key.as_str(), value.as_str()));
        let namespace = budget.metadata.namespace.as_deref().unwrap_or_default();
        budgets.entry((namespace, label)).or_default().push(budget);
    }
    budgets
}

fn by_lease(all: &[Event]) -> BTreeMap<(&str, &str), Vec<&Event>> {
    let mut events: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for event in all {
        let about = &event.involved_object;
        if let (Some("Lease"), Some(namespace), Some(name)) =
            (about.kind.as_deref(), about.namespace.as_deref(), about.name.as_deref())
        {
            events.entry((namespace, name)).or_default().push(event);
        }
    }
    events
}
