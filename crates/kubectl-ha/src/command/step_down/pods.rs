//! The pods of the namespace, as candidates.

use crate::{
    api::{Cluster, Kind, Target},
    failure::Failure,
    pod::Pod,
};

/// All pods, if they may be listed.
#[derive(Clone, Debug)]
pub(super) enum Pods {
    Known(Vec<Pod>),
    Hidden,
}

impl Pods {
    pub(super) async fn list(cluster: &Cluster) -> Result<Self, Failure> {
        let target = Target::list(Kind::PODS, Some(cluster.namespace()));
        match cluster.list(&target, &[], Pod::parse).await {
            Ok(listing) => Ok(Self::Known(listing.items)),
            Err(Failure::Denied(_)) => Ok(Self::Hidden),
            Err(failure) => Err(failure),
        }
    }
}
