//! Whether somebody leads, or can.

use std::{collections::BTreeMap, time::Duration};

use jiff::SignedDuration;

use super::super::{
    election::{Election, Holder, Record},
    facts::Because,
    finding::{Checked, Seen},
    pods::{self, Pod},
    workload::Workload,
};
use crate::time::short;

pub(crate) fn nobody(election: &Election<'_>) -> Checked {
    let seen = match election.record()? {
        Record::Live => return Ok(Vec::new()),
        Record::Missing => match age(election).filter(|it| it.abs() < PATIENCE) {
            None => "the Lease does not exist".to_owned() + &named(election),
            Some(age) => {
                let because = format!("its workload is {} old, and may yet create it", short(age));
                return Err(Because::of(because));
            }
        },
        Record::Unheld if !election.elects() => {
            return Err(Because::of(
                "nobody is known to be elected with it: it may be a heartbeat".into(),
            ));
        }
        Record::Unheld => {
            let silent = span(election.silence()?);
            if silent < PATIENCE {
                let (silent, patience) = (short(silent), short(PATIENCE));
                return Err(Because::of(format!(
                    "nobody has held the Lease for {silent}, and an election may take {patience}: look \
                     again then"
                )));
            }
            format!("nobody has held it for {}", short(silent))
        }
        Record::Expired => format!(
            "its lease of {} was last renewed {} ago",
            short(span(election.duration())),
            short(span(election.silence()?))
        ),
    };
    if is_abandoned(election) {
        return Err(Because::of("nobody is known to want to lead: see lease-abandoned".into()));
    }
    let (who, fix) = candidates(election)?;
    Ok(vec![Seen::new(election.about(), format!("{seen}{who}"), fix)])
}

/// Says which workload names the Lease.
fn named(election: &Election<'_>) -> String {
    let first = election.workloads.iter().flatten().next();
    first.map_or_else(String::new, |it| format!(" though {} names it", it.about()))
}

/// Says who could lead, and where to look for the reason why nobody does.
fn candidates(election: &Election<'_>) -> Result<(String, String), Because> {
    let (ns, name) = (&election.lease.namespace, &election.lease.name);
    let known = match &election.workloads {
        Ok(workloads) => workloads.as_slice(),
        Err(because) => {
            let who = format!("; who could lead is not known, because {because}");
            return Ok((who, find(ns, name)));
        }
    };
    if known.is_empty() {
        let who = "; no workload that contends for it is known".into();
        return Ok((who, find(ns, name)));
    }
    let wanted = wanted(known);
    let candidates = election.candidates()?;
    if let Some(first) = candidates.first() {
        let fix = format!(
            "See what the candidates say, and whether they may write the Lease (access-missing, \
             access-create):\nkubectl -n {} logs {} --tail=50",
            first.metadata.namespace.as_deref().unwrap_or_default(),
            pods::name(&first.metadata)
        );
        let count = candidates.len();
        let who = if count == 1 { "1 pod".to_owned() } else { format!("{count} pods") };
        let does = if election.lease.exists { "take" } else { "create" };
        return Ok((format!(", and {who} could {does} it"), fix));
    }
    if wanted == 0 {
        return Err(Because::of("no replica is wanted: see scaled-to-zero".into()));
    }
    let fix = "Let its pods run; no-candidate says what they lack.".into();
    Ok((format!(", and none of the {wanted} wanted pods runs"), fix))
}

pub(crate) fn no_candidate(election: &Election<'_>) -> Checked {
    let workloads = election.known()?;
    if wanted(workloads) == 0 {
        return Err(Because::of("no replica is wanted".into()));
    }
    if !election.candidates()?.is_empty() {
        return Ok(Vec::new());
    }
    let beside = outsider(election)
        .map_or_else(String::new, |leader| format!("; {leader} leads, and is none of them"));
    let found = workloads.iter().filter(|it| it.replicas > 0).map(|it| {
        let seen = idle(it);
        Seen { text: seen.text + &beside, ..seen }
    });
    Ok(found.collect())
}

/// Returns who leads though it is not a pod, as a program on the machine of a developer.
fn outsider<'a>(election: &Election<'a>) -> Option<&'a str> {
    match election.holder().ok()? {
        Holder::Unknown(identity) if !election.observed.is_silent() => Some(identity),
        Holder::Unknown(_)
        | Holder::Nobody
        | Holder::Pod(_)
        | Holder::Node(_)
        | Holder::OnNode(_) => None,
    }
}

fn idle(workload: &Workload<'_>) -> Seen {
    let states = states(workload);
    let seen = format!("none of its {} wanted pods runs: {states}", workload.replicas);
    Seen::new(workload.about(), seen, start(workload))
}

