//! Custom types that derive `CustomResource`.

mod schema;
mod types;
mod versions;

use std::time::Duration;

use e2e::suites::Column;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::{
    Api, Client, CustomResourceExt, ResourceExt,
    api::{DeleteParams, ListParams, Patch, PatchParams},
    core::{DynamicObject, GroupVersionKind},
    discovery,
    runtime::{conditions, wait::await_condition},
};
use serde_json::json;

use self::types::{Gadget, GadgetStatus};
use super::{Outcome, ensure, objects::create, refused};

pub(super) async fn steps(column: &mut Column, client: &Client) {
    column.step("CRD: applied and established", established(client)).await;
    column.step("CRD: discovered", discovered(client)).await;
    let gadgets: Api<Gadget> = Api::default_namespaced(client.clone());
    column.step("custom: create, get, replace, delete", life(&gadgets)).await;
    column.step("custom: apply, in whole and in part", applied(&gadgets)).await;
    column.step("custom: generation counts specs only", generation(&gadgets)).await;
    column.step("custom: status by replace, merge, apply", status(&gadgets)).await;
    column.step("custom: scale", scale(&gadgets)).await;
    column.step("custom: selectable fields", selectable(&gadgets)).await;
    column.step("custom: a strategic patch is refused", strategic(&gadgets)).await;
    column.step("custom: replace without a version is refused", unversioned(&gadgets)).await;
    schema::steps(column, client).await;
    versions::steps(column, client).await;
    column.step("CRD: deleted with its objects", deleted(client)).await;
}

async fn established(client: &Client) -> Outcome {
    define(client, Gadget::crd()).await?;
    let crds: Api<CustomResourceDefinition> = Api::all(client.clone());
    let first = crds.get(Gadget::crd_name()).await?;
    define(client, Gadget::crd()).await?;
    let second = crds.get(Gadget::crd_name()).await?;
    ensure!(first.resource_version() == second.resource_version(), "a second apply writes");
    Ok(())
}

async fn discovered(client: &Client) -> Outcome {
    let gvk = GroupVersionKind::gvk("suite.example", "v1", "Gadget");
    let (resource, capabilities) = discovery::pinned_kind(client, &gvk).await?;
    ensure!(resource.plural == "gadgets", "{resource:?}");
    let names: Vec<_> = capabilities.subresources.iter().map(|(one, _)| &*one.plural).collect();
    ensure!(names.contains(&"status") && names.contains(&"scale"), "{names:?}");
    Ok(())
}

async fn life(gadgets: &Api<Gadget>) -> Outcome {
    let mut gadget = gadgets.create(&create(), &Gadget::red("life", 1)).await?;
    gadget.spec.replicas = 2;
    let replaced = gadgets.replace("life", &create(), &gadget).await?;
    ensure!(replaced.spec.replicas == 2, "{:?}", replaced.spec);
    ensure!(gadgets.delete("life", &DeleteParams::default()).await?.is_right(), "no Status");
    Ok(())
}

async fn applied(gadgets: &Api<Gadget>) -> Outcome {
    let params = PatchParams::apply("suite").force();
    let whole = Patch::Apply(Gadget::red("applied", 1));
    gadgets.patch("applied", &params, &whole).await?;
    let part = json!({
        "apiVersion": "suite.example/v1",
        "kind": "Gadget",
        "spec": { "colour": "blue", "replicas": 2 },
    });
    let gadget = gadgets.patch("applied", &params, &Patch::Apply(part)).await?;
    ensure!((&*gadget.spec.colour, gadget.spec.replicas) == ("blue", 2), "{:?}", gadget.spec);
    Ok(())
}

async fn generation(gadgets: &Api<Gadget>) -> Outcome {
    gadgets.create(&create(), &Gadget::red("generation", 1)).await?;
    let plain = PatchParams::default();
    let labels = Patch::Merge(json!({ "metadata": { "labels": { "a": "b" } } }));
    gadgets.patch("generation", &plain, &labels).await?;
    let status = Patch::Merge(json!({ "status": { "replicas": 1 } }));
    gadgets.patch_status("generation", &plain, &status).await?;
    let spec = Patch::Merge(json!({ "spec": { "replicas": 2 } }));
    let generation = gadgets.patch("generation", &plain, &spec).await?.metadata.generation;
    ensure!(generation == Some(2), "{generation:?}");
    Ok(())
}

