//! All versions of some objects, by a watch that starts before there are any.

use std::sync::{Arc, Mutex};

use e2e::lock;
use futures::StreamExt;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::{
    Api, Resource, ResourceExt,
    api::{ListParams, WatchEvent, WatchParams},
};
use serde::de::DeserializeOwned;
use tokio::task::JoinSet;

/// What a watch has reported so far.
#[derive(Debug)]
pub(crate) struct Record<K> {
    seen: Arc<Mutex<Vec<K>>>,
    _watch: JoinSet<()>,
}

impl<K> Record<K>
where
    K: Resource + Clone + DeserializeOwned + std::fmt::Debug + Send + Sync + 'static,
{
    pub(crate) async fn start(api: Api<K>) -> Self {
        let list = api.list(&ListParams::default()).await.expect("it can be listed");
        let version = list.metadata.resource_version.expect("a list has a version");
        let seen = Arc::new(Mutex::new(list.items));
        let mut watch = JoinSet::new();
        watch.spawn(follow(api, version, Arc::clone(&seen)));
        Self { seen, _watch: watch }
    }

    /// Every version that was stored, in order.
    pub(crate) fn all(&self) -> Vec<K> {
        lock(&self.seen).clone()
    }
}

/// Nothing is left out: a watch that ended goes on after the last version that it reported.
async fn follow<K>(api: Api<K>, mut version: String, seen: Arc<Mutex<Vec<K>>>)
where
    K: Resource + Clone + DeserializeOwned + std::fmt::Debug,
{
    let parameters = WatchParams::default().timeout(290);
    loop {
        let events = api.watch(&parameters, &version).await.expect("it can be watched");
        let mut events = std::pin::pin!(events);
        while let Some(Ok(event)) = events.next().await {
            match event {
                WatchEvent::Added(object) | WatchEvent::Modified(object) => {
                    version = object.resource_version().expect("it has a version");
                    lock(&seen).push(object);
                }
                WatchEvent::Deleted(object) => {
                    version = object.resource_version().expect("it has a version");
                }
                WatchEvent::Bookmark(mark) => version = mark.metadata.resource_version,
                WatchEvent::Error(status) => panic!("the watch has lost something: {status:?}"),
            }
        }
    }
}

/// One version of the counter.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Tick {
    pub(crate) count: u64,
    pub(crate) fence: u64,
    pub(crate) pod: String,
    pub(crate) version: String,
}

impl Tick {
    pub(crate) fn of(map: &ConfigMap) -> Option<Self> {
        if map.name_any() != "ticks" {
            return None;
        }
        let text = |key| map.data.as_ref().and_then(|data| data.get(key)).cloned();
        Some(Self {
            count: text("count")?.parse().ok()?,
            fence: text("fence")?.parse().ok()?,
            pod: text("pod")?,
            version: text("version")?,
        })
    }
}
