//! The Lease as an object.

use super::super::{
    election::Election,
    facts::{Because, Look, Owner},
    finding::{Checked, Seen},
    pods,
};
use crate::time::short;

pub(crate) fn deleting(election: &Election<'_>) -> Checked {
    let lease = election.lease;
    if lease.deleted.is_none() {
        return Ok(Vec::new());
    }
    let seen = match lease.finalizers.as_slice() {
        [] => "it is being deleted".to_owned(),
        list => format!("it is being deleted, and waits for its finalizers: {}", list.join(", ")),
    };
    let fix = format!(
        "If the deletion is meant, end the replicas first. A finalizer has no use on the Lease of an \
         election:\nkubectl -n {} patch lease {} --type=json \
         -p '[{{\"op\":\"remove\",\"path\":\"/metadata/finalizers\"}}]'",
        lease.namespace, lease.name
    );
    Ok(vec![Seen::new(election.about(), seen, fix)])
}

pub(crate) fn owner(election: &Election<'_>) -> Checked {
    let mut found = Vec::new();
    for owner in &election.lease.owners {
        let Some(why) = ends(election, owner)? else {
            continue;
        };
        let seen = format!("it is owned by {} {}, {why}", owner.kind, owner.name);
        let fix = format!(
            "Take the owner out, or own the Lease by the Deployment:\n\
             kubectl -n {} patch lease {} --type=json \
             -p '[{{\"op\":\"remove\",\"path\":\"/metadata/ownerReferences\"}}]'",
            election.lease.namespace, election.lease.name
        );
        found.push(Seen::new(election.about(), seen, fix));
    }
    Ok(found)
}

/// Says why an owner will be deleted, or is gone.
fn ends(election: &Election<'_>, owner: &Owner) -> Look<Option<&'static str>> {
    let cluster = election.cluster;
    let missing = "which does not exist: the Lease is collected as garbage";
    let in_namespace = |it: &Option<String>| it.as_deref() == Some(&*election.lease.namespace);
    macro_rules! exists {
        ($look:expr) => {{
            let all = $look.as_ref().map_err(Because::clone)?;
            let mut all = all.iter().map(|it| &it.metadata);
            let exists = all.any(|it| {
                in_namespace(&it.namespace)
                    && pods::name(it) == owner.name
                    && it.uid.as_deref() == Some(&*owner.uid)
            });
            Ok((!exists).then_some(missing))
        }};
    }
    match owner.kind.as_str() {
        "Pod" => Ok(Some("which a rollout or a drain deletes, and the Lease with it")),
        "ReplicaSet" => Ok(Some("which later rollouts delete, and the Lease with it")),
        "Job" => Ok(Some("which is deleted some time after its end, and the Lease with it")),
        "Deployment" => exists!(cluster.deployments),
        "StatefulSet" => exists!(cluster.stateful_sets),
        "DaemonSet" => exists!(cluster.daemon_sets),
        _ => Ok(None),
    }
}

pub(crate) fn clock(election: &Election<'_>) -> Checked {
    let lease = election.lease;
    let Some(renewed) = lease.renewed else {
        return Ok(Vec::new());
    };
    let Some(stored) = lease.stored else {
        return Err(Because("the managedFields do not tell when the renewal was stored".into()));
    };
    let off = renewed.duration_since(stored);
    if off.abs().as_secs() < FAR {
        return Ok(Vec::new());
    }
    let way = if off.is_positive() { "ahead of" } else { "behind" };
    let holder = lease.holder.as_deref().unwrap_or("the last holder");
    let seen = format!(
        "the clock of {holder} is {} {way} the API server's: renewTime is {renewed}, and the server \
         stored it at {stored}",
        short(off.abs())
    );
    let fix = "Let its node follow a time server (chrony, systemd-timesyncd):\ntimedatectl timesync-status";
    Ok(vec![Seen::new(election.about(), seen, fix)])
}

/// A server stores times to the second, and a request may take some.
const FAR: i64 = 5;
