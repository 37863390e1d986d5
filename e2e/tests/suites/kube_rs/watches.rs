//! Watches, and what kube makes of them.

use std::sync::Arc;

use e2e::suites::Column;
use futures::{Stream, StreamExt, TryStreamExt, pin_mut};
use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use kube::{
    Api, Client, ResourceExt,
    api::{DeleteParams, ListParams, Patch, PatchParams, WatchEvent, WatchParams},
    core::PartialObjectMeta,
    runtime::{
        PredicateConfig, WatchStreamExt, predicates, reflector,
        watcher::{self, Event, watcher},
    },
};
use serde_json::json;

use super::{Outcome, ensure, object, objects::create};

pub(super) async fn steps(column: &mut Column, client: &Client) {
    let maps: Api<ConfigMap> = Api::default_namespaced(client.clone());
    column.step("watch from a version", from_version(&maps)).await;
    column.step("watcher: a list, then a watch", lists(&maps)).await;
    column.step("watcher: a streaming list", streams(&maps)).await;
    column.step("reflector: ready, and follows", follows(&maps)).await;
    column.step("reflector: an object that leaves the selection", leaves(&maps)).await;
    column.step("reflector of metadata", metadata(client)).await;
    column.step("watch_object: from missing to missing", one(&maps)).await;
    column.step("predicates: a label that changes", filtered(&maps)).await;
    column.step("two subscribers of one reflector", shared(&maps)).await;
    column.step("watchers of several types, merged", merged(client)).await;
}

async fn from_version(maps: &Api<ConfigMap>) -> Outcome {
    let list = maps.list(&ListParams::default().labels("watch=version")).await?;
    let version = list.metadata.resource_version.unwrap_or_default();
    life(maps, "version").await?;
    let params = WatchParams::default().labels("watch=version").timeout(10);
    let events = maps.watch(&params, &version).await?.boxed();
    let seen: Vec<_> = events.take(3).try_collect().await?;
    let seen = seen.iter().map(|event| match event {
        WatchEvent::Added(_) => "added",
        WatchEvent::Modified(_) => "modified",
        WatchEvent::Deleted(_) => "deleted",
        WatchEvent::Bookmark(_) => "bookmark",
        WatchEvent::Error(_) => "error",
    });
    let seen: Vec<_> = seen.collect();
    ensure!(seen == ["added", "modified", "deleted"], "{seen:?}");
    Ok(())
}

async fn lists(maps: &Api<ConfigMap>) -> Outcome {
    sees(maps, "lists", watcher::Config::default()).await
}

async fn streams(maps: &Api<ConfigMap>) -> Outcome {
    sees(maps, "streams", watcher::Config::default().streaming_lists()).await
}

/// One object is there before the watch, another one comes and goes.
async fn sees(maps: &Api<ConfigMap>, name: &str, config: watcher::Config) -> Outcome {
    maps.create(&create(), &labelled(&format!("{name}-first"), name)).await?;
    let events = watcher(maps.clone(), config.labels(&format!("watch={name}")));
    pin_mut!(events);
    let mut seen = Vec::new();
    while seen.len() < 6 {
        let event = events.try_next().await?.ok_or("the watcher ends")?;
        seen.push(match event {
            Event::Init => "init".to_owned(),
            Event::InitApply(map) => format!("has {}", map.name_any()),
            Event::InitDone => {
                life(maps, name).await?;
                "done".to_owned()
            }
            Event::Apply(map) => format!("applied {}", map.name_any()),
            Event::Delete(map) => format!("deleted {}", map.name_any()),
        });
    }
    let first = format!("has {name}-first");
    let [applied, deleted] = ["applied", "deleted"].map(|what| format!("{what} {name}"));
    let expected = ["init", &first, "done", &applied, &applied, &deleted];
    ensure!(seen == expected, "{seen:?}");
    Ok(())
}

async fn follows(maps: &Api<ConfigMap>) -> Outcome {
    maps.create(&create(), &labelled("follows-1", "follows")).await?;
    let (reader, writer) = reflector::store();
    let of = watcher::Config::default().labels("watch=follows");
    let events = watcher(maps.clone(), of).default_backoff().reflect(writer).touched_objects();
    let step = async {
        reader.wait_until_ready().await?;
        ensure!(reader.len() == 1, "{} at first", reader.len());
        maps.create(&create(), &labelled("follows-2", "follows")).await?;
        until(|| reader.len() == 2).await;
        maps.delete("follows-1", &DeleteParams::default()).await?;
        until(|| reader.len() == 1).await;
        let reference =
            reflector::ObjectRef::new("follows-2").within(maps.namespace().unwrap_or(""));
        ensure!(reader.get(&reference).is_some(), "{:?}", reader.state());
        Ok(())
    };
    beside(step, events).await
}

async fn leaves(maps: &Api<ConfigMap>) -> Outcome {
    maps.create(&create(), &labelled("leaves", "leaves")).await?;
    let (reader, writer) = reflector::store();
    let of = watcher::Config::default().labels("watch=leaves");
    let events = watcher(maps.clone(), of).reflect(writer).touched_objects();
    let step = async {
        reader.wait_until_ready().await?;
        ensure!(reader.len() == 1, "{} at first", reader.len());
        let patch = Patch::Merge(json!({ "metadata": { "labels": { "watch": "left" } } }));
        maps.patch("leaves", &PatchParams::default(), &patch).await?;
        until(|| reader.is_empty()).await;
        Ok(())
    };
    beside(step, events).await
}

