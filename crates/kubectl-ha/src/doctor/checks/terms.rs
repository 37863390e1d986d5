//! What happened: how often leaders changed, and which programs led.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::core::v1::Event;

use super::super::{
    election::Election,
    facts::Look,
    finding::{Checked, Seen},
};
use crate::holder::is_uuid;

pub(crate) fn flapping(election: &Election<'_>) -> Checked {
    let lease = election.present()?;
    let age = lease.created.map(|it| election.observed.now.duration_since(it));
    let hours = age.map(|it| it.as_secs_f64() / 3600.0);
    let seen = if election.observed.changes_of_holder > 1 {
        let (number, window) = (election.observed.changes_of_holder, election.observed.window);
        format!("the holder changed {number} times in {} s", window.as_secs())
    } else if let Some(hours) = hours
        && lease.transitions >= OFTEN
        && per_hour(lease.transitions, hours) >= per_hour(OFTEN, 1.0)
    {
        let rate = per_hour(lease.transitions, hours);
        format!("{} transitions in {hours:.1} h, {rate:.0} an hour", lease.transitions)
    } else {
        let begun = begun(election)?;
        let count: i64 = begun.iter().map(|it| in_last_hour(it)).sum();
        if count < OFTEN {
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
    } else if let Some(identity) = election.lease.holder.as_deref().filter(|it| has_uuid(it)) {
        format!(
            "{identity} holds it, an identity as controller-runtime makes them, beside {}",
            first.about()
        )
    } else {
        let reporters: BTreeSet<_> = begun(election)?.into_iter().filter_map(reporter).collect();
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
        at(event).is_some_and(|it| now.duration_since(it) < SignedDuration::from_hours(1))
    };
    let begins = |event: &&Event| event.message.iter().any(|it| it.ends_with("became leader"));
    Ok(events.iter().copied().filter(begins).filter(is_recent).collect())
}

fn at(event: &Event) -> Option<Timestamp> {
    let last = event.last_timestamp.as_ref().map(|it| it.0);
    last.or_else(|| event.event_time.as_ref().map(|it| it.0))
        .or_else(|| event.first_timestamp.as_ref().map(|it| it.0))
}

/// How often it happened in the last hour, if it happened evenly since it was seen first.
fn in_last_hour(event: &Event) -> i64 {
    let count = i64::from(event.count.unwrap_or(1).max(1));
    let first = event.first_timestamp.as_ref().map(|it| it.0);
    let spread =
        first.zip(at(event)).map_or(0, |(first, last)| last.duration_since(first).as_secs());
    (count * HOUR / spread.max(HOUR)).max(1)
}

fn reporter(event: &Event) -> Option<&str> {
    let reporting = event.reporting_component.as_deref().filter(|name| !name.is_empty());
    reporting.or_else(|| event.source.as_ref()?.component.as_deref())
}

/// Whether it ends with `_` and a UUID.
fn has_uuid(identity: &str) -> bool {
    identity.rsplit_once('_').is_some_and(|(_, end)| is_uuid(end))
}

#[expect(clippy::cast_precision_loss, reason = "it is shown without a fraction")]
fn per_hour(transitions: i64, hours: f64) -> f64 {
    transitions as f64 / hours.max(f64::MIN_POSITIVE)
}

const HOUR: i64 = 3600;
/// A rollout of five replicas may have as many.
const OFTEN: i64 = 6;
