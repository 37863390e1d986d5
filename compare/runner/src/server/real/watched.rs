//! The history of the Lease: a watch is told of each write.

use std::time::Duration;

use futures::TryStreamExt;
use k8s_openapi::api::coordination::v1::Lease;
use kube::{
    Api,
    api::{ListParams, ObjectMeta, PostParams, WatchEvent, WatchParams},
};
use tokio::{sync::watch, task::JoinHandle, time::timeout};

use crate::server::LEASE;

/// Who held the Lease after each write, as long as this is there.
#[derive(Debug)]
pub(super) struct Watched {
    leases: Api<Lease>,
    seen: watch::Receiver<Seen>,
    watching: JoinHandle<()>,
}

#[derive(Debug)]
struct Seen {
    holders: Vec<Option<String>>,
    /// Every write up to it is among them.
    version: u64,
    /// Why nothing more is seen.
    ended: Option<String>,
}

impl Watched {
    pub(super) async fn start(leases: Api<Lease>) -> Result<Self, kube::Error> {
        let listed = leases.list(&ListParams::default()).await?.metadata.resource_version;
        let from = listed.unwrap_or_default();
        let first = Seen { holders: Vec::new(), version: number(&from), ended: None };
        let (sender, seen) = watch::channel(first);
        let asked = leases.clone();
        let watching = tokio::spawn(async move {
            let ended = follow(&asked, &from, &sender).await;
            let why =
                ended.map_or_else(|why| why.to_string(), |()| "the watch has ended".to_owned());
            sender.send_modify(|seen| seen.ended = Some(why));
        });
        Ok(Self { leases, seen, watching })
    }

    /// All so far: a write that is made now, to another Lease, is the last one that has to be seen.
    pub(super) async fn holders(&self) -> Result<Vec<Option<String>>, String> {
        let marker = self.mark().await.map_err(|why| why.to_string())?;
        let mut seen = self.seen.clone();
        let waiting = seen.wait_for(|seen| seen.version >= marker || seen.ended.is_some());
        let seen = match timeout(PATIENCE, waiting).await {
            Ok(Ok(seen)) => seen,
            Ok(Err(_)) => return Err("the watch of the Lease is gone".to_owned()),
            Err(_) => return Err("the watch of the Lease tells nothing".to_owned()),
        };
        match &seen.ended {
            Some(why) => Err(format!("the history of the Lease is not complete: {why}")),
            None => Ok(seen.holders.clone()),
        }
    }

    async fn mark(&self) -> Result<u64, kube::Error> {
        let metadata =
            ObjectMeta { generate_name: Some("marker-".to_owned()), ..ObjectMeta::default() };
        let marker = Lease { metadata, ..Lease::default() };
        Ok(version(&self.leases.create(&PostParams::default(), &marker).await?))
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.watching.abort();
    }
}

async fn follow(
    leases: &Api<Lease>,
    from: &str,
    seen: &watch::Sender<Seen>,
) -> Result<(), kube::Error> {
    let mut events = Box::pin(leases.watch(&WatchParams::default().timeout(LONGEST), from).await?);
    while let Some(event) = events.try_next().await? {
        let (lease, is_gone) = match event {
            WatchEvent::Added(lease) | WatchEvent::Modified(lease) => (lease, false),
            WatchEvent::Deleted(lease) => (lease, true),
            WatchEvent::Bookmark(_) => continue,
            WatchEvent::Error(why) => return Err(kube::Error::Api(why)),
        };
        seen.send_modify(|seen| {
            seen.version = version(&lease);
            if lease.metadata.name.as_deref() == Some(LEASE) {
                seen.holders.push(if is_gone { None } else { holder(lease) });
            }
        });
    }
    Ok(())
}

fn version(lease: &Lease) -> u64 {
    lease.metadata.resource_version.as_deref().map_or(0, number)
}

fn holder(lease: Lease) -> Option<String> {
    lease.spec?.holder_identity.filter(|holder| !holder.is_empty())
}

/// Versions of one resource are numbers that can be compared.
/// <https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions>
fn number(version: &str) -> u64 {
    version.parse().unwrap_or(0)
}

/// In seconds; kube allows no more. An election here lasts less.
const LONGEST: u32 = 294;
const PATIENCE: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests;
