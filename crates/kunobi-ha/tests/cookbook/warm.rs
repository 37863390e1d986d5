//! Standbys with warm caches, and a read after the takeover that is as new as the term.

use std::{collections::BTreeSet, time::Duration};

use futures::StreamExt;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::{
    Api, Client, ResourceExt,
    api::{DeleteParams, ListParams, ObjectMeta, PostParams},
    runtime::{
        WatchStreamExt, reflector,
        reflector::{ObjectRef, Store},
        watcher,
    },
};
use kunobi_ha_test::{Faults, TestServer};
use tokio::{
    pin,
    time::{sleep, timeout},
};

/// Work of every replica: keeps the cache up to date.
async fn keep_warm(maps: Api<ConfigMap>, writer: reflector::store::Writer<ConfigMap>) {
    let events = watcher(maps, watcher::Config::default()).default_backoff();
    reflector(writer, events).for_each(|_| async {}).await;
}

/// What a leader does first: waits until the cache has all that the API server has now.
async fn catch_up(maps: &Api<ConfigMap>, cache: &Store<ConfigMap>) -> kube::Result<()> {
    // A list that asks for no version is as new as the last write.
    let newest = maps.list_metadata(&ListParams::default()).await?;
    for item in &newest.items {
        let key = ObjectRef::new(&item.name_any()).within(&item.namespace().unwrap_or_default());
        while cache.get(&key).is_none_or(|old| version(&old.metadata) < version(&item.metadata)) {
            if maps.get_metadata_opt(&item.name_any()).await?.is_none() {
                break; // It was deleted after the list.
            }
            sleep(POLL).await;
        }
    }
    let listed: BTreeSet<_> = newest.items.iter().map(ResourceExt::uid).collect();
    let list: Option<u64> =
        newest.metadata.resource_version.as_deref().and_then(|version| version.parse().ok());
    for old in cache.state() {
        let deleted = !listed.contains(&old.uid()) && version(&old.metadata) <= list;
        let key = ObjectRef::from_obj(&*old);
        while deleted && cache.get(&key).is_some_and(|still| still.uid() == old.uid()) {
            sleep(POLL).await;
        }
    }
    Ok(())
}

/// Versions of objects of one type are numbers that grow.
fn version(meta: &ObjectMeta) -> Option<u64> {
    meta.resource_version.as_deref().and_then(|version| version.parse().ok())
}

const POLL: Duration = Duration::from_millis(50);

#[tokio::test(start_paused = true)]
async fn a_leader_waits_for_what_its_cache_does_not_have_yet() {
    let server = TestServer::new();
    let maps = |client: &str| -> Api<ConfigMap> {
        Api::default_namespaced(Client::new(server.service(client), "default"))
    };
    let create = |name: &str| {
        let metadata = ObjectMeta { name: Some(name.into()), ..ObjectMeta::default() };
        let map = ConfigMap { metadata, ..ConfigMap::default() };
        let user = maps("user");
        async move { user.create(&PostParams::default(), &map).await.unwrap() }
    };
    create("stays").await;
    create("goes").await;
    let (cache, writer) = reflector::store();
    tokio::spawn(keep_warm(maps("watch"), writer));
    cache.wait_until_ready().await.unwrap();
    timeout(Duration::from_secs(1), catch_up(&maps("a"), &cache)).await.unwrap().unwrap();

    server.set_faults("watch", Faults { cut_requests: true, ..Faults::default() });
    create("comes").await;
    maps("user").delete("goes", &DeleteParams::default()).await.unwrap();
    let leader = maps("a");
    let catching_up = catch_up(&leader, &cache);
    pin!(catching_up);
    timeout(Duration::from_secs(5), &mut catching_up).await.expect_err("the cache is old");
    server.heal("watch");
    timeout(Duration::from_secs(60), catching_up).await.unwrap().unwrap();
    let names: BTreeSet<_> = cache.state().iter().map(|map| map.name_any()).collect();
    assert_eq!(names.iter().map(String::as_str).collect::<Vec<_>>(), ["comes", "stays"]);
}