async fn status(gadgets: &Api<Gadget>) -> Outcome {
    let mut gadget = gadgets.create(&create(), &Gadget::red("status", 1)).await?;
    gadget.status = Some(GadgetStatus { replicas: 1, phase: None });
    gadget.spec.replicas = 5;
    let replaced = gadgets.replace_status("status", &create(), &gadget).await?;
    ensure!(replaced.spec.replicas == 1, "the spec is written, too");
    let merge = Patch::Merge(json!({ "status": { "replicas": 2 } }));
    gadgets.patch_status("status", &PatchParams::default(), &merge).await?;
    let apply = Patch::Apply(json!({
        "apiVersion": "suite.example/v1",
        "kind": "Gadget",
        "status": { "phase": "Ready" },
    }));
    let params = PatchParams::apply("suite").force();
    let status = gadgets.patch_status("status", &params, &apply).await?.status;
    let expected = GadgetStatus { replicas: 2, phase: Some("Ready".into()) };
    ensure!(status.as_ref() == Some(&expected), "{status:?}");
    Ok(())
}

async fn scale(gadgets: &Api<Gadget>) -> Outcome {
    gadgets.create(&create(), &Gadget::red("scale", 1)).await?;
    let patch = Patch::Merge(json!({ "spec": { "replicas": 3 } }));
    gadgets.patch_scale("scale", &PatchParams::default(), &patch).await?;
    let scale = gadgets.get_scale("scale").await?;
    let replicas = scale.spec.and_then(|spec| spec.replicas);
    ensure!(replicas == Some(3), "{replicas:?}");
    ensure!(gadgets.get("scale").await?.spec.replicas == 3, "its spec stays");
    Ok(())
}

async fn selectable(gadgets: &Api<Gadget>) -> Outcome {
    let mut green = Gadget::red("green", 1);
    green.spec.colour = "green".into();
    gadgets.create(&create(), &green).await?;
    let list = gadgets.list(&ListParams::default().fields("spec.colour=green")).await?;
    let names: Vec<_> = list.iter().map(ResourceExt::name_any).collect();
    ensure!(names == ["green"], "{names:?}");
    refused(gadgets.list(&ListParams::default().fields("spec.replicas=1")).await, 400)?;
    Ok(())
}

async fn strategic(gadgets: &Api<Gadget>) -> Outcome {
    gadgets.create(&create(), &Gadget::red("strategic", 1)).await?;
    let patch = Patch::Strategic(json!({ "spec": { "replicas": 2 } }));
    refused(gadgets.patch("strategic", &PatchParams::default(), &patch).await, 415)?;
    Ok(())
}

async fn unversioned(gadgets: &Api<Gadget>) -> Outcome {
    let gadget = Gadget::red("unversioned", 1);
    gadgets.create(&create(), &gadget).await?;
    let status = refused(gadgets.replace("unversioned", &create(), &gadget).await, 422)?;
    let why = "metadata.resourceVersion: Invalid value: 0: must be specified for an update";
    ensure!(status.message.contains(why), "{}", status.message);
    Ok(())
}

async fn deleted(client: &Client) -> Outcome {
    let crds: Api<CustomResourceDefinition> = Api::all(client.clone());
    let uid = crds.get(Gadget::crd_name()).await?.uid().ok_or("it has no uid")?;
    crds.delete(Gadget::crd_name(), &DeleteParams::default()).await?;
    await_condition(crds, Gadget::crd_name(), conditions::is_deleted(&uid)).await?;
    let gadgets: Api<Gadget> = Api::default_namespaced(client.clone());
    refused(gadgets.list(&ListParams::default()).await, 404)?;
    Ok(())
}

/// Applies a definition, and waits until its type is served and discovered.
async fn define(client: &Client, crd: CustomResourceDefinition) -> Outcome {
    let crds: Api<CustomResourceDefinition> = Api::all(client.clone());
    let params = PatchParams::apply("suite").force();
    crds.patch(&crd.name_any(), &params, &Patch::Apply(&crd)).await?;
    await_condition(crds, &crd.name_any(), conditions::is_crd_established()).await?;
    // kube-apiserver serves a type, and its versions, a moment after it says so.
    for version in crd.spec.versions.iter().filter(|version| version.served) {
        let gvk = GroupVersionKind::gvk(&crd.spec.group, &version.name, &crd.spec.names.kind);
        loop {
            if let Ok((resource, _)) = discovery::pinned_kind(client, &gvk).await {
                let all: Api<DynamicObject> = Api::all_with(client.clone(), &resource);
                if all.list(&ListParams::default()).await.is_ok() {
                    break;
                }
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    Ok(())
}