async fn metadata(client: &Client) -> Outcome {
    let maps: Api<ConfigMap> = Api::default_namespaced(client.clone());
    maps.create(&create(), &labelled("of-metadata", "metadata")).await?;
    let api: Api<PartialObjectMeta<ConfigMap>> = Api::default_namespaced(client.clone());
    let of = watcher::Config::default().labels("watch=metadata");
    let events = watcher(api, of).applied_objects();
    pin_mut!(events);
    let map = events.try_next().await?.ok_or("the watcher ends")?;
    ensure!(map.name_any() == "of-metadata", "{map:?}");
    Ok(())
}

async fn one(maps: &Api<ConfigMap>) -> Outcome {
    let states = watcher::watch_object(maps.clone(), "one");
    pin_mut!(states);
    ensure!(states.try_next().await?.ok_or("it ends")?.is_none(), "it exists");
    life(maps, "one").await?;
    let mut seen = Vec::new();
    while seen.last() != Some(&false) {
        seen.push(states.try_next().await?.ok_or("it ends")?.is_some());
    }
    ensure!(seen.contains(&true), "{seen:?}");
    Ok(())
}

async fn filtered(maps: &Api<ConfigMap>) -> Outcome {
    maps.create(&create(), &labelled("filtered", "filtered")).await?;
    let of = watcher::Config::default().labels("watch=filtered");
    let changed = watcher(maps.clone(), of)
        .applied_objects()
        .predicate_filter(predicates::labels, PredicateConfig::default());
    pin_mut!(changed);
    changed.try_next().await?.ok_or("it ends")?;
    for patch in
        [json!({ "data": { "a": "b" } }), json!({ "metadata": { "labels": { "l": "2" } } })]
    {
        maps.patch("filtered", &PatchParams::default(), &Patch::Merge(patch)).await?;
    }
    let next = changed.try_next().await?.ok_or("it ends")?;
    ensure!(next.labels().contains_key("l"), "the data pass: {:?}", next.data);
    Ok(())
}

async fn shared(maps: &Api<ConfigMap>) -> Outcome {
    maps.create(&create(), &labelled("subscribed", "subscribed")).await?;
    let (_, writer) = reflector::store_shared(16);
    let subscribe = || writer.subscribe().ok_or("it is not shared");
    let (one, other) = (subscribe()?, subscribe()?);
    let of = watcher::Config::default().labels("watch=subscribed");
    let events = watcher(maps.clone(), of).reflect_shared(writer).applied_objects();
    let step = async {
        let first = async |subscriber| -> Option<Arc<ConfigMap>> {
            pin_mut!(subscriber);
            StreamExt::next(&mut subscriber).await
        };
        let (one, other) = futures::join!(first(one), first(other));
        let names = [one, other].map(|map| map.map(|map| map.name_any()).unwrap_or_default());
        ensure!(names == ["subscribed", "subscribed"], "{names:?}");
        Ok(())
    };
    beside(step, events).await
}

async fn merged(client: &Client) -> Outcome {
    let maps: Api<ConfigMap> = Api::default_namespaced(client.clone());
    let secrets: Api<Secret> = Api::default_namespaced(client.clone());
    maps.create(&create(), &labelled("merged", "merged")).await?;
    let metadata = json!({ "name": "merged", "labels": { "watch": "merged" } });
    secrets.create(&create(), &object(json!({ "metadata": metadata }))).await?;
    let of = watcher::Config::default().labels("watch=merged");
    let kinds = [
        watcher(maps, of.clone()).applied_objects().map_ok(|_| "ConfigMap").boxed(),
        watcher(secrets, of).applied_objects().map_ok(|_| "Secret").boxed(),
    ];
    let mut kinds: Vec<_> = futures::stream::select_all(kinds).take(2).try_collect().await?;
    kinds.sort_unstable();
    ensure!(kinds == ["ConfigMap", "Secret"], "{kinds:?}");
    Ok(())
}

/// Creates, changes and deletes an object.
async fn life(maps: &Api<ConfigMap>, name: &str) -> Outcome {
    maps.create(&create(), &labelled(name, name)).await?;
    let patch = Patch::Merge(json!({ "data": { "a": "b" } }));
    maps.patch(name, &PatchParams::default(), &patch).await?;
    maps.delete(name, &DeleteParams::default()).await?;
    Ok(())
}

fn labelled(name: &str, watch: &str) -> ConfigMap {
    object(json!({ "metadata": { "name": name, "labels": { "watch": watch } } }))
}

/// Waits for what a stream in the background brings about. The step has a limit.
pub(super) async fn until(condition: impl Fn() -> bool) {
    while !condition() {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}

/// Runs a step while a stream is read.
pub(super) async fn beside<S: Stream>(step: impl Future<Output = Outcome>, stream: S) -> Outcome {
    tokio::select! {
        outcome = step => outcome,
        () = stream.for_each(async |_| {}) => Err("the stream ends".into()),
    }
}
