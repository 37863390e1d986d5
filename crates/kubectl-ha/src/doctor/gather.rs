//! Looks at the cluster: each kind of object once, in pages, however many elections there are.

mod observation;
mod reviews;

use std::{collections::BTreeSet, time::Duration};

use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::time::Instant;

use self::{observation::Observation, reviews::Reviews};
use super::{
    election::{Election, Holder},
    facts::{Access, Because, Cluster, Look, Observed, Subject},
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
        if namespace.is_some() && seen.is_led_from_elsewhere() {
            seen.cluster = look_around(api, None).await?;
        }
        let missing = seen.missing(namespace, name);
        match listed.absent {
            Some(absent) if missing.is_empty() => return Err(absent),
            Some(_) | None => seen.leases.extend(missing.into_iter().map(observe)),
        }
        let mut reviews = Reviews::new(api);
        let mut access = Vec::new();
        for election in seen.elections(&seen.index()) {
            access.push(reviews.of(&election).await?);
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

    /// Whether a holder is not found in the namespace of its Lease.
    fn is_led_from_elsewhere(&self) -> bool {
        let index = self.index();
        self.elections(&index).iter().any(|it| matches!(it.holder, Ok(Holder::Unknown(_))))
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
    match api.lease(namespace, name).await {
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
        Ok(answer) if answer.value.is_heartbeat() => {
            Err(Failure::NotNow(format!("{name} elects nobody: it is a heartbeat")))
        }
        Ok(_) => {
            let answer = api.get(&Target::get(Kind::LEASES, namespace, name)).await?;
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

async fn look_around(api: &api::Cluster, namespace: Option<&str>) -> Result<Cluster, Failure> {
    let of_elections =
        [("fieldSelector", "involvedObject.kind=Lease,reason=LeaderElection")].as_slice();
    let apps = |plural| Kind::new("apps", plural);
    Ok(Cluster {
        pods: look(api, Kind::PODS, namespace, &[]).await?,
        deployments: look(api, apps("deployments"), namespace, &[]).await?,
        stateful_sets: look(api, apps("statefulsets"), namespace, &[]).await?,
        daemon_sets: look(api, apps("daemonsets"), namespace, &[]).await?,
        nodes: look(api, Kind::new("", "nodes"), None, &[]).await?,
        budgets: look(api, Kind::new("policy", "poddisruptionbudgets"), namespace, &[]).await?,
        events: look(api, Kind::EVENTS, namespace, of_elections).await?,
    })
}

/// Lists objects; a missing right hides them, and any other failure is one.
async fn look<T: DeserializeOwned>(
    api: &api::Cluster,
    kind: Kind,
    namespace: Option<&str>,
    query: &[(&str, &str)],
) -> Result<Look<Vec<T>>, Failure> {
    let target = Target::list(kind, namespace);
    let read = |text: &str| serde_json::from_str::<T>(text).map_err(|error| error.to_string());
    let plural = kind.plural;
    match api.list(&target, query, read).await {
        Ok(listing) => {
            let read: Result<Vec<T>, String> = listing.items.into_iter().collect();
            Ok(read.map_err(|error| Because(format!("one of the {plural} can't be read: {error}"))))
        }
        Err(Failure::Denied(_)) => {
            let place = namespace.map_or_else(String::new, |it| format!(" in the namespace {it}"));
            Ok(Err(Because(format!("you may not list {plural}{place}"))))
        }
        Err(failure) => Err(failure),
    }
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
