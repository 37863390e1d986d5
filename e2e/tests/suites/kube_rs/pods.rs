//! Pods, and what comes with them.

use e2e::suites::Column;
use k8s_openapi::api::{
    core::v1::{Pod, Service},
    policy::v1::PodDisruptionBudget,
};
use kube::{
    Api, Client, ResourceExt,
    api::{DeleteParams, EvictParams, ListParams, LogParams, Patch, PatchParams},
};
use serde_json::json;

use super::{Outcome, ensure, object, objects::create, refused};

pub(super) async fn steps(column: &mut Column, client: &Client) {
    let pods: Api<Pod> = Api::default_namespaced(client.clone());
    column.step("pod: defaults, edit, delete", life(&pods)).await;
    column.step("pod: its containers can't be replaced", immutable(&pods)).await;
    column.step("pod: one without containers is refused", empty(&pods)).await;
    column.step("pod: evict", evict(&pods)).await;
    column.step("pod: a budget forbids its eviction", budget(client)).await;
    column.step("pod: logs", logs(&pods)).await;
    column.step("pod: ephemeral containers", ephemeral(&pods)).await;
    column.step("pod: resize", resize(&pods)).await;
    column.step("pod: one on a node ends with a grace period", graceful(&pods)).await;
    column.step("service: an address of the cluster", address(client)).await;
    column.step("service: kubernetes in default", kubernetes(client)).await;
}

async fn life(pods: &Api<Pod>) -> Outcome {
    let created = pods.create(&create(), &pod("life")).await?;
    let spec = created.spec.unwrap_or_default();
    let defaults = (spec.restart_policy.as_deref(), spec.termination_grace_period_seconds);
    ensure!(defaults == (Some("Always"), Some(30)), "{defaults:?}");
    let phase = created.status.and_then(|status| status.phase);
    ensure!(phase.as_deref() == Some("Pending"), "{phase:?}");
    let patch = Patch::Strategic(json!({ "spec": { "activeDeadlineSeconds": 5 } }));
    let patched = pods.patch("life", &PatchParams::default(), &patch).await?;
    let deadline = patched.spec.and_then(|spec| spec.active_deadline_seconds);
    ensure!(deadline == Some(5), "{deadline:?}");
    pods.delete("life", &DeleteParams::default()).await?;
    ensure!(pods.get_opt("life").await?.is_none(), "it stays");
    Ok(())
}

async fn immutable(pods: &Api<Pod>) -> Outcome {
    pods.create(&create(), &pod("immutable")).await?;
    let image = json!([{ "name": "c", "image": "other" }]);
    let patch = Patch::Strategic(json!({ "spec": { "containers": image } }));
    pods.patch("immutable", &PatchParams::default(), &patch).await?;
    let command = json!([{ "name": "c", "command": ["sh"] }]);
    let patch = Patch::Strategic(json!({ "spec": { "containers": command } }));
    let status = refused(pods.patch("immutable", &PatchParams::default(), &patch).await, 422)?;
    let why = "spec: Forbidden: pod updates may not change fields other than";
    ensure!(status.message.contains(why), "{}", status.message);
    Ok(())
}

async fn empty(pods: &Api<Pod>) -> Outcome {
    let pod: Pod = object(json!({ "metadata": { "name": "empty" }, "spec": { "containers": [] } }));
    let status = refused(pods.create(&create(), &pod).await, 422)?;
    ensure!(status.message.contains("spec.containers: Required value"), "{}", status.message);
    Ok(())
}

async fn evict(pods: &Api<Pod>) -> Outcome {
    pods.create(&create(), &pod("evicted")).await?;
    let status = pods.evict("evicted", &EvictParams::default()).await?;
    ensure!(status.is_success(), "{status:?}");
    ensure!(pods.get_opt("evicted").await?.is_none(), "it stays");
    Ok(())
}

async fn budget(client: &Client) -> Outcome {
    let budgets: Api<PodDisruptionBudget> = Api::default_namespaced(client.clone());
    let spec = json!({ "minAvailable": 1, "selector": { "matchLabels": { "app": "guarded" } } });
    let budget = json!({ "metadata": { "name": "guard" }, "spec": spec });
    budgets.create(&create(), &object(budget)).await?;
    let pods: Api<Pod> = Api::default_namespaced(client.clone());
    let mut guarded = pod("guarded");
    guarded.spec.get_or_insert_default().node_name = Some("n".into());
    pods.create(&create(), &guarded).await?;
    let ready =
        json!({ "phase": "Running", "conditions": [{ "type": "Ready", "status": "True" }] });
    let ready = Patch::Merge(json!({ "status": ready }));
    pods.patch_status("guarded", &PatchParams::default(), &ready).await?;
    refused(pods.evict("guarded", &EvictParams::default()).await, 429)?;
    Ok(())
}

