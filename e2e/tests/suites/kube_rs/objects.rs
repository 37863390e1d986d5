//! Objects: each verb, and their conflicts.

use e2e::suites::Column;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::{
    Api, Client, Error, ResourceExt,
    api::{DeleteParams, ListParams, PostParams, Preconditions},
};
use serde_json::json;

use super::{Outcome, ensure};

pub(super) async fn steps(column: &mut Column, client: &Client) {
    let maps: Api<ConfigMap> = Api::default_namespaced(client.clone());
    column.step("create, get, replace, delete", life(&maps)).await;
    column.step("create: a second one is a conflict", twice(&maps)).await;
    column.step("create with generateName", generated(&maps)).await;
    column.step("replace with an old version is a conflict", stale(&maps)).await;
    column.step("get_opt of a missing object", missing(&maps)).await;
    column.step("delete with preconditions", preconditions(&maps)).await;
    column.step("delete_collection by labels", collection(&maps)).await;
    column.step("entry: and_modify, or_insert, commit", entry(&maps)).await;
    column.step("entry: a conflict with somebody else", entry_conflict(&maps)).await;
    column.step("dry run: nothing is stored", dry_run(&maps)).await;
}

async fn life(maps: &Api<ConfigMap>) -> Outcome {
    let mut map = maps.create(&create(), &config_map("life")).await?;
    map.data = Some([("k".into(), "v".into())].into());
    let replaced = maps.replace("life", &create(), &map).await?;
    ensure!(replaced.resource_version() != map.resource_version(), "the version stays");
    ensure!(maps.get("life").await? == replaced, "another object is read");
    let deleted = maps.delete("life", &DeleteParams::default()).await?;
    ensure!(deleted.is_right(), "no Status, but {deleted:?}");
    Ok(())
}

async fn twice(maps: &Api<ConfigMap>) -> Outcome {
    maps.create(&create(), &config_map("twice")).await?;
    match maps.create(&create(), &config_map("twice")).await {
        Err(Error::Api(status)) if status.is_already_exists() => Ok(()),
        other => Err(format!("{other:?}").into()),
    }
}

async fn generated(maps: &Api<ConfigMap>) -> Outcome {
    let mut map = config_map("");
    map.metadata.name = None;
    map.metadata.generate_name = Some("generated-".into());
    let names = [maps.create(&create(), &map).await?, maps.create(&create(), &map).await?];
    let [a, b] = names.map(|map| map.name_any());
    ensure!(a != b && a.starts_with("generated-") && a.len() == 15, "{a} and {b}");
    Ok(())
}

async fn stale(maps: &Api<ConfigMap>) -> Outcome {
    let old = maps.create(&create(), &config_map("stale")).await?;
    let mut new = old.clone();
    new.data = Some([("k".into(), "v".into())].into());
    maps.replace("stale", &create(), &new).await?;
    match maps.replace("stale", &create(), &old).await {
        Err(Error::Api(status)) if status.is_conflict() => Ok(()),
        other => Err(format!("{other:?}").into()),
    }
}

async fn missing(maps: &Api<ConfigMap>) -> Outcome {
    ensure!(maps.get_opt("missing").await?.is_none(), "it exists");
    ensure!(maps.get_metadata_opt("missing").await?.is_none(), "its metadata exist");
    Ok(())
}

async fn preconditions(maps: &Api<ConfigMap>) -> Outcome {
    let map = maps.create(&create(), &config_map("preconditions")).await?;
    let on = |uid: &str| {
        let uid = Some(uid.into());
        let preconditions = Preconditions { uid, resource_version: None };
        DeleteParams { preconditions: Some(preconditions), ..DeleteParams::default() }
    };
    match maps.delete("preconditions", &on("another")).await {
        Err(Error::Api(status)) if status.is_conflict() => {}
        other => return Err(format!("{other:?}").into()),
    }
    maps.delete("preconditions", &on(&map.uid().unwrap_or_default())).await?;
    Ok(())
}

async fn collection(maps: &Api<ConfigMap>) -> Outcome {
    for (name, label) in [("c-1", "gone"), ("c-2", "gone"), ("c-3", "stays")] {
        let mut map = config_map(name);
        map.labels_mut().insert("collection".into(), label.into());
        maps.create(&create(), &map).await?;
    }
    let gone = ListParams::default().labels("collection=gone");
    maps.delete_collection(&DeleteParams::default(), &gone).await?;
    let left = maps.list(&ListParams::default().labels("collection")).await?;
    let left: Vec<_> = left.iter().map(ResourceExt::name_any).collect();
    ensure!(left == ["c-3"], "{left:?} are left");
    Ok(())
}

async fn entry(maps: &Api<ConfigMap>) -> Outcome {
    for expected in ["1", "2"] {
        let entry = maps.entry("entry").await?.and_modify(|map| {
            map.data = Some([("n".into(), "2".into())].into());
        });
        let mut object = entry.or_insert(|| {
            let mut map = config_map("entry");
            map.data = Some([("n".into(), "1".into())].into());
            map
        });
        object.commit(&create()).await?;
        let data = maps.get("entry").await?.data.unwrap_or_default();
        ensure!(data["n"] == expected, "{data:?}, not {expected}");
    }
    Ok(())
}

async fn entry_conflict(maps: &Api<ConfigMap>) -> Outcome {
    maps.create(&create(), &config_map("contended")).await?;
    let mine = maps.entry("contended").await?.and_modify(|map| {
        map.data = Some([("n".into(), "mine".into())].into());
    });
    let mut mine = mine.or_insert(|| config_map("contended"));
    let mut theirs = maps.get("contended").await?;
    theirs.data = Some([("n".into(), "theirs".into())].into());
    maps.replace("contended", &create(), &theirs).await?;
    ensure!(mine.commit(&create()).await.is_err(), "the other one's write is lost");
    Ok(())
}

async fn dry_run(maps: &Api<ConfigMap>) -> Outcome {
    let dry = PostParams { dry_run: true, ..PostParams::default() };
    let map = maps.create(&dry, &config_map("dry")).await?;
    ensure!(map.uid().is_some(), "it has no uid");
    ensure!(maps.get_opt("dry").await?.is_none(), "it is stored");
    maps.create(&create(), &config_map("dry")).await?;
    maps.delete("dry", &DeleteParams::default().dry_run()).await?;
    ensure!(maps.get_opt("dry").await?.is_some(), "it is deleted");
    Ok(())
}

pub(super) fn create() -> PostParams {
    PostParams::default()
}

pub(super) fn config_map(name: &str) -> ConfigMap {
    let map = json!({ "metadata": { "name": name } });
    serde_json::from_value(map).unwrap_or_else(|error| panic!("{name}: {error}"))
}