pub(crate) fn no_standby(election: &Election<'_>) -> Checked {
    let workloads = election.known()?;
    match wanted(workloads) {
        0 => return Err(Because::of("no replica is wanted".into())),
        1 => return Ok(Vec::new()),
        _ => {}
    }
    let leader = election.leader()?;
    let leads = |pod: &Pod| pod.metadata == leader.metadata;
    let candidates = election.candidates()?;
    if candidates.iter().any(|pod| !leads(pod)) {
        return Ok(Vec::new());
    }
    if candidates.is_empty() {
        return Err(Because::of("no candidate runs at all".into()));
    }
    // Of two workloads with one pod each, as blue and green, that of the leader may lack none.
    let lacking = workloads.iter().filter(|it| it.replicas > i32::from(it.owns(leader)));
    let found = lacking.map(|it| {
        if !it.owns(leader) {
            return idle(it);
        }
        let mut workload = it.clone();
        workload.pods.retain(|pod| !leads(pod));
        let others = states(&workload);
        let leader = pods::name(&leader.metadata);
        let seen = format!(
            "of its {} wanted pods only the leader {leader} runs; the others: {others}",
            it.replicas
        );
        Seen::new(it.about(), seen, start(&workload))
    });
    Ok(found.collect())
}

pub(crate) fn scaled_to_zero(election: &Election<'_>) -> Checked {
    let workloads = election.known()?;
    if wanted(workloads) > 0 || election.record()? == Record::Live {
        return Ok(Vec::new());
    }
    let found = workloads.iter().map(|it| {
        let (seen, fix) = match it.scale() {
            Some(scale) => {
                ("it is scaled to zero", format!("If it is to work, let it run:\n{scale}"))
            }
            None => (
                "no node matches it, so it wants no pod",
                format!("See which nodes it wants:\n{}", it.describe()),
            ),
        };
        Seen::new(it.about(), seen, fix)
    });
    Ok(found.collect())
}

pub(crate) fn abandoned(election: &Election<'_>) -> Checked {
    election.present()?;
    if election.record()? == Record::Live {
        return Ok(Vec::new());
    }
    if !election.workloads.as_ref().map_err(Clone::clone)?.is_empty() {
        return Ok(Vec::new());
    }
    let silent = span(election.silence()?);
    if silent <= ABANDONED {
        return Ok(Vec::new());
    }
    let (ns, name) = (&election.lease.namespace, &election.lease.name);
    let seen = format!(
        "nobody has written it for {}, and no workload that contends for it is known",
        short(silent)
    );
    let fix = format!("If nothing uses it any more:\nkubectl -n {ns} delete lease {name}");
    Ok(vec![Seen::new(election.about(), seen, fix)])
}

fn is_abandoned(election: &Election<'_>) -> bool {
    abandoned(election).is_ok_and(|found| !found.is_empty())
}

fn find(ns: &str, name: &str) -> String {
    format!(
        "Find the program that uses it, and see whether its pods run, and what they say. The Lease tells \
         who wrote it:\nkubectl -n {ns} get lease {name} -o yaml --show-managed-fields"
    )
}

/// How long there has been a workload.
fn age(election: &Election<'_>) -> Option<SignedDuration> {
    let workloads = election.workloads.iter().flatten();
    let created = workloads.filter_map(|it| it.meta.creation_timestamp.as_ref());
    created.map(|it| election.observed.now.duration_since(it.0)).max()
}

fn wanted(workloads: &[Workload<'_>]) -> i32 {
    workloads.iter().map(|it| it.replicas).sum()
}

/// Says how many pods are in which state.
fn states(workload: &Workload<'_>) -> String {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for pod in &workload.pods {
        *counts.entry(pods::trouble(pod, &workload.electing())).or_default() += 1;
    }
    let counts: Vec<_> = counts.iter().map(|(state, count)| format!("{count} {state}")).collect();
    if counts.is_empty() { "none exists".into() } else { counts.join(", ") }
}

/// Says where the reason is found why the pods of a workload do not run.
fn start(workload: &Workload<'_>) -> String {
    let ns = workload.namespace();
    let Some(pod) = workload.pods.first().map(|it| pods::name(&it.metadata)) else {
        return format!(
            "See why its pods are not created (a quota, an admission webhook, a ServiceAccount that is \
             missing):\n{}\nkubectl -n {ns} get events --sort-by=.lastTimestamp",
            workload.describe()
        );
    };
    let logs = format!("kubectl -n {ns} logs {pod} --previous --tail=50");
    let is_placed = workload.pods.iter().any(|it| pods::node(it).is_some());
    let logs = if is_placed { format!("\n{logs}") } else { String::new() };
    format!("See why its pods do not run:\nkubectl -n {ns} describe pod {pod}{logs}")
}

fn span(time: Duration) -> SignedDuration {
    SignedDuration::try_from(time).unwrap_or(SignedDuration::MAX)
}

/// How long an election may take when nobody holds the Lease.
const PATIENCE: SignedDuration = SignedDuration::from_secs(30);
/// After so long the Lease may be that of a program that was removed.
const ABANDONED: SignedDuration = SignedDuration::from_hours(24);
