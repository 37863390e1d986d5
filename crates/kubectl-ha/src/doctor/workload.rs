//! What runs the candidates of an election: a Deployment, a `StatefulSet` or a `DaemonSet`.

use k8s_openapi::{
    api::{
        apps::v1::{DaemonSet, Deployment, StatefulSet},
        core::v1::{Container, PodSpec, PodTemplateSpec},
    },
    apimachinery::pkg::{apis::meta::v1::ObjectMeta, util::intstr::IntOrString},
};

use super::{
    about::About,
    facts::{Cluster, Look},
    pods::{self, Pod},
};
use crate::pod::deployment_of;

/// A workload, and those of its pods that have not ended.
#[derive(Clone, Debug)]
pub(crate) struct Workload<'a> {
    pub(crate) kind: Kind,
    pub(crate) meta: &'a ObjectMeta,
    pub(crate) template: &'a PodTemplateSpec,
    pub(crate) replicas: i32,
    pub(crate) rollout: Rollout,
    pub(crate) pods: Vec<&'a Pod>,
}

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Kind {
    DaemonSet,
    Deployment,
    StatefulSet,
}

/// How a new revision takes the place of an old one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Rollout {
    /// All old pods end before a new one begins.
    Recreate,
    /// As many pods as this may be unavailable at a time.
    Rolling { max_unavailable: i32 },
    /// Somebody deletes the old pods.
    OnDelete,
}

impl<'a> Workload<'a> {
    /// Returns all workloads, without their pods. What can't be seen could contend, so all are needed.
    pub(crate) fn all(cluster: &'a Cluster) -> Look<Vec<Self>> {
        let deployments = cluster.deployments.as_ref().map_err(Clone::clone)?;
        let stateful = cluster.stateful_sets.as_ref().map_err(Clone::clone)?;
        let daemons = cluster.daemon_sets.as_ref().map_err(Clone::clone)?;
        let deployments = deployments.iter().map(Self::deployment);
        let stateful = stateful.iter().map(Self::stateful_set);
        Ok(deployments.chain(stateful).chain(daemons.iter().map(Self::daemon_set)).collect())
    }

    fn deployment(it: &'a Deployment) -> Self {
        let spec = &it.spec;
        let replicas = spec.replicas.unwrap_or(1);
        let strategy = spec.strategy.as_ref();
        let rollout = if strategy.is_some_and(|it| it.type_.as_deref() == Some("Recreate")) {
            Rollout::Recreate
        } else {
            let rolling = strategy.and_then(|it| it.rolling_update.as_ref());
            let quarter = IntOrString::String("25%".into());
            let given = rolling.and_then(|it| it.max_unavailable.as_ref()).unwrap_or(&quarter);
            let surge = rolling.and_then(|it| it.max_surge.as_ref()).unwrap_or(&quarter);
            // The Deployment controller lets one pod go if both are rounded to nothing.
            let none = scaled(given, replicas, false) == 0 && scaled(surge, replicas, true) == 0;
            let max_unavailable = if none { 1 } else { scaled(given, replicas, false) };
            Rollout::Rolling { max_unavailable }
        };
        Self::new(Kind::Deployment, &it.metadata, &spec.template, replicas, rollout)
    }

    fn stateful_set(it: &'a StatefulSet) -> Self {
        let spec = &it.spec;
        let strategy = spec.update_strategy.as_ref().and_then(|it| it.type_.as_deref());
        let rollout = match strategy {
            Some("OnDelete") => Rollout::OnDelete,
            // One after the other, whatever may be unavailable.
            _ => Rollout::Rolling { max_unavailable: 0 },
        };
        let replicas = spec.replicas.unwrap_or(1);
        Self::new(Kind::StatefulSet, &it.metadata, &spec.template, replicas, rollout)
    }

    fn daemon_set(it: &'a DaemonSet) -> Self {
        let spec = &it.spec;
        let replicas = it.status.as_ref().map_or(0, |it| it.desired_number_scheduled);
        let strategy = spec.update_strategy.as_ref();
        let rollout = if let Some("OnDelete") = strategy.and_then(|it| it.type_.as_deref()) {
            Rollout::OnDelete
        } else {
            let rolling = strategy.and_then(|it| it.rolling_update.as_ref());
            let given = rolling.and_then(|it| it.max_unavailable.as_ref());
            let max_unavailable = given.map_or(1, |it| scaled(it, replicas, true));
            Rollout::Rolling { max_unavailable }
        };
        Self::new(Kind::DaemonSet, &it.metadata, &spec.template, replicas, rollout)
    }

