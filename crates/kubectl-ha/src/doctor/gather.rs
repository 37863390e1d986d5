//! Looks at the cluster: each kind of object once, in pages, however many elections there are.

mod around;
mod observation;
mod reviews;

use std::{collections::BTreeSet, time::Duration};

use serde_json::Value;
use tokio::time::Instant;

use self::{
    around::{look_around, look_wider},
    observation::Observation,
    reviews::Reviews,
};
use super::{
    election::{Election, Holder},
    facts::{Access, Cluster, Look, Observed, Subject},
    index::Index,
};
use crate::{
    api::{self, Kind, Target},
    cli::DoctorOptions,
    failure::Failure,
    lease::Lease,
    time::ServerTime,
};

/// All that was seen.
pub(crate) struct Seen {
    cluster: Cluster,
    leases: Vec<(Subject, Observed)>,
    /// For each Lease.
    access: Vec<Look<Vec<Access>>>,
}

impl Seen {
    pub(crate) async fn gather(
        api: &api::Cluster,
        options: &DoctorOptions,
    ) -> Result<Self, Failure> {
        let namespace = (!options.all_namespaces).then(|| api.namespace());
        let name = options.lease.as_ref().map(|it| it.0.as_str());
        let window = options.observe.0.unwrap_or_default();
        let observation = Observation::make(api, namespace, name, window).await?;
        let listed = match (namespace, name) {
            (Some(namespace), Some(name)) => one(api, namespace, name).await?,
            _ => all(api, namespace).await?,
        };
        let latency = latency(api, listed.leases.first()).await;
        let now = listed.time.at(Instant::now());
        let observe = |lease: Subject| {
            let observed = observation.of(&lease, now, latency);
            (lease, observed)
        };
        let mut seen = Self {
            leases: listed.leases.into_iter().map(observe).collect(),
            cluster: look_around(api, namespace).await?,
            access: Vec::new(),
        };
        let mut missing = seen.missing(namespace, name);
        let is_lost = listed.absent.is_some() && missing.is_empty();
        if namespace.is_some() && (is_lost || seen.is_of_elsewhere()) {
            seen.cluster = look_wider(api, seen.cluster).await?;
            missing = seen.missing(namespace, name);
        }
        match listed.absent {
            Some(absent) if missing.is_empty() => return Err(absent),
            Some(_) | None => seen.leases.extend(missing.into_iter().map(observe)),
        }
        let mut reviews = Reviews::new(api);
        let mut access = Vec::new();
        for election in seen.elections(&seen.index()) {
            access.push(reviews.of(&election).await);
        }
        seen.access = access;
        Ok(seen)
    }

    pub(crate) fn index(&self) -> Index<'_> {
        Index::new(&self.cluster)
    }

    /// Puts together what was seen of each election.
    pub(crate) fn elections<'a>(&'a self, index: &'a Index<'a>) -> Vec<Election<'a>> {
        let mut elections = Vec::new();
        for (at, (lease, observed)) in self.leases.iter().enumerate() {
            let mut election = Election::new(lease, observed, index);
            if let Some(access) = self.access.get(at) {
                election.access.clone_from(access);
            }
            elections.push(election);
        }
        elections
    }

    /// Whether a holder, or who contends, is not found in the namespace of the Lease.
    fn is_of_elsewhere(&self) -> bool {
        let index = self.index();
        let elections = self.elections(&index);
        elections.iter().any(|it| {
            let has_none = it.workloads.as_ref().is_ok_and(Vec::is_empty);
            has_none || matches!(it.holder, Ok(Holder::Unknown(_)))
        })
    }

    /// Returns the Leases that workloads want, of these that are examined, and that do not exist. One that its workload
    /// holds in another namespace does.
    fn missing(&self, namespace: Option<&str>, name: Option<&str>) -> Vec<Subject> {
        let index = self.index();
        let Ok(wanted) = index.wanted() else {
            return Vec::new();
        };
        let mut known: BTreeSet<_> =
            self.leases.iter().map(|(it, _)| (it.namespace.as_str(), it.name.as_str())).collect();
        let elections = self.elections(&index);
        let workloads = elections.iter().flat_map(|it| {
            it.workloads.iter().flatten().map(|workload| (&*it.lease.name, workload.key()))
        });
        let served: BTreeSet<_> = workloads.collect();
        let mut missing = Vec::new();
        for (workload, (within, lease)) in wanted {
            let is_meant =
                namespace.is_none_or(|it| it == within) && name.is_none_or(|it| it == lease);
            if is_meant
                && !served.contains(&(lease, workload.key()))
                && known.insert((within, lease))
            {
                missing.push(Subject::missing(within, lease));
            }
        }
        missing
    }
}

/// The Leases that are examined.
struct Listed {
    leases: Vec<Subject>,
    time: ServerTime,
    /// The one that is asked for does not exist.
    absent: Option<Failure>,
}

async fn one(api: &api::Cluster, namespace: &str, name: &str) -> Result<Listed, Failure> {
    // That it does not exist is told with the names of those that do.
    match api.stored_lease(namespace, name).await {
        Err(failure) if failure.is_not_found() => {
            let read = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_default();
            let query = [("fieldSelector", &*format!("metadata.name={name}"))];
            match api.list(&Target::list(Kind::LEASES, Some(namespace)), &query, read).await {
                Ok(listing) => {
                    let leases: Vec<_> = listing.items.iter().map(Subject::read).collect();
                    let absent = leases.is_empty().then_some(failure);
                    Ok(Listed { leases, time: listing.time, absent })
                }
                Err(_) => Err(failure),
            }
        }
        Err(failure) => Err(failure),
        Ok(answer) if Lease::read(&answer.value).is_heartbeat() => {
            Err(Failure::NotNow(format!("{name} elects nobody: it is a heartbeat")))
        }
        Ok(answer) => {
            let leases = vec![Subject::read(&answer.value)];
            Ok(Listed { leases, time: answer.time, absent: None })
        }
    }
}

async fn all(api: &api::Cluster, namespace: Option<&str>) -> Result<Listed, Failure> {
    let read = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_default();
    let listing = api.list(&Target::list(Kind::LEASES, namespace), &[], read).await?;
    let elections = listing.items.iter().filter(|it| !Lease::read(it).is_heartbeat());
    let leases = elections.map(Subject::read).collect();
    Ok(Listed { leases, time: listing.time, absent: None })
}

/// Measures how long a request takes, in the middle of three.
async fn latency(api: &api::Cluster, lease: Option<&Subject>) -> Duration {
    let Some(lease) = lease else {
        return Duration::ZERO;
    };
    let target = Target::get(Kind::LEASES, &lease.namespace, &lease.name);
    let mut took = Vec::new();
    for _ in 0..3 {
        let begun = Instant::now();
        // A refusal takes as long as an answer.
        let _ = api.get(&target).await;
        took.push(begun.elapsed());
    }
    took.sort();
    took[took.len() / 2]
}
