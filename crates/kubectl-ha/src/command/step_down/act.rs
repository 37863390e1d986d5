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
            check_term(&seen, lease)?;
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
    pub(super) async fn remove(self, cluster: &Cluster) -> String {
        let why = tokio::select! {
            removed = self.try_remove(cluster) => match removed {
                Ok(words) => return words.into(),
                Err(failure) => failure.first_line(),
            },
            // Only a person is impatient: `timeout` and a terminal that closes send their signals twice.
            Ok(()) = tokio::signal::ctrl_c() => "interrupted".into(),
        };
        format!(
            "error: the wish was not taken back: {why}\n{} does that.",
            undo(cluster, &self.lease)
        )
    }

    async fn try_remove(&self, cluster: &Cluster) -> Result<&'static str, Failure> {
        for _ in 0..ATTEMPTS {
            let seen = cluster.lease(&self.lease.namespace, &self.lease.name).await?.value;
            if !seen.same_term(&self.lease) || hints::wish(&seen) != Some(self.to.as_str()) {
                return Ok("The wish is not there any more; nothing was left behind.");
            }
            match annotate(cluster, &seen, &Value::Null).await {
                Ok(()) => return Ok("The wish was taken back."),
                Err(Failure::Refused { code: 409, .. }) => {}
                Err(failure) => return Err(failure),
            }
        }
        Err(busy())
    }
}

/// Returns the command that takes back a wish, no matter who wrote it.
pub(super) fn undo(cluster: &Cluster, lease: &Lease) -> String {
    cluster.command(&format!("annotate lease {} {}-", lease.name, hints::WISH))
}

/// Fails if this is no longer the term that the user has seen.
pub(super) fn check_term(now: &Lease, seen: &Lease) -> Result<(), Failure> {
    if now.same_term(seen) {
        return Ok(());
    }
    Err(no_longer(seen.holder.as_deref().unwrap_or_default()))
}

pub(super) fn no_longer(holder: &str) -> Failure {
    Failure::NotNow(format!("{holder} no longer leads, so nothing was done; run the command again"))
}

/// Evicts a pod, if its budget allows that, and if it is the one with this uid.
pub(super) async fn evict(cluster: &Cluster, pod: &str, uid: Option<&str>) -> Result<(), Failure> {
    let target = Target {
        subresource: Some("eviction"),
        ..Target::get(Kind::PODS, cluster.namespace(), pod).with_verb("create")
    };
    let eviction = json!({
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "metadata": { "name": pod, "namespace": cluster.namespace() },
        "deleteOptions": uid.map(|uid| json!({ "preconditions": { "uid": uid } })),
    });
    match cluster.write(&target, Write::Create(eviction)).await {
        Ok(_) => Ok(()),
        Err(Failure::Refused { code: 429, message, .. }) => Err(Failure::NotNow(format!(
            "the pod {pod} may not be evicted now: {message}\n\
             {} shows the budget; when another replica is ready, it allows an eviction again.",
            cluster.command("get pdb")
        ))),
        Err(Failure::Refused { code: 409, .. }) if uid.is_some() => Err(Failure::NotNow(format!(
            "there is another pod {pod} by now, so nothing was evicted; run the command again"
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

fn busy() -> Failure {
    Failure::NotNow("the Lease was written by others at each of several attempts".into())
}

/// A leader renews every few seconds, and a read and a write take less.
const ATTEMPTS: usize = 5;
