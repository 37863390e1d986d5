//! What the cluster has, by the names by which elections look for it: each object is looked at once, however many
//! elections there are.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::Pod;

use super::{
    election::Holder,
    facts::{Because, Cluster, Look, Subject},
    pods,
    workload::{Kind, Workload, controller},
};
use crate::holder::names_of;

/// Pods, nodes and workloads by name.
#[derive(Debug)]
pub(crate) struct Index<'a> {
    pub(crate) cluster: &'a Cluster,
    pods: Look<Pods<'a>>,
    nodes: Look<BTreeSet<&'a str>>,
    workloads: Look<Workloads<'a>>,
}

#[derive(Debug, Default)]
struct Pods<'a> {
    /// By name, and of those of one name by namespace.
    named: BTreeMap<&'a str, BTreeMap<&'a str, &'a Pod>>,
    /// Those that have not ended, by their workload.
    owned: BTreeMap<Owner<'a>, Vec<&'a Pod>>,
}

#[derive(Debug, Default)]
struct Workloads<'a> {
    all: Vec<Workload<'a>>,
    /// Where they are in the list.
    at: BTreeMap<Owner<'a>, usize>,
    /// Those whose templates name a Lease, by namespace and the name of that.
    contending: BTreeMap<(&'a str, &'a str), BTreeSet<usize>>,
}

/// Namespace, kind and name of a workload.
type Owner<'a> = (&'a str, Kind, &'a str);

impl<'a> Index<'a> {
    pub(crate) fn new(cluster: &'a Cluster) -> Self {
        let nodes = cluster.nodes.as_ref().map_err(Because::clone);
        Self {
            cluster,
            pods: cluster.pods.as_ref().map(|all| Pods::new(all)).map_err(Because::clone),
            nodes: nodes.map(|all| all.iter().map(|it| pods::name(&it.metadata)).collect()),
            workloads: Workload::all(cluster).map(Workloads::new),
        }
    }

    /// Finds the holder: a pod in the namespace of the Lease, or else in another one, or a node.
    pub(crate) fn holder(&self, lease: &'a Subject) -> Look<Holder<'a>> {
        let Some(identity) = lease.holder.as_deref() else {
            return Ok(Holder::Nobody);
        };
        let names = names_of(&lease.namespace, &lease.name, identity);
        let pods = self.pods.as_ref().map_err(Because::clone)?;
        let candidates = || names.iter().filter_map(|name| pods.named.get(name.as_str()));
        let here = candidates().find_map(|pods| pods.get(lease.namespace.as_str()));
        let elsewhere = || candidates().find_map(|pods| pods.values().next());
        if let Some(pod) = here.or_else(elsewhere) {
            return Ok(Holder::Pod(pod));
        }
        let nodes = self.nodes.as_ref().map_err(Because::clone)?;
        let node = names.iter().find_map(|name| nodes.get(name.as_str()));
        Ok(match node {
            Some(name) if *name == identity => Holder::Node(name),
            Some(name) => Holder::OnNode(name),
            None => Holder::Unknown(identity),
        })
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

impl<'a> Workloads<'a> {
    fn new(all: Vec<Workload<'a>>) -> Self {
        let mut workloads = Self::default();
        for (at, workload) in all.iter().enumerate() {
            let (namespace, ..) = workload.key();
            workloads.at.insert(workload.key(), at);
            for lease in workload.leases() {
                workloads.contending.entry((namespace, lease)).or_default().insert(at);
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
