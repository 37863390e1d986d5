//! Looking up the Pods of many holders.

use std::collections::{BTreeMap, BTreeSet};

use tokio::task::JoinSet;

use super::{HolderPod, pod_names};
use crate::{
    api::{Cluster, Kind, Target},
    failure::Failure,
    lease::Lease,
    pod::Pod,
};

/// The Pods of holders, by namespace and name.
#[derive(Debug, Default)]
pub(crate) struct Holders {
    pods: BTreeMap<Name, HolderPod>,
    /// Why not all could be looked up.
    trouble: Option<Failure>,
}

type Name = (String, String);

impl Holders {
    /// Looks up the Pods of all holders. A few are asked for one by one; for many, the Pods of the namespace are listed, or
    /// those of all.
    pub(crate) async fn look_up<'a>(
        cluster: &Cluster,
        namespace: Option<&str>,
        leases: impl IntoIterator<Item = &'a Lease>,
    ) -> Self {
        let mut holders = Self::default();
        let wanted: BTreeSet<Name> = leases.into_iter().flat_map(names).collect();
        if wanted.len() <= FEW {
            holders.one_by_one(cluster, wanted).await;
        } else {
            holders.listed(cluster, namespace, &wanted).await;
        }
        holders
    }

    /// Returns the Pod of the holder of a Lease that was looked up.
    pub(crate) fn of(&self, lease: &Lease) -> HolderPod {
        let mut found = HolderPod::None;
        for name in names(lease) {
            match self.pods.get(&name) {
                Some(HolderPod::Found(pod)) => return HolderPod::Found(pod.clone()),
                Some(HolderPod::Unknown) => found = HolderPod::Unknown,
                Some(HolderPod::None) | None => {}
            }
        }
        found
    }

    /// Says in one line why some Pods are not known.
    pub(crate) fn trouble(&self) -> Option<String> {
        self.trouble.as_ref().map(Failure::first_line)
    }

    async fn one_by_one(&mut self, cluster: &Cluster, wanted: BTreeSet<Name>) {
        let mut wanted = wanted.into_iter();
        let mut asking = JoinSet::new();
        loop {
            while asking.len() < AT_ONCE
                && let Some(name) = wanted.next()
            {
                asking.spawn(ask(cluster.clone(), name));
            }
            let Some(Ok((name, answer))) = asking.join_next().await else {
                return;
            };
            let pod = match answer {
                Ok(pod) => HolderPod::Found(Box::new(pod)),
                Err(Failure::NotFound(_)) => HolderPod::None,
                Err(failure) => self.unknown(failure),
            };
            self.pods.insert(name, pod);
        }
    }

    async fn listed(
        &mut self,
        cluster: &Cluster,
        namespace: Option<&str>,
        wanted: &BTreeSet<Name>,
    ) {
        let target = Target::list(Kind::PODS, namespace);
        let keep = |text: &str| {
            Some(Pod::parse(text))
                .filter(|pod| wanted.contains(&(pod.namespace.clone(), pod.name.clone())))
        };
        match cluster.list(&target, &[], keep).await {
            Ok(listing) => {
                for pod in listing.items.into_iter().flatten() {
                    self.pods.insert(
                        (pod.namespace.clone(), pod.name.clone()),
                        HolderPod::Found(Box::new(pod)),
                    );
                }
            }
            Err(failure) => {
                let unknown = self.unknown(failure);
                self.pods.extend(wanted.iter().map(|name| (name.clone(), unknown.clone())));
            }
        }
    }

    fn unknown(&mut self, failure: Failure) -> HolderPod {
        self.trouble.get_or_insert(failure);
        HolderPod::Unknown
    }
}

async fn ask(cluster: Cluster, name: Name) -> (Name, Result<Pod, Failure>) {
    let answer = cluster.get(&Target::get(Kind::PODS, &name.0, &name.1)).await;
    (name, answer.map(|answer| Pod::parse(&answer.value.to_string())))
}

fn names(lease: &Lease) -> impl Iterator<Item = Name> {
    pod_names(lease).into_iter().map(|name| (lease.namespace.clone(), name))
}

/// Up to so many names are asked for one by one: more than that is slower than a list.
const FEW: usize = 100;

/// How many requests are under way at once.
const AT_ONCE: usize = 10;
