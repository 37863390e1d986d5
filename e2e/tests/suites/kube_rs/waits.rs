//! Conditions that programs wait for.

use e2e::suites::Column;
use k8s_openapi::api::{
    apps::v1::Deployment,
    batch::v1::Job,
    core::v1::{ConfigMap, Pod},
};
use kube::{
    Api, Client, ResourceExt,
    api::{DeleteParams, Patch, PatchParams},
    runtime::{
        conditions,
        wait::{Condition, await_condition, delete::delete_and_finalize},
    },
};
use serde_json::{Value, json};

use super::{
    Outcome, ensure, object,
    objects::{config_map, create},
    patches::deployment,
    pods::pod,
};

pub(super) async fn steps(column: &mut Column, client: &Client) {
    column.step("wait: is_deleted", deleted(client)).await;
    column.step("wait: delete_and_finalize", finalized(client)).await;
    column.step("wait: is_pod_running, and a condition of one's own", running(client)).await;
    column.step("wait: is_job_completed", completed(client)).await;
    column.step("wait: is_deployment_completed", available(client)).await;
}

async fn deleted(client: &Client) -> Outcome {
    let maps: Api<ConfigMap> = Api::default_namespaced(client.clone());
    let map = maps.create(&create(), &config_map("is-deleted")).await?;
    let uid = map.uid().ok_or("it has no uid")?;
    let wait = await_condition(maps.clone(), "is-deleted", conditions::is_deleted(&uid));
    let delete = async { maps.delete("is-deleted", &DeleteParams::default()).await };
    let (waited, deleted) = futures::join!(wait, delete);
    deleted?;
    waited?;
    Ok(())
}

async fn finalized(client: &Client) -> Outcome {
    let maps: Api<ConfigMap> = Api::default_namespaced(client.clone());
    maps.create(&create(), &config_map("and-finalize")).await?;
    delete_and_finalize(maps.clone(), "and-finalize", &DeleteParams::default()).await?;
    ensure!(maps.get_opt("and-finalize").await?.is_none(), "it stays");
    Ok(())
}

async fn running(client: &Client) -> Outcome {
    let pods: Api<Pod> = Api::default_namespaced(client.clone());
    pods.create(&create(), &pod("running")).await?;
    let is_ready = |pod: Option<&Pod>| {
        let status = pod.and_then(|pod| pod.status.as_ref());
        let mut conditions = status.and_then(|status| status.conditions.iter().flatten().next());
        conditions.take().is_some_and(|one| one.type_ == "Ready" && one.status == "True")
    };
    let wait = await_condition(pods.clone(), "running", conditions::is_pod_running().and(is_ready));
    let ready = json!([{ "type": "Ready", "status": "True" }]);
    let status = json!({ "phase": "Running", "conditions": ready });
    let (waited, written) = futures::join!(wait, write(&pods, "running", &status));
    written?;
    ensure!(waited?.is_some(), "it is missing");
    Ok(())
}

async fn completed(client: &Client) -> Outcome {
    let jobs: Api<Job> = Api::default_namespaced(client.clone());
    let pod = json!({ "restartPolicy": "Never", "containers": [{ "name": "c", "image": "i" }] });
    let job = json!({ "metadata": { "name": "job" }, "spec": { "template": { "spec": pod } } });
    jobs.create(&create(), &object(job)).await?;
    let wait = await_condition(jobs.clone(), "job", conditions::is_job_completed());
    // What the controller of jobs writes: a job is complete only when its pods are counted.
    let done = json!([
        { "type": "SuccessCriteriaMet", "status": "True", "lastTransitionTime": TIME },
        { "type": "Complete", "status": "True", "lastTransitionTime": TIME },
    ]);
    let status = json!({
        "conditions": done, "startTime": TIME, "completionTime": TIME, "succeeded": 1,
        "uncountedTerminatedPods": {},
    });
    let (waited, written) = futures::join!(wait, write(&jobs, "job", &status));
    written?;
    ensure!(waited?.is_some(), "it is missing");
    Ok(())
}

async fn available(client: &Client) -> Outcome {
    let deployments: Api<Deployment> = Api::default_namespaced(client.clone());
    deployments.create(&create(), &deployment("available")).await?;
    let is_completed = conditions::is_deployment_completed();
    let wait = await_condition(deployments.clone(), "available", is_completed);
    let conditions = json!([{
        "type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable",
    }]);
    let status = json!({ "observedGeneration": 1, "conditions": conditions });
    let (waited, written) = futures::join!(wait, write(&deployments, "available", &status));
    written?;
    ensure!(waited?.is_some(), "it is missing");
    Ok(())
}

async fn write<K>(api: &Api<K>, name: &str, status: &Value) -> kube::Result<K>
where
    K: kube::Resource + Clone + serde::de::DeserializeOwned + std::fmt::Debug,
{
    let patch = Patch::Merge(json!({ "status": status }));
    api.patch_status(name, &PatchParams::default(), &patch).await
}

const TIME: &str = "2026-01-02T03:04:05Z";
