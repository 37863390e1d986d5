//! What happened: how often leaders changed, and which programs led.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use k8s_openapi::api::core::v1::Event;

use super::super::{
    election::Election,
    facts::Look,
    finding::{Checked, Seen},
};
use crate::{
    event,
    holder::host_of,
    time::{OFTEN, is_often, rate, short},
};

pub(crate) fn flapping(election: &Election<'_>) -> Checked {
    let lease = election.present()?;
    let age = lease.created.map(|it| election.observed.now.duration_since(it));
    let transitions = u64::try_from(lease.transitions).unwrap_or_default();
    let rate = rate(Some(transitions), age).filter(|it| is_often(transitions, *it));
    let seen = if election.observed.changes_of_leader > 1 {
        let (number, window) = (election.observed.changes_of_leader, election.observed.window);
        format!("the leader changed {number} times in {} s", window.as_secs())
    } else if let (Some(rate), Some(age)) = (rate, age) {
        format!("{transitions} transitions in {}, {rate:.0} an hour", short(age))
    } else {
        let begun = begun(election)?;
        let count: u64 = begun.iter().map(|it| in_last_hour(it)).sum();
        if count < OFTEN.into() {
            return Ok(Vec::new());
        }
        format!("{count} terms began in the last hour, by its Events")
    };
    let (ns, name) = (&lease.namespace, &lease.name);
    let fix = format!(
        "If renewals are slow rather than failing, make the lease and the renew deadline longer. See why \
         terms end, in the program's log, and in:\n\
         kubectl -n {ns} get events --field-selector involvedObject.kind=Lease,involvedObject.name={name}"
    );
    Ok(vec![Seen::new(election.about(), seen, fix)])
}

pub(crate) fn mixed(election: &Election<'_>) -> Checked {
    let workloads = election.known()?;
    let ours: Vec<_> = workloads.iter().filter(|it| election.is_ours(it)).collect();
    let [first, ..] = ours.as_slice() else {
        return Ok(Vec::new());
    };
    let others: Vec<_> = workloads.iter().filter(|it| !election.is_ours(it)).collect();
    let seen = if let Some(other) = others.first() {
        format!("{} contends for it beside {}", other.about(), first.about())
    } else if let Some(identity) =
        election.lease.holder.as_deref().filter(|it| host_of(it).is_some())
        && !election.lease.is_ours
    {
        format!(
            "{identity} holds it, an identity as controller-runtime makes them, beside {}",
            first.about()
        )
    } else {
        let reporters: BTreeSet<_> =
            begun(election)?.into_iter().filter_map(event::source).collect();
        let mut foreign = reporters.iter().filter(|name| !name.starts_with("kunobi-ha"));
        match foreign.next() {
            Some(name) if reporters.len() > 1 => {
                format!("{name} led in the last hour, and so did {}", first.about())
            }
            Some(_) | None => return Ok(Vec::new()),
        }
    };
    let fix = "Let the rollout end. Until then turn ReleaseOnCancel off in the client-go replicas \
               (controller-runtime: LeaderElectionReleaseOnCancel), or `watch` on in those of kunobi-ha.";
    Ok(vec![Seen::new(election.about(), seen, fix)])
}

/// The Events of the last hour by which a term began.
fn begun<'a>(election: &Election<'a>) -> Look<Vec<&'a Event>> {
    let events = election.index.events(election.lease)?;
    let now = election.observed.now;
    let is_recent = |event: &&Event| {
        event::last(event).is_some_and(|it| now.duration_since(it) < SignedDuration::from_hours(1))
    };
    // kunobi-ha says how, after it.
    let begins = |event: &&Event| event.message.iter().any(|it| it.contains(" became leader"));
    Ok(events.iter().copied().filter(begins).filter(is_recent).collect())
}

/// How often it happened in the last hour, if it happened evenly since it was seen first.
fn in_last_hour(event: &Event) -> u64 {
    let times = event::first(event).zip(event::last(event));
    let spread = times.map_or(0, |(first, last)| last.duration_since(first).as_secs());
    let spread = u64::try_from(spread).unwrap_or_default();
    (u64::from(event::count(event)) * HOUR / spread.max(HOUR)).max(1)
}

const HOUR: u64 = 3600;
