//! Readiness that follows leadership, and what becomes of a rollout then.

use jiff::SignedDuration;
use k8s_openapi::{api::core::v1::Pod, apimachinery::pkg::util::intstr::IntOrString};

use super::super::{
    election::Election,
    facts::{Because, Look},
    finding::{Checked, Seen, of_each},
    pods,
    workload::{Rollout, Workload},
};

pub(crate) fn follows(election: &Election<'_>) -> Checked {
    found(election, |it| !gets_stuck(it), "", "")
}

pub(crate) fn stuck(election: &Election<'_>) -> Checked {
    found(
        election,
        gets_stuck,
        "; its rollout waits for a new pod to be ready, which waits for an old one to end",
        " Until then a rollout ends only if the old leader is deleted by hand.",
    )
}

fn found(
    election: &Election<'_>,
    which: impl Fn(&Workload<'_>) -> bool,
    seen: &str,
    fix: &str,
) -> Checked {
    of_each(election.known()?.iter().map(|workload| {
        let why = match by_probe(workload) {
            Some(why) => Some(why),
            None => by_pods(election, workload)?,
        };
        let Some(why) = why.filter(|_| which(workload)) else {
            return Ok(None);
        };
        let advice = "Let readiness say whether the election works in a pod, not whether it leads: \
                      with kunobi-ha LeaderGate::ElectionHealthy and /readyz. Who leads can be a \
                      label, or /leaderz.";
        let (seen, fix) = (format!("{why}{seen}"), format!("{advice}{fix}"));
        Ok(Some(Seen::new(workload.about(), seen, fix)))
    }))
}

/// Its readiness probe asks for the leader.
fn by_probe(workload: &Workload<'_>) -> Option<String> {
    workload.containers().find_map(|it| {
        let get = it.readiness_probe.as_ref()?.http_get.as_ref()?;
        let path = get.path.as_deref().filter(|path| path.to_lowercase().contains("leader"))?;
        let port = match &get.port {
            IntOrString::Int(port) => port.to_string(),
            IntOrString::String(name) => name.clone(),
        };
        Some(format!("its readiness probe asks {path} (port {port})"))
    })
}

/// The leader is ready, and no other pod is, though they have had time. A pod that is ready and does not lead shows the
/// opposite.
fn by_pods(election: &Election<'_>, workload: &Workload<'_>) -> Look<Option<String>> {
    let leader = election.leader().ok();
    let leads = |pod: &Pod| leader.is_some_and(|it| it.metadata == pod.metadata);
    let live = workload.pods.iter().filter(|it| !pods::is_terminating(it));
    let standbys: Vec<_> = live.filter(|it| !leads(it)).collect();
    // One of them may be the leader, if it is not known which pod leads.
    let leaders = usize::from(leader.is_none() && !election.is_vacant());
    if standbys.iter().filter(|it| pods::is_ready(it)).count() > leaders {
        return Ok(None);
    }
    let waits = |pod: &Pod| {
        let since = pods::runs_since(pod).map(|it| election.observed.now.duration_since(it));
        since.is_some_and(|it| it > STARTUP)
    };
    let waiting = standbys.iter().filter(|it| waits(it)).count();
    let leader = election.leader()?;
    let is_told = workload.owns(leader) && pods::is_ready(leader) && waiting > 0;
    if is_told && waiting == standbys.len() {
        let leader = pods::name(&leader.metadata);
        let seen =
            format!("of its pods only the leader {leader} is ready; {waiting} run and are not");
        return Ok(Some(seen));
    }
    Err(Because(format!("no standby of {} has run long enough to tell", workload.about())))
}

/// A pod of the new revision becomes ready only after all old ones are gone.
fn gets_stuck(workload: &Workload<'_>) -> bool {
    match workload.rollout {
        Rollout::Rolling { max_unavailable } => max_unavailable < workload.replicas.max(1),
        Rollout::Recreate | Rollout::OnDelete => false,
    }
}

const STARTUP: SignedDuration = SignedDuration::from_secs(60);
