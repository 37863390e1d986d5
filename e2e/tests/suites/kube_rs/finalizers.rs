//! Finalizers, by kube's helper, and owners.

use std::{sync::Arc, time::Duration};

use e2e::suites::Column;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::{
    Api, Client, Resource, ResourceExt,
    api::{DeleteParams, Patch, PatchParams},
    runtime::{
        controller::Action,
        finalizer::{self, finalizer},
    },
};
use serde_json::json;

use super::{
    Outcome,
    controllers::{Failed, apis, child},
    ensure,
    objects::{config_map, create},
};

pub(super) async fn steps(column: &mut Column, client: &Client) {
    let maps: Api<ConfigMap> = Api::default_namespaced(client.clone());
    column.step("finalizer: applied, then cleaned up", finalizes(&maps)).await;
    column.step("finalizer: a cleanup that fails keeps the object", keeps(&maps)).await;
    column.step("owner references: children are collected", collected(client)).await;
}

async fn finalizes(maps: &Api<ConfigMap>) -> Outcome {
    let map = maps.create(&create(), &config_map("finalized")).await?;
    let reconcile = async |map: ConfigMap| {
        finalizer(maps, FINALIZER, Arc::new(map), async |event| {
            let is_cleanup = matches!(event, finalizer::Event::Cleanup(_));
            let then = if is_cleanup { Duration::from_secs(1) } else { Duration::ZERO };
            Ok::<_, Failed>(Action::requeue(then))
        })
        .await
    };
    reconcile(map).await?;
    let map = maps.get("finalized").await?;
    ensure!(map.finalizers() == [FINALIZER], "{:?}", map.finalizers());
    let applied = reconcile(map).await?;
    ensure!(applied == Action::requeue(Duration::ZERO), "{applied:?}");
    let deleted = maps.delete("finalized", &DeleteParams::default()).await?;
    let map = deleted.left().ok_or("it is gone at once")?;
    ensure!(map.meta().deletion_timestamp.is_some(), "{map:?}");
    let cleaned = reconcile(map).await?;
    ensure!(cleaned == Action::requeue(Duration::from_secs(1)), "{cleaned:?}");
    ensure!(maps.get_opt("finalized").await?.is_none(), "it stays");
    Ok(())
}

async fn keeps(maps: &Api<ConfigMap>) -> Outcome {
    let mut map = config_map("kept");
    map.finalizers_mut().push(FINALIZER.into());
    maps.create(&create(), &map).await?;
    let map = maps.delete("kept", &DeleteParams::default()).await?.left().ok_or("it is gone")?;
    let failed = finalizer(maps, FINALIZER, Arc::new(map), async |_| {
        Err::<Action, _>(Failed("always".into()))
    })
    .await;
    ensure!(matches!(failed, Err(finalizer::Error::CleanupFailed(_))), "{failed:?}");
    ensure!(maps.get("kept").await?.finalizers() == [FINALIZER], "the finalizer is gone");
    let none = Patch::Merge(json!({ "metadata": { "finalizers": null } }));
    maps.patch("kept", &PatchParams::default(), &none).await?;
    ensure!(maps.get_opt("kept").await?.is_none(), "it stays");
    Ok(())
}

async fn collected(client: &Client) -> Outcome {
    let (maps, secrets) = apis(client);
    let parent = maps.create(&create(), &config_map("parent")).await?;
    secrets.create(&create(), &child(&parent, "child")?).await?;
    maps.delete("parent", &DeleteParams::background()).await?;
    while secrets.get_opt("child").await?.is_some() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

const FINALIZER: &str = "suite.example/cleanup";
