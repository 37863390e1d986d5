//! Patches of the four kinds.

use e2e::suites::Column;
use k8s_openapi::api::{apps::v1::Deployment, core::v1::ConfigMap};
use kube::{
    Api, Client, ResourceExt,
    api::{Patch, PatchParams, ValidationDirective},
    core::{ObjectMeta, PartialObjectMetaExt},
};
use serde_json::{Value, json};

use super::{
    Outcome, ensure, object,
    objects::{config_map, create},
    refused,
};

pub(super) async fn steps(column: &mut Column, client: &Client) {
    let maps: Api<ConfigMap> = Api::default_namespaced(client.clone());
    column.step("merge patch", merge(&maps)).await;
    column.step("merge patch of an old version is a conflict", stale(&maps)).await;
    column.step("strategic patch: a list by its key", strategic(client)).await;
    column.step("JSON patch", json_patch(&maps)).await;
    column.step("JSON patch: a test that fails", json_test(&maps)).await;
    column.step("apply creates", apply_creates(&maps)).await;
    column.step("apply onto an object of others", apply_adds(&maps)).await;
    column.step("apply: a conflict, then force", apply_conflict(&maps)).await;
    column.step("apply removes what is left out", apply_removes(&maps)).await;
    column.step("apply: two owners of one field", apply_shared(&maps)).await;
    column.step("apply without changes writes nothing", apply_again(&maps)).await;
    column.step("patch_metadata", metadata(&maps)).await;
    column.step("patch with strict field validation", strict(&maps)).await;
    column.step("patch: dry run", dry_run(&maps)).await;
}

async fn merge(maps: &Api<ConfigMap>) -> Outcome {
    maps.create(&create(), &with("merge", &json!({ "a": "1", "b": "2" }))).await?;
    let patch = Patch::Merge(json!({ "data": { "a": null, "c": "3" } }));
    let map = maps.patch("merge", &plain(), &patch).await?;
    ensure!(json!(map.data) == json!({ "b": "2", "c": "3" }), "{:?}", map.data);
    Ok(())
}

async fn stale(maps: &Api<ConfigMap>) -> Outcome {
    let old = maps.create(&create(), &config_map("stale-patch")).await?;
    let patch = |value: &str| {
        let version = old.resource_version();
        let metadata = json!({ "resourceVersion": version });
        Patch::Merge(json!({ "metadata": metadata, "data": { "k": value } }))
    };
    maps.patch("stale-patch", &plain(), &patch("first")).await?;
    refused(maps.patch("stale-patch", &plain(), &patch("second")).await, 409)?;
    Ok(())
}

async fn strategic(client: &Client) -> Outcome {
    let deployments: Api<Deployment> = Api::default_namespaced(client.clone());
    deployments.create(&create(), &deployment("strategic")).await?;
    let containers = json!([{ "name": "b", "image": "new" }]);
    let spec = json!({ "template": { "spec": { "containers": containers } } });
    let patch = Patch::Strategic(json!({ "spec": spec }));
    let deployment = deployments.patch("strategic", &plain(), &patch).await?;
    let pod = deployment.spec.template.spec.unwrap_or_default();
    let images: Vec<_> = pod.containers.iter().map(|one| one.image.as_deref()).collect();
    ensure!(images == [Some("new"), Some("i")] || images == [Some("i"), Some("new")], "{images:?}");
    Ok(())
}

async fn json_patch(maps: &Api<ConfigMap>) -> Outcome {
    maps.create(&create(), &with("json", &json!({ "a": "1" }))).await?;
    let patch = json!([
        { "op": "test", "path": "/data/a", "value": "1" },
        { "op": "move", "from": "/data/a", "path": "/data/b" },
        { "op": "add", "path": "/metadata/labels", "value": { "l": "v" } },
    ]);
    let patch = Patch::Json::<()>(object(patch));
    let map = maps.patch("json", &plain(), &patch).await?;
    ensure!(json!(map.data) == json!({ "b": "1" }), "{:?}", map.data);
    ensure!(map.labels()["l"] == "v", "{:?}", map.labels());
    Ok(())
}

async fn json_test(maps: &Api<ConfigMap>) -> Outcome {
    let old = maps.create(&create(), &with("json-test", &json!({ "a": "1" }))).await?;
    let patch = json!([
        { "op": "replace", "path": "/data/a", "value": "2" },
        { "op": "test", "path": "/data/a", "value": "3" },
    ]);
    refused(maps.patch("json-test", &plain(), &Patch::Json::<()>(object(patch))).await, 422)?;
    ensure!(maps.get("json-test").await? == old, "it has changed");
    Ok(())
}

async fn apply_creates(maps: &Api<ConfigMap>) -> Outcome {
    let map = apply(maps, "ours", "applied", &json!({ "a": "1" }), true).await?;
    ensure!(map.uid().is_some(), "it has no uid");
    let entry = &map.managed_fields()[0];
    let owner = (entry.manager.as_deref(), entry.operation.as_deref());
    ensure!(owner == (Some("ours"), Some("Apply")), "{owner:?}");
    Ok(())
}

