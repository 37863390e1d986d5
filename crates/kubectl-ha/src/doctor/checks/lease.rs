//! The Lease as an object.

use super::super::{
    election::Election,
    facts::{Because, Look, Owner},
    finding::{Checked, Seen, of_each},
    workload::Kind,
};
use crate::{library::is_by_hand, say, time::short};

pub(crate) fn deleting(election: &Election<'_>) -> Checked {
    let lease = election.present()?;
    if lease.deleted.is_none() {
        return Ok(Vec::new());
    }
    let seen = format!("it is being deleted{}", say::finalizers(", and", &lease.finalizers));
    let fix = format!(
        "If the deletion is meant, end the replicas first. A finalizer has no use on the Lease of an \
         election:\nkubectl -n {} patch lease {} --type=json \
         -p '[{{\"op\":\"remove\",\"path\":\"/metadata/finalizers\"}}]'",
        lease.namespace, lease.name
    );
    Ok(vec![Seen::new(election.about(), seen, fix)])
}

pub(crate) fn owner(election: &Election<'_>) -> Checked {
    let lease = election.present()?;
    of_each(lease.owners.iter().map(|owner| {
        let Some(why) = ends(election, owner)? else {
            return Ok(None);
        };
        let seen = format!("it is owned by {} {}, {why}", owner.kind, owner.name);
        let fix = format!(
            "Take the owner out, or own the Lease by the Deployment:\n\
             kubectl -n {} patch lease {} --type=json \
             -p '[{{\"op\":\"remove\",\"path\":\"/metadata/ownerReferences\"}}]'",
            lease.namespace, lease.name
        );
        Ok(Some(Seen::new(election.about(), seen, fix)))
    }))
}

/// Says why an owner will be deleted, or is gone.
fn ends(election: &Election<'_>, owner: &Owner) -> Look<Option<&'static str>> {
    let exists = |kind| {
        let workload = election.index.workload(&election.lease.namespace, kind, &owner.name)?;
        let is_it = workload.is_some_and(|it| it.meta.uid.as_deref() == Some(&*owner.uid));
        let missing = "which does not exist: the Lease is collected as garbage";
        Ok((!is_it).then_some(missing))
    };
    match (owner.group.as_str(), owner.kind.as_str()) {
        ("", "Pod") => Ok(Some("which a rollout or a drain deletes, and the Lease with it")),
        ("apps", "ReplicaSet") => Ok(Some("which later rollouts delete, and the Lease with it")),
        ("batch", "Job") => {
            Ok(Some("which is deleted some time after its end, and the Lease with it"))
        }
        ("apps", "Deployment") => exists(Kind::Deployment),
        ("apps", "StatefulSet") => exists(Kind::StatefulSet),
        ("apps", "DaemonSet") => exists(Kind::DaemonSet),
        (_, kind) => {
            Err(Because::of(format!("whether the owner {kind} {} exists is not known", owner.name)))
        }
    }
}

pub(crate) fn by_hand(election: &Election<'_>) -> Checked {
    let lease = election.present()?;
    if !election.observed.is_silent() {
        return Ok(Vec::new());
    }
    let Some(writer) = &lease.writer else {
        return Err(Because::of("the managedFields do not tell who wrote the record".into()));
    };
    if !is_by_hand(writer) {
        return Ok(Vec::new());
    }
    let mut seen = format!("{writer} wrote its record last, and nobody has renewed it since");
    if let (Some(renewed), Some(stored)) = (lease.renewed, lease.stored)
        && renewed.duration_since(stored).abs().as_secs() >= FAR
    {
        seen = format!("{seen}; its renewTime is {renewed}, and it was stored at {stored}");
    }
    let advice =
        "Leave the record to the candidates from now on; they take the Lease when it has run out.";
    // A holder that has run out does not answer.
    let fix = if election.is_led().is_ok() {
        let other = if lease.is_ours {
            ""
        } else {
            " (that of another library than kunobi-ha can only be evicted: --evict)"
        };
        format!(
            "{advice} To change a leader, ask it to hand over{other}:\nkubectl ha step-down {} -n {}",
            lease.name, lease.namespace
        )
    } else {
        advice.to_owned()
    };
    Ok(vec![Seen::new(election.about(), seen, fix)])
}

pub(crate) fn clock(election: &Election<'_>) -> Checked {
    let lease = election.present()?;
    let Some(renewed) = lease.renewed else {
        return Err(Because::of("the record has no renewTime".into()));
    };
    if let Some(writer) = lease.writer.as_deref().filter(|it| is_by_hand(it)) {
        return Err(Because::of(format!("{writer} wrote the record, and that shows no clock")));
    }
    let Some(stored) = lease.stored else {
        return Err(Because::of(
            "the managedFields do not tell when the renewal was stored".into(),
        ));
    };
    let off = renewed.duration_since(stored);
    let (way, tolerated) = if off.is_positive() {
        ("ahead of", FAR)
    } else {
        ("behind", FAR.max(attempt(election)).max(window(election)))
    };
    if off.abs().as_secs() < tolerated {
        return Ok(Vec::new());
    }
    // A renewal that waited for the server looks the same, unless it was sent after one that was seen.
    if off.is_negative() && election.observed.writes < 2 {
        return Err(Because::of(format!(
            "its last renewal was stored {} after its renewTime, and one renewal may have been slow: look longer with \
             --observe",
            short(off.abs())
        )));
    }
    let holder = lease.holder.as_deref().unwrap_or("the last holder");
    let seen = format!(
        "the clock of {holder} is {} {way} the API server's: renewTime is {renewed}, and the server \
         stored it at {stored}",
        short(off.abs())
    );
    let fix = "Let its node follow a time server (chrony, systemd-timesyncd):\ntimedatectl timesync-status";
    Ok(vec![Seen::new(election.about(), seen, fix)])
}

/// Returns how many seconds a renewal may take. client-go takes the time before its requests, and gives a renewal up
/// after two thirds of the lease by default.
fn attempt(election: &Election<'_>) -> i64 {
    election.lease.duration_seconds.unwrap_or_default() * 2 / 3
}

/// Returns how many seconds a renewal that was sent during the look can have taken.
fn window(election: &Election<'_>) -> i64 {
    i64::try_from(election.observed.window.as_secs()).unwrap_or(i64::MAX)
}

/// A server stores times to the second, and a request may take some.
const FAR: i64 = 5;
