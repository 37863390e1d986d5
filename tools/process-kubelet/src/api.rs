//! Writes to the API server: each is repeated until it is accepted or refused.

use std::{future::Future, time::Duration};

use k8s_openapi::{
    api::core::v1::{Pod, PodStatus},
    apimachinery::pkg::apis::meta::v1::Status,
};
use kube::{
    Api, Client, ResourceExt,
    api::{DeleteParams, Patch, PatchParams, PostParams, Preconditions},
};
use serde_json::json;
use tokio::{sync::watch, time};

/// One pod, by its uid: another one of the same name is left alone.
#[derive(Clone, Debug)]
pub(crate) struct PodApi {
    api: Api<Pod>,
    name: String,
    uid: String,
}

impl PodApi {
    pub(crate) fn new(client: &Client, pod: &Pod) -> Self {
        let namespace = pod.namespace().unwrap_or_default();
        Self {
            api: Api::namespaced(client.clone(), &namespace),
            name: pod.name_any(),
            uid: pod.uid().unwrap_or_default(),
        }
    }

    /// Binds the pod, as a scheduler does. On a server without the subresource it writes the field instead.
    pub(crate) async fn bind(&self, node: &str) {
        let binding = json!({
            "apiVersion": "v1",
            "kind": "Binding",
            "metadata": { "name": self.name, "uid": self.uid },
            "target": { "apiVersion": "v1", "kind": "Node", "name": node },
        });
        let field = json!({ "metadata": { "uid": self.uid }, "spec": { "nodeName": node } });
        let field = Patch::Merge(field);
        insist("bind", &self.name, || async {
            let posted: kube::Result<Status> = self
                .api
                .create_subresource("binding", &self.name, &PostParams::default(), &binding)
                .await;
            match posted {
                Err(kube::Error::Api(status)) if status.code == 405 => {
                    self.api.patch(&self.name, &PatchParams::default(), &field).await.map(drop)
                }
                answer => answer.map(drop),
            }
        })
        .await;
    }

    /// Writes each new status, until its sender is gone.
    pub(crate) async fn write_statuses(self, mut newest: watch::Receiver<PodStatus>) {
        while newest.changed().await.is_ok() {
            insist("status", &self.name, || {
                let status = newest.borrow_and_update().clone();
                self.write(status)
            })
            .await;
        }
    }

    async fn write(&self, status: PodStatus) -> kube::Result<()> {
        // Conditions of others stay: a strategic merge goes by their type.
        let patch = json!({ "metadata": { "uid": self.uid }, "status": status });
        let patch = Patch::Strategic(patch);
        self.api.patch_status(&self.name, &PatchParams::default(), &patch).await.map(drop)
    }

    /// Deletes the object, now that nothing of the pod is left.
    pub(crate) async fn delete(&self) {
        let preconditions = Preconditions { uid: Some(self.uid.clone()), resource_version: None };
        let parameters = DeleteParams {
            grace_period_seconds: Some(0),
            preconditions: Some(preconditions),
            ..DeleteParams::default()
        };
        insist("delete", &self.name, || async {
            self.api.delete(&self.name, &parameters).await.map(drop)
        })
        .await;
    }
}

/// Tries until it succeeds, or until an answer shows that another try is useless.
pub(crate) async fn insist<F>(what: &str, name: &str, mut attempt: impl FnMut() -> F)
where
    F: Future<Output = kube::Result<()>>,
{
    loop {
        match time::timeout(LONGEST_REQUEST, attempt()).await {
            Ok(Ok(())) => return,
            Ok(Err(kube::Error::Api(status))) if is_final(status.code) => {
                // Usually the pod is gone, which is just as well.
                let level_down = status.code == 404 || status.code == 409;
                let message = status.message;
                if level_down {
                    tracing::debug!(what, name, message, "refused");
                } else {
                    tracing::error!(what, name, message, "refused");
                }
                return;
            }
            Ok(Err(error)) => tracing::warn!(what, name, %error, "tried again"),
            Err(_) => tracing::warn!(what, name, "no answer; tried again"),
        }
        time::sleep(RETRY).await;
    }
}

/// Neither overload nor a token that is about to be renewed is an answer.
fn is_final(code: u16) -> bool {
    (400..500).contains(&code) && !matches!(code, 401 | 408 | 429)
}

const LONGEST_REQUEST: Duration = Duration::from_secs(5);
const RETRY: Duration = Duration::from_millis(300);
