//! From a `Website` to what serves it.

use std::{sync::Arc, time::Duration};

use futures::StreamExt;
use k8s_openapi::api::{apps::v1::Deployment, core::v1::ConfigMap};
use kube::{
    Api, Client, Resource, ResourceExt,
    api::{Patch, PatchParams},
    runtime::{
        Controller,
        controller::Action,
        events::{Event, EventType, Recorder, Reporter},
        finalizer::{self, finalizer},
        watcher,
    },
};
use serde_json::json;

use crate::types::{Website, WebsiteStatus};

/// Why a reconciliation failed. It is tried again.
type Failure = finalizer::Error<kube::Error>;

struct Operator {
    websites: Api<Website>,
    deployments: Api<Deployment>,
    maps: Api<ConfigMap>,
    recorder: Recorder,
}

/// Serves the websites of a namespace, until it is dropped.
pub(crate) async fn run(client: Client, namespace: &str) {
    let operator = Operator {
        websites: Api::namespaced(client.clone(), namespace),
        deployments: Api::namespaced(client.clone(), namespace),
        maps: Api::namespaced(client.clone(), namespace),
        recorder: Recorder::new(client, Reporter { controller: MANAGER.into(), instance: None }),
    };
    Controller::new(operator.websites.clone(), watcher::Config::default())
        .owns(operator.deployments.clone(), watcher::Config::default())
        .run(reconcile, try_again, Arc::new(operator))
        .for_each(|outcome| async {
            if let Err(error) = outcome {
                eprintln!("website: {error}");
            }
        })
        .await;
}

async fn reconcile(website: Arc<Website>, operator: Arc<Operator>) -> Result<Action, Failure> {
    finalizer(&operator.websites, FINALIZER, website, |event| async {
        match event {
            finalizer::Event::Apply(website) => operator.serve(&website).await?,
            finalizer::Event::Cleanup(website) => operator.enter(&website, None).await?,
        }
        Ok(Action::await_change())
    })
    .await
}

fn try_again(_: Arc<Website>, _: &Failure, _: Arc<Operator>) -> Action {
    Action::requeue(RETRY)
}

impl Operator {
    async fn serve(&self, website: &Website) -> kube::Result<()> {
        let deployment = self.deploy(website).await?;
        self.enter(website, Some(&website.spec.text)).await?;
        let status = WebsiteStatus {
            ready_replicas: ready_replicas(&deployment),
            observed_generation: website.metadata.generation.unwrap_or(0),
        };
        if website.status.as_ref() == Some(&status) {
            return Ok(());
        }
        let patch = Patch::Merge(json!({ "status": status }));
        let name = website.name_any();
        let told = self.websites.patch_status(&name, &PatchParams::default(), &patch).await?;
        if told.is_served() && !website.is_served() {
            self.announce(website).await?;
        }
        Ok(())
    }

    /// Applies the Deployment. What others changed of these fields is mended, of other fields left as it is.
    async fn deploy(&self, website: &Website) -> kube::Result<Deployment> {
        let name = website.name_any();
        let labels = json!({ "website": name });
        let deployment = json!({
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": { "name": name, "ownerReferences": [website.controller_owner_ref(&())] },
            "spec": {
                "replicas": website.spec.replicas,
                "selector": { "matchLabels": labels },
                "template": {
                    "metadata": { "labels": labels },
                    "spec": { "containers": [{
                        "name": "page",
                        "image": "registry.example/page:1",
                        "env": [{ "name": "TEXT", "value": website.spec.text }],
                    }] },
                },
            },
        });
        let ours = PatchParams::apply(MANAGER).force();
        self.deployments.patch(&name, &ours, &Patch::Apply(deployment)).await
    }

    /// Makes the entry of a website in the shared list say this, or takes it off. Each website is a manager of
    /// its own, so that none touches the entries of others.
    async fn enter(&self, website: &Website, text: Option<&str>) -> kube::Result<()> {
        let name = website.name_any();
        let data = text.map(|text| json!({ &name: text })).unwrap_or_default();
        let list = json!({
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": { "name": LIST },
            "data": data,
        });
        let ours = PatchParams::apply(&format!("{MANAGER}/{name}")).force();
        self.maps.patch(LIST, &ours, &Patch::Apply(list)).await?;
        Ok(())
    }

    async fn announce(&self, website: &Website) -> kube::Result<()> {
        let event = Event {
            type_: EventType::Normal,
            reason: "Served".into(),
            note: Some(format!("{} replicas serve it", website.spec.replicas)),
            action: "Serve".into(),
            secondary: None,
        };
        self.recorder.publish(&event, &website.object_ref(&())).await
    }
}

/// How many pods of the newest template are ready. What is not told of this generation counts as none.
fn ready_replicas(deployment: &Deployment) -> i32 {
    let status = deployment.status.as_ref();
    status
        .filter(|status| status.observed_generation == deployment.metadata.generation)
        .and_then(|status| status.ready_replicas.min(status.updated_replicas))
        .unwrap_or(0)
}

pub(crate) const FINALIZER: &str = "demo.kunobi.ninja/list";
pub(crate) const MANAGER: &str = "website-operator";
const LIST: &str = "websites";
const RETRY: Duration = Duration::from_secs(5);
