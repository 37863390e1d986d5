//! What was seen: of one Lease, of the cluster around it, and of what the candidates may do. A part that
//! could not be looked at says why, so that no check takes it for empty.

use std::{collections::BTreeSet, fmt, time::Duration};

use jiff::Timestamp;
use k8s_openapi::api::{
    apps::v1::{DaemonSet, Deployment, StatefulSet},
    core::v1::{Event, Node},
    policy::v1::PodDisruptionBudget,
};
use serde_json::Value;

use super::pods::Pod;
use crate::{lease::Lease, library::Author};

/// What was seen, or why it could not be looked at.
pub(crate) type Look<T> = Result<T, Because>;

/// Why something could not be looked at, or checked.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Because {
    text: String,
    /// A right is missing.
    pub(crate) is_denied: bool,
}

/// What the API server has, in all namespaces that are examined.
#[derive(Debug)]
pub(crate) struct Cluster {
    pub(crate) pods: Look<Vec<Pod>>,
    pub(crate) deployments: Look<Vec<Deployment>>,
    pub(crate) stateful_sets: Look<Vec<StatefulSet>>,
    pub(crate) daemon_sets: Look<Vec<DaemonSet>>,
    pub(crate) nodes: Look<Vec<Node>>,
    pub(crate) budgets: Look<Vec<PodDisruptionBudget>>,
    /// Those of elections only.
    pub(crate) events: Look<Vec<Event>>,
    pub(crate) elsewhere: Elsewhere,
}

/// Why other namespaces could not be looked at, if something was not found in that of the Lease.
#[derive(Debug, Default)]
pub(crate) struct Elsewhere {
    pub(crate) pods: Option<Because>,
    pub(crate) workloads: Option<Because>,
}

/// What a Lease says. A field that is absent, or is not what it should be, is `None`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Subject {
    pub(crate) namespace: String,
    pub(crate) name: String,
    /// `false`: a workload names it, and there is none.
    pub(crate) exists: bool,
    /// `None`: nobody holds it.
    pub(crate) holder: Option<String>,
    pub(crate) duration_seconds: Option<i64>,
    pub(crate) renewed: Option<Timestamp>,
    pub(crate) acquired: Option<Timestamp>,
    pub(crate) transitions: i64,
    pub(crate) created: Option<Timestamp>,
    pub(crate) deleted: Option<Timestamp>,
    pub(crate) finalizers: Vec<String>,
    pub(crate) owners: Vec<Owner>,
    /// Whether its record tells that kunobi-ha wrote it.
    pub(crate) is_ours: bool,
    /// When the server stored the last renewal, by its own clock, to the second.
    pub(crate) stored: Option<Timestamp>,
    /// Who wrote the holder or the renewal last, as the server recorded it.
    pub(crate) writer: Option<String>,
}

/// An object whose end is the end of the Lease.
#[derive(Clone, Debug)]
pub(crate) struct Owner {
    /// That of its API, empty for the core of Kubernetes.
    pub(crate) group: String,
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) uid: String,
}

/// What was seen of a Lease while the doctor looked at it.
#[derive(Clone, Debug)]
pub(crate) struct Observed {
    /// The time at the end, by the server's clock.
    pub(crate) now: Timestamp,
    /// For how long it was watched.
    pub(crate) window: Duration,
    /// How often the record was written.
    pub(crate) writes: u32,
    pub(crate) changes_of_leader: u32,
    /// The time between two renewals, in the middle.
    pub(crate) cadence: Option<Duration>,
    /// It was renewed while nobody held it, as a heartbeat is.
    pub(crate) beats: bool,
    /// How long a request took, in the middle.
    pub(crate) latency: Duration,
}

/// What a service account may do.
#[derive(Clone, Debug)]
pub(crate) struct Access {
    pub(crate) namespace: String,
    pub(crate) account: String,
    pub(crate) allowed: BTreeSet<Right>,
}

/// A right that a candidate needs, or should not have.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Right {
    Get,
    Update,
    Patch,
    Create,
    Delete,
    CreateAny,
    UpdateAny,
    UpdateElsewhere,
    GetPods,
    ListPods,
    WatchPods,
}

impl Right {
    /// Those that are asked for; the rights on pods only if a candidate needs them.
    pub(crate) const ON_LEASES: [Self; 8] = [
        Self::Get,
        Self::Update,
        Self::Patch,
        Self::Create,
        Self::Delete,
        Self::CreateAny,
        Self::UpdateAny,
        Self::UpdateElsewhere,
    ];
    pub(crate) const ON_PODS: [Self; 3] = [Self::GetPods, Self::ListPods, Self::WatchPods];

    pub(crate) fn verb(self) -> &'static str {
        match self {
            Self::Get | Self::GetPods => "get",
            Self::Update | Self::UpdateAny | Self::UpdateElsewhere => "update",
            Self::Create | Self::CreateAny => "create",
            Self::Delete => "delete",
            Self::Patch => "patch",
            Self::ListPods => "list",
            Self::WatchPods => "watch",
        }
    }

    /// Whether it is a right on the one Lease, and not on every object of its type.
    pub(crate) fn is_named(self) -> bool {
        matches!(self, Self::Get | Self::Update | Self::Patch | Self::Create | Self::Delete)
    }

    pub(crate) fn is_on_pods(self) -> bool {
        Self::ON_PODS.contains(&self)
    }
}

