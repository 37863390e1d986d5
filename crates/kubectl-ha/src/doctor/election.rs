//! One election as far as it can be seen: who holds the Lease, and who may want it.

use std::time::Duration;

use jiff::SignedDuration;
use k8s_openapi::api::core::v1::Pod;

use super::{
    about::About,
    facts::{Access, Because, Cluster, Look, Observed, Subject},
    pods,
    workload::Workload,
};

/// All that the checks of one election look at.
#[derive(Debug)]
pub(crate) struct Election<'a> {
    pub(crate) lease: &'a Subject,
    pub(crate) observed: &'a Observed,
    pub(crate) cluster: &'a Cluster,
    pub(crate) holder: Look<Holder<'a>>,
    pub(crate) workloads: Look<Vec<Workload<'a>>>,
    /// Those of the workloads' service accounts.
    pub(crate) access: Look<Vec<Access>>,
}

/// Whom the record names.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Holder<'a> {
    Nobody,
    Pod(&'a Pod),
    /// The identity is the name of a node.
    Node(&'a str),
    /// The identity begins with the name of a node, and is unique.
    OnNode(&'a str),
    Unknown(&'a str),
}

/// What the record says at the end of the look.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Record {
    Unheld,
    Live,
    Expired,
}

impl<'a> Election<'a> {
    pub(crate) fn new(lease: &'a Subject, observed: &'a Observed, cluster: &'a Cluster) -> Self {
        let holder = holder(lease, cluster);
        let workloads = contending(lease, &holder, cluster);
        let access = Err(Because("no access review was made".into()));
        Self { lease, observed, cluster, holder, workloads, access }
    }

    /// Returns the workloads.
    ///
    /// # Errors
    ///
    /// None is known.
    pub(crate) fn known(&self) -> Look<&[Workload<'a>]> {
        let workloads = self.workloads.as_ref().map_err(Clone::clone)?;
        if workloads.is_empty() {
            return Err(Because("no workload of this election is known".into()));
        }
        Ok(workloads)
    }

    pub(crate) fn holder(&self) -> Look<Holder<'a>> {
        self.holder.clone()
    }

    /// The pod that leads.
    pub(crate) fn leader(&self) -> Look<Option<&'a Pod>> {
        Ok(match self.holder()? {
            Holder::Pod(pod) => Some(pod),
            Holder::Nobody | Holder::Node(_) | Holder::OnNode(_) | Holder::Unknown(_) => None,
        })
    }

    pub(crate) fn duration(&self) -> Duration {
        let seconds = self.lease.duration_seconds.unwrap_or_default();
        Duration::from_secs(u64::try_from(seconds).unwrap_or_default())
    }

    /// How long nobody has written the record, by the server's clock where that is known.
    pub(crate) fn silence(&self) -> Duration {
        let written = self.lease.stored.or(self.lease.renewed).or(self.lease.created);
        let silence =
            written.map_or(SignedDuration::ZERO, |it| self.observed.now.duration_since(it));
        Duration::try_from(silence).unwrap_or_default()
    }

    pub(crate) fn record(&self) -> Record {
        let is_silent = || self.silence() > self.duration() + ROUNDING;
        match &self.lease.holder {
            None => Record::Unheld,
            Some(_) if self.observed.renewals == 0 && is_silent() => Record::Expired,
            Some(_) => Record::Live,
        }
    }

    /// Whether the program of a workload is built with kunobi-ha, as far as that can be told.
    pub(crate) fn is_ours(&self, workload: &Workload<'_>) -> bool {
        let leads = || matches!(self.holder, Ok(Holder::Pod(pod)) if workload.owns(pod));
        workload.has_our_variables() || self.lease.is_ours && leads()
    }

    pub(crate) fn about(&self) -> About {
        About::named("Lease", &self.lease.namespace, &self.lease.name)
    }
}

/// Finds the holder: the pod whose name the identity is, or begins with; the longest such name. Pods in
/// the namespace of the Lease come first.
fn holder<'a>(lease: &'a Subject, cluster: &'a Cluster) -> Look<Holder<'a>> {
    let Some(identity) = lease.holder.as_deref() else {
        return Ok(Holder::Nobody);
    };
    let pods = cluster.pods.as_ref().map_err(Clone::clone)?;
    let candidates = pods.iter().filter(|pod| begins(identity, pods::name(&pod.metadata)));
    let here = |pod: &Pod| pod.metadata.namespace.as_deref() == Some(&*lease.namespace);
    let best = candidates.max_by_key(|pod| (here(pod), pods::name(&pod.metadata).len()));
    if let Some(pod) = best {
        return Ok(Holder::Pod(pod));
    }
    let nodes = cluster.nodes.as_ref().map_err(Clone::clone)?;
    let nodes = nodes.iter().map(|node| pods::name(&node.metadata));
    let node = nodes.filter(|name| begins(identity, name)).max_by_key(|name| name.len());
    Ok(match node {
        Some(name) if name == identity => Holder::Node(name),
        Some(name) => Holder::OnNode(name),
        None => Holder::Unknown(identity),
    })
}

/// Whether an identity is this name, or the name with something unique after it.
fn begins(identity: &str, name: &str) -> bool {
    let rest = identity.strip_prefix(name).filter(|_| !name.is_empty());
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['_', '-', '.', '/', ':', '@']))
}

/// Finds the workloads: that of the holder, and those whose templates name the Lease; if there is none,
/// that with the name of the Lease.
fn contending<'a>(
    lease: &Subject,
    holder: &Look<Holder<'a>>,
    cluster: &'a Cluster,
) -> Look<Vec<Workload<'a>>> {
    let pods = cluster.pods.as_ref().map_err(Clone::clone)?;
    let all = Workload::all(cluster)?;
    let leads = |it: &Workload<'_>| matches!(holder, Ok(Holder::Pod(pod)) if it.owns(pod));
    let contends = |it: &&Workload<'_>| {
        leads(it) || it.namespace() == lease.namespace && names(it, &lease.name)
    };
    let mut found: Vec<_> = all.iter().filter(contends).cloned().collect();
    if found.is_empty() {
        let same = |it: &&Workload<'_>| {
            (it.namespace(), it.name()) == (lease.namespace.as_str(), lease.name.as_str())
        };
        found = all.iter().filter(same).cloned().collect();
    }
    for workload in &mut found {
        let owned = pods.iter().filter(|pod| workload.owns(pod) && !pods::has_ended(pod));
        workload.pods = owned.collect();
    }
    Ok(found)
}

/// Whether a template names a Lease: by the variable of kunobi-ha, or by an option of its command about
/// leaders or leases.
fn names(workload: &Workload<'_>, lease: &str) -> bool {
    let option = |text: &String| {
        text.split_once('=').is_some_and(|(option, value)| {
            value == lease && ["lease", "leader"].iter().any(|word| option.contains(word))
        })
    };
    let mut containers = workload.containers();
    workload.variable("HA_LEASE") == Some(lease)
        || containers.any(|it| it.args.iter().chain(&it.command).flatten().any(option))
}

/// The server stores times to the second, and a request takes time.
const ROUNDING: Duration = Duration::from_secs(2);