async fn apply_adds(maps: &Api<ConfigMap>) -> Outcome {
    maps.create(&create(), &with("of-others", &json!({ "a": "1" }))).await?;
    let map = apply(maps, "ours", "of-others", &json!({ "b": "2" }), false).await?;
    ensure!(json!(map.data) == json!({ "a": "1", "b": "2" }), "{:?}", map.data);
    Ok(())
}

async fn apply_conflict(maps: &Api<ConfigMap>) -> Outcome {
    apply(maps, "theirs", "conflict", &json!({ "a": "1" }), false).await?;
    let ours = json!({ "a": "2" });
    let status = refused(apply(maps, "ours", "conflict", &ours, false).await, 409)?;
    let why = "Apply failed with 1 conflict: conflict with \"theirs\": .data.a";
    ensure!(status.message == why, "{}", status.message);
    let map = apply(maps, "ours", "conflict", &ours, true).await?;
    ensure!(json!(map.data) == ours, "{:?}", map.data);
    Ok(())
}

async fn apply_removes(maps: &Api<ConfigMap>) -> Outcome {
    apply(maps, "ours", "left-out", &json!({ "a": "1", "b": "2" }), false).await?;
    let map = apply(maps, "ours", "left-out", &json!({ "b": "2" }), false).await?;
    ensure!(json!(map.data) == json!({ "b": "2" }), "{:?}", map.data);
    Ok(())
}

async fn apply_shared(maps: &Api<ConfigMap>) -> Outcome {
    let data = json!({ "a": "1" });
    apply(maps, "ours", "shared", &data, false).await?;
    apply(maps, "theirs", "shared", &data, false).await?;
    let map = apply(maps, "ours", "shared", &json!({}), false).await?;
    ensure!(json!(map.data) == data, "{:?}", map.data);
    let map = apply(maps, "theirs", "shared", &json!({}), false).await?;
    ensure!(map.data.unwrap_or_default().is_empty(), "it is left although nobody owns it");
    Ok(())
}

async fn apply_again(maps: &Api<ConfigMap>) -> Outcome {
    let data = json!({ "a": "1" });
    let first = apply(maps, "ours", "again", &data, true).await?;
    let second = apply(maps, "ours", "again", &data, true).await?;
    ensure!(first.resource_version() == second.resource_version(), "the version counts");
    Ok(())
}

async fn metadata(maps: &Api<ConfigMap>) -> Outcome {
    maps.create(&create(), &with("metadata", &json!({ "a": "1" }))).await?;
    let annotations = Some([("a".into(), "b".into())].into());
    let patch = ObjectMeta { annotations, ..ObjectMeta::default() };
    let patch = Patch::Merge(patch.into_request_partial::<ConfigMap>());
    let patched = maps.patch_metadata("metadata", &plain(), &patch).await?;
    ensure!(patched.annotations()["a"] == "b", "{:?}", patched.annotations());
    let kind = patched.types.unwrap_or_default().kind;
    ensure!(kind == "PartialObjectMetadata", "{kind}");
    let data = maps.get("metadata").await?.data;
    ensure!(json!(data) == json!({ "a": "1" }), "{data:?}");
    Ok(())
}

async fn strict(maps: &Api<ConfigMap>) -> Outcome {
    maps.create(&create(), &config_map("strict")).await?;
    let patch = Patch::Merge(json!({ "dta": { "a": "1" } }));
    let strict = PatchParams {
        field_validation: Some(ValidationDirective::Strict),
        ..PatchParams::default()
    };
    let status = refused(maps.patch("strict", &strict, &patch).await, 422)?;
    ensure!(status.message.contains("unknown field \"dta\""), "{}", status.message);
    Ok(())
}

async fn dry_run(maps: &Api<ConfigMap>) -> Outcome {
    let old = maps.create(&create(), &config_map("dry-patch")).await?;
    let patch = Patch::Merge(json!({ "data": { "a": "1" } }));
    let map = maps.patch("dry-patch", &plain().dry_run(), &patch).await?;
    ensure!(map.data.is_some(), "the answer has no data");
    ensure!(maps.get("dry-patch").await? == old, "it is stored");
    Ok(())
}

async fn apply(
    maps: &Api<ConfigMap>,
    manager: &str,
    name: &str,
    data: &Value,
    force: bool,
) -> kube::Result<ConfigMap> {
    let params = PatchParams { force, ..PatchParams::apply(manager) };
    maps.patch(name, &params, &Patch::Apply(with(name, data))).await
}

fn with(name: &str, data: &Value) -> ConfigMap {
    object(json!({ "metadata": { "name": name }, "data": data }))
}

fn plain() -> PatchParams {
    PatchParams::default()
}

/// A Deployment with two containers.
pub(super) fn deployment(name: &str) -> Deployment {
    let labels = json!({ "app": name });
    let containers = json!([{ "name": "a", "image": "i" }, { "name": "b", "image": "i" }]);
    object(json!({
        "metadata": { "name": name },
        "spec": {
            "selector": { "matchLabels": labels },
            "template": { "metadata": { "labels": labels }, "spec": { "containers": containers } },
        },
    }))
}