async fn logs(pods: &Api<Pod>) -> Outcome {
    pods.create(&create(), &pod("logs")).await?;
    pods.logs("logs", &LogParams::default()).await?;
    Ok(())
}

async fn ephemeral(pods: &Api<Pod>) -> Outcome {
    pods.create(&create(), &pod("debugged")).await?;
    let old = pods.get_ephemeral_containers("debugged").await?.spec.unwrap_or_default();
    ensure!(old.ephemeral_containers.is_none(), "{:?}", old.ephemeral_containers);
    let first = json!([{ "name": "first", "image": "i" }]);
    let replaced: Pod = object(json!({
        "metadata": { "name": "debugged" },
        "spec": { "containers": [], "ephemeralContainers": first },
    }));
    pods.replace_ephemeral_containers("debugged", &create(), &replaced).await?;
    let second = json!([{ "name": "second", "image": "i" }]);
    let patch = Patch::Strategic(json!({ "spec": { "ephemeralContainers": second } }));
    let params = PatchParams::default();
    let patched = pods.patch_ephemeral_containers("debugged", &params, &patch).await?;
    let spec = patched.spec.unwrap_or_default();
    let mut names: Vec<_> = spec.ephemeral_containers.iter().flatten().collect();
    names.sort_by_key(|container| &container.name);
    let names: Vec<_> = names.into_iter().map(|container| &*container.name).collect();
    ensure!(names == ["first", "second"], "{names:?}");
    ensure!(spec.containers.len() == 1, "{:?}", spec.containers);
    Ok(())
}

async fn resize(pods: &Api<Pod>) -> Outcome {
    let mut sized = pod("resized");
    let containers = &mut sized.spec.get_or_insert_default().containers;
    containers[0].resources = object(json!({ "requests": { "cpu": "100m" } }));
    pods.create(&create(), &sized).await?;
    pods.get_resize("resized").await?;
    let resources = json!({ "requests": { "cpu": "200m" } });
    let containers = json!([{ "name": "c", "resources": resources }]);
    let patch = Patch::Strategic(json!({ "spec": { "containers": containers } }));
    let resized = pods.patch_resize("resized", &PatchParams::default(), &patch).await?;
    let spec = resized.spec.unwrap_or_default();
    let cpu = json!(spec.containers[0].resources)["requests"]["cpu"].clone();
    ensure!(cpu == "200m", "{cpu}");
    Ok(())
}

async fn graceful(pods: &Api<Pod>) -> Outcome {
    let mut bound = pod("graceful");
    bound.spec.get_or_insert_default().node_name = Some("n".into());
    pods.create(&create(), &bound).await?;
    let pod = pods.delete("graceful", &DeleteParams::default()).await?;
    let pod = pod.left().ok_or("it is gone at once")?;
    let grace = pod.metadata.deletion_grace_period_seconds;
    ensure!(grace == Some(30), "{grace:?}");
    pods.delete("graceful", &DeleteParams::default().grace_period(0)).await?;
    ensure!(pods.get_opt("graceful").await?.is_none(), "it stays");
    Ok(())
}

async fn address(client: &Client) -> Outcome {
    let services: Api<Service> = Api::default_namespaced(client.clone());
    let spec = json!({ "selector": { "app": "a" }, "ports": [{ "port": 80 }] });
    let service = json!({ "metadata": { "name": "addressed" }, "spec": spec });
    let service = services.create(&create(), &object(service)).await?;
    let spec = service.spec.unwrap_or_default();
    ensure!(spec.cluster_ip.is_some(), "{spec:?}");
    Ok(())
}

async fn kubernetes(client: &Client) -> Outcome {
    let services: Api<Service> = Api::namespaced(client.clone(), "default");
    let list = services.list(&ListParams::default().labels("provider=kubernetes")).await?;
    let names: Vec<_> = list.iter().map(ResourceExt::name_any).collect();
    ensure!(names == ["kubernetes"], "{names:?}");
    Ok(())
}

/// A pod with one container, and its name as a label.
pub(super) fn pod(name: &str) -> Pod {
    object(json!({
        "metadata": { "name": name, "labels": { "app": name } },
        "spec": { "containers": [{ "name": "c", "image": "i" }] },
    }))
}
