//! What is written.

use serde_json::{Value, json};

use crate::{
    api::{Cluster, Kind, Target, Write},
    failure::Failure,
    hints,
    lease::Lease,
};

/// A wish that we wrote.
pub(super) struct Wish {
    lease: Lease,
    to: String,
}

impl Wish {
    /// Writes it, on the version that was read: into the term that the user has seen, and over no other wish.
    pub(super) async fn write(cluster: &Cluster, lease: &Lease, to: &str) -> Result<Self, Failure> {
        let mut seen = lease.clone();
        for _ in 0..ATTEMPTS {
            if !is_same_term(&seen, lease) {
                return Err(Failure::NotNow(format!(
                    "{} no longer leads, so nothing was asked of it; run the command again",
                    lease.holder.as_deref().unwrap_or_default()
                )));
            }
            if let Some(other) = hints::wish(&seen) {
                return Err(Failure::NotNow(format!(
                    "somebody else has just wished for {other}; nothing was written"
                )));
            }
            match annotate(cluster, &seen, &json!(to)).await {
                Ok(()) => return Ok(Self { lease: lease.clone(), to: to.into() }),
                // The leader has renewed in between.
                Err(Failure::Refused { code: 409, .. }) => {
                    seen = cluster.lease(&lease.namespace, &lease.name).await?.value;
                }
                Err(failure) => return Err(failure),
            }
        }
        Err(busy())
    }

    /// Takes it back, if it is still there and still in that term. Returns what to say.
    pub(super) async fn remove(self, cluster: &Cluster) -> Result<String, Failure> {
        for _ in 0..ATTEMPTS {
            let seen = cluster.lease(&self.lease.namespace, &self.lease.name).await?.value;
            if !is_same_term(&seen, &self.lease) || hints::wish(&seen) != Some(self.to.as_str()) {
                return Ok("The wish is not there any more; nothing was left behind.".into());
            }
            match annotate(cluster, &seen, &Value::Null).await {
                Ok(()) => return Ok("The wish was taken back.".into()),
                Err(Failure::Refused { code: 409, .. }) => {}
                Err(failure) => return Err(failure),
            }
        }
        Err(busy())
    }
}

/// Evicts a pod, if its budget allows that.
pub(super) async fn evict(cluster: &Cluster, pod: &str) -> Result<(), Failure> {
    let target = Target {
        subresource: Some("eviction"),
        ..Target::get(Kind::PODS, cluster.namespace(), pod).with_verb("create")
    };
    let eviction = json!({
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "metadata": { "name": pod, "namespace": cluster.namespace() },
    });
    match cluster.write(&target, Write::Create(eviction)).await {
        Ok(_) => Ok(()),
        Err(Failure::Refused { code: 429, message, .. }) => Err(Failure::NotNow(format!(
            "the pod {pod} may not be evicted now: {message}\n\
             {} shows the budget; when another replica is ready, it allows an eviction again.",
            cluster.command("get pdb")
        ))),
        Err(failure) => Err(failure),
    }
}

async fn annotate(cluster: &Cluster, seen: &Lease, wish: &Value) -> Result<(), Failure> {
    let target = Target::get(Kind::LEASES, &seen.namespace, &seen.name).with_verb("patch");
    let patch = json!({
        "metadata": {
            "uid": seen.uid,
            "resourceVersion": seen.resource_version,
            "annotations": { hints::WISH: wish },
        },
    });
    cluster.write(&target, Write::Merge(patch)).await.map(drop)
}

fn is_same_term(one: &Lease, other: &Lease) -> bool {
    (&one.uid, &one.holder, &one.acquired) == (&other.uid, &other.holder, &other.acquired)
}

fn busy() -> Failure {
    Failure::NotNow("the Lease was written by others at each of several attempts".into())
}

/// A leader renews every few seconds, and a read and a write take less.
const ATTEMPTS: usize = 5;
