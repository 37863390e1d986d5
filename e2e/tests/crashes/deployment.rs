//! The candidates of one contest: a Deployment of two pods.

use std::collections::BTreeSet;

use e2e::{clock::boottime, objects::create};
use k8s_openapi::api::core::v1::Pod;
use kube::{
    Api, ResourceExt,
    api::{DeleteParams, ListParams, Patch, PatchParams},
};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::{
    Fault, Kind, Outcome, TIMING,
    world::{NAMESPACE, OURS, THEIRS, World},
};

pub(crate) struct Deployment {
    pods: Api<Pod>,
    name: String,
    /// The names of all pods that ever were.
    seen: BTreeSet<String>,
}

pub(crate) const REPLICAS: usize = 2;

impl Deployment {
    pub(crate) async fn create(world: &World, name: &str, kind: Kind) -> Outcome<Self> {
        let labels = json!({ "app": name });
        let deployment = json!({
            "metadata": { "name": name },
            "spec": {
                "replicas": REPLICAS,
                "selector": { "matchLabels": labels },
                "template": {
                    "metadata": { "labels": labels },
                    "spec": {
                        "terminationGracePeriodSeconds": 5,
                        "containers": [container(world, name, kind)?],
                    },
                },
            },
        });
        let path = format!("/apis/apps/v1/namespaces/{NAMESPACE}/deployments");
        create(&world.admin, &path, &deployment).await?;
        let pods = Api::namespaced(world.admin.clone(), NAMESPACE);
        Ok(Self { pods, name: name.into(), seen: BTreeSet::new() })
    }

    /// Returns the names of the pods that are not being deleted.
    pub(crate) async fn running(&mut self) -> Outcome<Vec<String>> {
        let parameters = ListParams::default().labels(&format!("app={}", self.name));
        let pods = self.pods.list(&parameters).await?;
        self.seen.extend(pods.iter().map(ResourceExt::name_any));
        let here = pods.into_iter().filter(|pod| pod.metadata.deletion_timestamp.is_none());
        Ok(here.map(|pod| pod.name_any()).collect())
    }

    /// Returns the names of all pods that ever were.
    pub(crate) fn seen(&self) -> impl Iterator<Item = &str> {
        self.seen.iter().map(String::as_str)
    }

    /// Makes the process of a pod die; returns when it was told to.
    pub(crate) async fn strike(&self, pod: &str, process: u64, fault: Fault) -> Outcome<u64> {
        let id = Pid::from_raw(i32::try_from(process)?).ok_or("there is no such process")?;
        let at = boottime();
        match fault {
            Fault::Kill => kill_process(id, Signal::KILL)?,
            Fault::Panic => kill_process(id, Signal::USR1)?,
            Fault::OutOfMemory => {
                let end = format!("end.process-kubelet/{CONTAINER}");
                let annotations = json!({ end: format!("oom {process}") });
                let patch = json!({ "metadata": { "annotations": annotations } });
                self.pods.patch(pod, &PatchParams::default(), &Patch::Merge(patch)).await?;
            }
        }
        Ok(at)
    }

    pub(crate) async fn delete(&self, pod: &str) -> Outcome {
        self.pods.delete(pod, &DeleteParams::default()).await?;
        Ok(())
    }
}

fn container(world: &World, lease: &str, kind: Kind) -> Outcome<Value> {
    let kubeconfig = world.kubeconfig()?.display();
    let times = ["--lease-duration", "--renew-deadline", "--retry-period"];
    let mut arguments = vec![
        format!("--kubeconfig={kubeconfig}"),
        format!("--namespace={NAMESPACE}"),
        format!("--name={lease}"),
        "--identity=$(POD_NAME)".into(),
        "--rejoin".into(),
    ];
    arguments.extend(
        times.iter().zip(TIMING).map(|(name, time)| format!("{name}={}ms", time.as_millis())),
    );
    if kind == Kind::ClientGo {
        // Otherwise a restarted container takes the Lease of its dead predecessor for its own.
        arguments.push("--unique".into());
    }
    if kind.watches() {
        arguments.push("--watch".into());
    }
    let mut variables = vec![
        json!({ "name": "POD_NAME", "valueFrom": { "fieldRef": { "fieldPath": "metadata.name" } } }),
    ];
    if kind.has_certificates() {
        arguments.push(format!("--certificates={CONTAINER}"));
        variables.push(json!({ "name": "HA_TERMINATION_LOG", "value": "$(TERMINATION_LOG)" }));
    }
    let image = match kind {
        Kind::ClientGo => THEIRS,
        Kind::Polling | Kind::Watching | Kind::CertifiedPolling | Kind::CertifiedWatching => OURS,
    };
    Ok(json!({ "name": CONTAINER, "image": image, "args": arguments, "env": variables }))
}

const CONTAINER: &str = "manager";
