//! The Deployment, as `kubectl rollout` sees it.

use std::time::{Duration, Instant};

use k8s_openapi::api::{
    apps::v1::{Deployment, DeploymentStatus, ReplicaSet},
    core::v1::{Pod, PodTemplateSpec},
};
use kube::{
    Api, Client, ResourceExt,
    api::{ListParams, Patch, PatchParams},
};
use serde_json::json;

use super::{
    chart::{NAME, Release},
    site::poll,
};

#[derive(Clone, Debug)]
pub(crate) struct Workload {
    pub(crate) pods: Api<Pod>,
    deployments: Api<Deployment>,
    sets: Api<ReplicaSet>,
}

/// How a rollout went.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rolled {
    pub(crate) took: Duration,
    /// The fewest available replicas that the Deployment ever counted.
    pub(crate) least_available: usize,
}

impl Workload {
    pub(crate) fn new(client: Client, namespace: &str) -> Self {
        Self {
            pods: Api::namespaced(client.clone(), namespace),
            deployments: Api::namespaced(client.clone(), namespace),
            sets: Api::namespaced(client, namespace),
        }
    }

    /// Waits as `kubectl rollout status` does, and until the last old pod is gone.
    pub(crate) async fn until_rolled(&self, release: &Release) -> Rolled {
        let since = Instant::now();
        let mut least_available = usize::MAX;
        loop {
            let deployment = self.get().await;
            least_available = least_available.min(available(&deployment));
            if is_complete(&deployment) && self.is_alone(release).await {
                return Rolled { took: since.elapsed(), least_available };
            }
            assert!(since.elapsed() < PATIENCE, "it never rolls: {:#?}", deployment.status);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub(crate) async fn is_rolled(&self, release: &Release) -> bool {
        is_complete(&self.get().await) && self.is_alone(release).await
    }

    pub(crate) async fn get(&self) -> Deployment {
        self.deployments.get(NAME).await.expect("it is there")
    }

    pub(crate) async fn status(&self) -> DeploymentStatus {
        self.get().await.status.unwrap_or_default()
    }

    /// Returns all pods that are not terminating, with the versions that they run.
    pub(crate) async fn running(&self) -> Vec<(Pod, String)> {
        let pods = self.pods.list(&ListParams::default()).await.expect("they can be listed");
        let here = pods.into_iter().filter(|pod| pod.metadata.deletion_timestamp.is_none());
        here.map(|pod| (pod.clone(), version_of(&pod))).collect()
    }

    pub(crate) async fn running_of(&self, version: &str) -> usize {
        self.running().await.iter().filter(|(_, of)| of == version).count()
    }

    /// Does what `kubectl scale` does, and waits until it is done.
    pub(crate) async fn scale_to_zero(&self) {
        self.merge(&json!({ "spec": { "replicas": 0 } })).await;
        poll("all pods are gone", || async {
            let pods = self.pods.list(&ListParams::default()).await.expect("they can be listed");
            pods.items.is_empty().then_some(())
        })
        .await;
    }

    /// Does what `kubectl rollout pause` and `resume` do.
    pub(crate) async fn pause(&self, paused: bool) {
        self.merge(&json!({ "spec": { "paused": paused } })).await;
    }

    /// Does what `kubectl rollout undo` does: the template of the second-to-last revision comes back.
    pub(crate) async fn undo(&self) {
        let mut sets = self.sets.list(&ListParams::default()).await.expect("a list").items;
        sets.sort_by_key(revision);
        let previous = &sets[sets.len() - 2];
        let mut template: PodTemplateSpec = previous.spec.template.clone().expect("a template");
        let labels = template.metadata.as_mut().and_then(|metadata| metadata.labels.as_mut());
        labels.expect("labels").remove("pod-template-hash");
        let patch = json!([{ "op": "replace", "path": "/spec/template", "value": template }]);
        let patch: Patch<()> = Patch::Json(serde_json::from_value(patch).expect("a patch"));
        let patched = self.deployments.patch(NAME, &PatchParams::default(), &patch).await;
        patched.expect("it is patched");
    }

    async fn merge(&self, patch: &serde_json::Value) {
        let patch = Patch::Merge(patch);
        let patched = self.deployments.patch(NAME, &PatchParams::default(), &patch).await;
        patched.expect("it is patched");
    }

    /// Terminating pods count: they are not gone yet.
    async fn is_alone(&self, release: &Release) -> bool {
        let pods = self.pods.list(&ListParams::default()).await.expect("they can be listed");
        pods.items.len() == release.replicas
            && pods.iter().all(|pod| version_of(pod) == release.version)
    }
}

pub(crate) fn is_ready(pod: &Pod) -> bool {
    let conditions = pod.status.as_ref().and_then(|status| status.conditions.as_ref());
    conditions.into_iter().flatten().any(|it| it.type_ == "Ready" && it.status == "True")
}

fn version_of(pod: &Pod) -> String {
    let container = pod.spec.as_ref().and_then(|spec| spec.containers.first());
    let image = container.and_then(|container| container.image.clone()).unwrap_or_default();
    image.rsplit(':').next().unwrap_or_default().to_owned()
}

fn revision(set: &ReplicaSet) -> u64 {
    let revision = set.annotations().get("deployment.kubernetes.io/revision");
    revision.and_then(|revision| revision.parse().ok()).expect("a revision")
}

fn available(deployment: &Deployment) -> usize {
    let status = deployment.status.as_ref();
    number(status.and_then(|status| status.available_replicas))
}

/// The conditions of `kubectl rollout status`.
fn is_complete(deployment: &Deployment) -> bool {
    let status = deployment.status.clone().unwrap_or_default();
    let wanted = number(deployment.spec.replicas);
    status.observed_generation >= deployment.metadata.generation
        && number(status.updated_replicas) >= wanted
        && number(status.replicas) <= number(status.updated_replicas)
        && number(status.available_replicas) >= number(status.updated_replicas)
}

pub(crate) fn number(number: Option<i32>) -> usize {
    usize::try_from(number.unwrap_or(0)).expect("it counts something")
}

const PATIENCE: Duration = Duration::from_secs(120);