impl Cluster {
    /// Puts a look at all namespaces in the place of that at one. What they hide, the one still shows. Nodes are in none:
    /// those that were seen first stay.
    #[must_use]
    pub(crate) fn widened(self, wide: Self) -> Self {
        let pods = wide.pods.as_ref().err();
        let deployments = wide.deployments.as_ref().err();
        let others = || wide.stateful_sets.as_ref().err().or(wide.daemon_sets.as_ref().err());
        let elsewhere =
            Elsewhere { pods: pods.cloned(), workloads: deployments.or_else(others).cloned() };
        Self {
            elsewhere,
            pods: wide.pods.or(self.pods),
            deployments: wide.deployments.or(self.deployments),
            stateful_sets: wide.stateful_sets.or(self.stateful_sets),
            daemon_sets: wide.daemon_sets.or(self.daemon_sets),
            nodes: self.nodes,
            budgets: wide.budgets.or(self.budgets),
            events: wide.events.or(self.events),
        }
    }
}

impl Subject {
    /// Describes a Lease that does not exist.
    pub(crate) fn missing(namespace: &str, name: &str) -> Self {
        Self { namespace: namespace.into(), name: name.into(), ..Self::default() }
    }

    /// Reads a Lease as it was served.
    pub(crate) fn read(value: &Value) -> Self {
        let lease = Lease::read(value);
        let number = |at: &str| value.pointer(at).and_then(Value::as_i64);
        let owners = value.pointer("/metadata/ownerReferences").and_then(Value::as_array);
        Self {
            exists: true,
            is_ours: Author::of(&[&lease]).is_ours(),
            writer: writer(value),
            stored: lease.renewer().and_then(|renewer| renewer.time),
            // Numbers that cannot be are findings.
            duration_seconds: number("/spec/leaseDurationSeconds"),
            transitions: number("/spec/leaseTransitions").unwrap_or_default(),
            owners: owners.into_iter().flatten().map(Owner::read).collect(),
            namespace: lease.namespace,
            name: lease.name,
            holder: lease.holder,
            renewed: lease.renewed.and_then(|renewed| renewed.at),
            acquired: lease.acquired.and_then(|acquired| acquired.at),
            created: lease.created,
            deleted: lease.deleting,
            finalizers: lease.finalizers,
        }
    }
}

/// Returns the manager that wrote the record last. One that wrote annotations only is none.
fn writer(lease: &Value) -> Option<String> {
    let managers = lease.pointer("/metadata/managedFields").and_then(Value::as_array)?;
    let writes = |manager: &&Value| {
        let fields = manager.pointer("/fieldsV1/f:spec");
        ["f:holderIdentity", "f:renewTime"]
            .iter()
            .any(|field| fields.is_some_and(|it| it.get(field).is_some()))
    };
    let time = |manager: &&Value| manager["time"].as_str()?.parse::<Timestamp>().ok();
    let last = managers.iter().filter(writes).max_by_key(time)?;
    last["manager"].as_str().map(str::to_owned)
}

impl Owner {
    fn read(owner: &Value) -> Self {
        let text = |field: &str| owner[field].as_str().unwrap_or_default().to_owned();
        let version = text("apiVersion");
        let group = version.split_once('/').map(|(group, _)| group.to_owned()).unwrap_or_default();
        Self { group, kind: text("kind"), name: text("name"), uid: text("uid") }
    }
}

impl Observed {
    /// Whether nobody was seen to write the record.
    pub(crate) fn is_silent(&self) -> bool {
        self.writes == 0
    }
}

impl Access {
    /// Its name as a user.
    pub(crate) fn user(&self) -> String {
        format!("system:serviceaccount:{}:{}", self.namespace, self.account)
    }

    pub(crate) fn may(&self, right: Right) -> bool {
        self.allowed.contains(&right)
    }
}

impl Because {
    pub(crate) fn of(text: String) -> Self {
        Self { text, is_denied: false }
    }

    /// The one who asks lacks a right.
    pub(crate) fn denied(text: String) -> Self {
        Self { text, is_denied: true }
    }
}

impl fmt::Display for Because {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn when_the_last_renewal_was_stored_is_read_as_the_other_commands_read_it() {
        let written = |time: &str| {
            json!({ "manager": "kunobi-ha", "operation": "Update", "time": time,
                    "fieldsV1": { "f:spec": { "f:renewTime": {} } } })
        };
        // As texts, the first one is the greater.
        let managers = [written("2026-11-27T12:00:00+02:00"), written("2026-11-27T11:00:00Z")];
        let lease = json!({ "metadata": { "name": "orders", "managedFields": managers } });
        let subject = Subject::read(&lease);
        assert_eq!(subject.stored, "2026-11-27T11:00:00Z".parse().ok());
        assert!(subject.is_ours);
        assert_eq!(subject.writer.as_deref(), Some("kunobi-ha"));
    }
}
