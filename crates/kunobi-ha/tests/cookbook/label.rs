//! A Service that selects the leader, by a label that the leader sets on its pod.

use std::time::Duration;

use k8s_openapi::api::core::v1::Pod;
use kube::{
    Api, Client, ResourceExt,
    api::{ListParams, Patch, PatchParams},
};
use kunobi_ha::{
    BoxError,
    operator::{LeaderContext, Operator},
    shutdown::{Handle, Reason, Report, Shutdown},
};
use kunobi_ha_test::{Faults, TestServer};
use serde_json::json;
use tokio::task::JoinHandle;

use crate::elections::election;

/// Leader work: keeps the label on this pod, and on no other.
async fn label(pods: Api<Pod>, me: String, lead: LeaderContext) -> Result<(), BoxError> {
    // A leader that crashed or was cut off could not remove it.
    let labelled = ListParams::default().labels("role=leader,app=my-operator");
    for pod in pods.list_metadata(&labelled).await? {
        if pod.name_any() != me {
            set_role(&pods, &pod.name_any(), None).await?;
        }
    }
    set_role(&pods, &me, Some("leader")).await?;
    lead.stopped().await;
    set_role(&pods, &me, None).await
}

async fn set_role(pods: &Api<Pod>, pod: &str, role: Option<&str>) -> Result<(), BoxError> {
    let patch = Patch::Merge(json!({ "metadata": { "labels": { "role": role } } }));
    match pods.patch_metadata(pod, &PatchParams::default(), &patch).await {
        Err(kube::Error::Api(status)) if status.is_not_found() => Ok(()), // It is gone.
        answer => Ok(answer.map(drop)?),
    }
}

fn start(server: &TestServer, name: &'static str) -> (Handle, JoinHandle<Report>) {
    let pods: Api<Pod> = Api::default_namespaced(Client::new(server.service(name), "default"));
    let stop = Shutdown::builder().manual().unwrap();
    let operator = Operator::new(election(server, name).build());
    let handle = stop.handle();
    let operator =
        operator.shutdown(stop).lead("label", move |lead| label(pods.clone(), name.into(), lead));
    (handle, tokio::spawn(operator.run()))
}

#[tokio::test(start_paused = true)]
async fn the_label_is_on_the_pod_of_the_leader_and_on_no_other() {
    let pod = |name: &str| {
        format!(
            "{{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"metadata\": {{\"name\": \"{name}\", \"namespace\": \
             \"default\", \"labels\": {{\"app\": \"my-operator\"}}}}, \"spec\": {{\"containers\": \
             [{{\"name\": \"m\", \"image\": \"m\"}}]}}}}\n---\n"
        )
    };
    let server = TestServer::builder().with_objects(&["a", "b", "c"].map(pod).concat()).build();
    let is_labelled = |server: &TestServer, name: &str| {
        let pods = server.list("pods default/");
        let labelled = pods.iter().filter(|pod| pod["metadata"]["labels"]["role"] == "leader");
        labelled.map(|pod| pod["metadata"]["name"].as_str().unwrap()).eq([name])
    };
    let _a = start(&server, "a");
    server.until("a has the label", |server| is_labelled(server, "a")).await;
    let (stop, b) = start(&server, "b");
    tokio::time::sleep(Duration::from_secs(5)).await;
    server.set_faults("a", Faults { cut_requests: true, ..Faults::default() });
    server.until("b has it, and a has not", |server| is_labelled(server, "b")).await;
    let _c = start(&server, "c");
    tokio::time::sleep(Duration::from_secs(5)).await;
    stop.trigger(Reason::Requested("a rollout".into()));
    assert_eq!(b.await.unwrap().exit_code(), 0);
    server.until("c has it alone", |server| is_labelled(server, "c")).await;
}
