//! One election as far as it can be seen: who holds the Lease, and who may want it.

use std::time::Duration;

use jiff::SignedDuration;
use k8s_openapi::api::core::v1::Pod;

use super::{
    about::About,
    facts::{Access, Because, Cluster, Look, Observed, Subject},
    index::Index,
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
    pub(crate) fn new(lease: &'a Subject, observed: &'a Observed, index: &Index<'a>) -> Self {
        let holder = index.holder(lease);
        let workloads = index.contending(lease, &holder);
        let access = Err(Because("no access review was made".into()));
        Self { lease, observed, cluster: index.cluster, holder, workloads, access }
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

/// The server stores times to the second, and a request takes time.
const ROUNDING: Duration = Duration::from_secs(2);