    fn new(
        kind: Kind,
        meta: &'a ObjectMeta,
        template: &'a PodTemplateSpec,
        replicas: i32,
        rollout: Rollout,
    ) -> Self {
        Self { kind, meta, template, replicas, rollout, pods: Vec::new() }
    }

    /// Whether this pod is one of its pods.
    pub(crate) fn owns(&self, pod: &Pod) -> bool {
        let owner = controller(pod);
        pod.metadata.namespace == self.meta.namespace
            && owner.is_some_and(|(kind, name)| {
                (kind, Some(name)) == (self.kind, self.meta.name.as_deref())
            })
    }

    /// Whether this pod of its pods runs, so that it can lead.
    pub(crate) fn can_lead(&self, pod: &Pod) -> bool {
        pods::can_lead(pod, &self.electing())
    }

    /// Returns its namespace, kind and name.
    pub(crate) fn key(&self) -> (&'a str, Kind, &'a str) {
        let Self { meta, kind, .. } = self;
        let namespace = meta.namespace.as_deref().unwrap_or_default();
        (namespace, *kind, meta.name.as_deref().unwrap_or_default())
    }

    pub(crate) fn about(&self) -> About {
        About::of(self.kind.text(), self.meta)
    }

    /// Returns the command that shows it.
    pub(crate) fn describe(&self) -> String {
        let kind = self.kind.text().to_lowercase();
        format!("kubectl -n {} describe {kind} {}", self.namespace(), self.name())
    }

    /// Returns the command that gives it a leader and a standby; nodes decide how many pods a `DaemonSet` has.
    pub(crate) fn scale(&self) -> Option<String> {
        let kind = match self.kind {
            Kind::Deployment | Kind::StatefulSet => self.kind.text().to_lowercase(),
            Kind::DaemonSet => return None,
        };
        Some(format!("kubectl -n {} scale {kind}/{} --replicas=2", self.namespace(), self.name()))
    }

    pub(crate) fn name(&self) -> &str {
        self.meta.name.as_deref().unwrap_or_default()
    }

    pub(crate) fn namespace(&self) -> &str {
        self.meta.namespace.as_deref().unwrap_or_default()
    }

    pub(crate) fn containers(&self) -> impl Iterator<Item = &'a Container> + use<'a> {
        self.pod_spec().into_iter().flat_map(|it| &it.containers)
    }

    pub(crate) fn pod_spec(&self) -> Option<&'a PodSpec> {
        self.template.spec.as_ref()
    }

    /// Returns what the template says of a variable, if it says a text.
    pub(crate) fn variable(&self, name: &str) -> Option<&'a str> {
        let variables = self.containers().flat_map(|it| it.env.iter().flatten());
        variables.filter(|it| it.name == name).find_map(|it| it.value.as_deref())
    }

    /// Whether it has the variables of our chart.
    pub(crate) fn has_our_variables(&self) -> bool {
        OURS.iter().any(|name| self.variable(name).is_some())
    }

    pub(crate) fn account(&self) -> &'a str {
        let given = self.pod_spec().and_then(|it| it.service_account_name.as_deref());
        given.filter(|name| !name.is_empty()).unwrap_or("default")
    }
}

impl Kind {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::DaemonSet => "DaemonSet",
            Self::Deployment => "Deployment",
            Self::StatefulSet => "StatefulSet",
        }
    }
}

/// Returns the workload of a pod. There are kinds of the same name in other API groups.
pub(crate) fn controller(pod: &Pod) -> Option<(Kind, &str)> {
    let mut owners = pod.metadata.owner_references.iter().flatten();
    let owner = owners.find(|it| it.controller == Some(true))?;
    match owner.kind.as_str() {
        _ if !owner.api_version.starts_with("apps/") => None,
        "DaemonSet" => Some((Kind::DaemonSet, &owner.name)),
        "StatefulSet" => Some((Kind::StatefulSet, &owner.name)),
        "ReplicaSet" => {
            let name = deployment_of(&owner.name, pods::revision(pod)?)?;
            Some((Kind::Deployment, name))
        }
        _ => None,
    }
}

/// Returns how many pods a number or a percentage of them is.
pub(crate) fn scaled(value: &IntOrString, of: i32, up: bool) -> i32 {
    match value {
        IntOrString::Int(number) => *number,
        IntOrString::String(text) => {
            let percent = text.strip_suffix('%').and_then(|it| it.parse::<i32>().ok());
            let product = percent.unwrap_or_default().saturating_mul(of);
            if up { product.saturating_add(99) / 100 } else { product / 100 }
        }
    }
}

const OURS: [&str; 2] = ["HA_LEASE", "HA_GRACE_PERIOD_SECONDS"];
