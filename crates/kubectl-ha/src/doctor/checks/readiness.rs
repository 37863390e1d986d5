//! Readiness that follows leadership, and what becomes of a rollout then.

use jiff::SignedDuration;
use k8s_openapi::{api::core::v1::Pod, apimachinery::pkg::util::intstr::IntOrString};

use super::super::{
    election::Election,
    finding::{Checked, Seen},
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
    let leader = election.leader()?;
    let mut found = Vec::new();
    for workload in election.known()?.iter().filter(|it| which(it)) {
        if let Some(why) = by_probe(workload).or_else(|| by_pods(election, workload, leader)) {
            let about = workload.about();
            let advice = "Let readiness say whether the election works in a pod, not whether it leads: \
                          with kunobi-ha LeaderGate::ElectionHealthy and /readyz. Who leads can be a \
                          label, or /leaderz.";
            found.push(Seen::new(about, format!("{why}{seen}"), format!("{advice}{fix}")));
        }
    }
    Ok(found)
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

/// The leader is ready, and no other pod is, though they have had time.
fn by_pods(
    election: &Election<'_>,
    workload: &Workload<'_>,
    leader: Option<&Pod>,
) -> Option<String> {
    let leader = leader.filter(|it| workload.owns(it) && pods::is_ready(it))?;
    let live = workload.pods.iter().filter(|it| !pods::is_terminating(it));
    let standbys: Vec<_> = live.filter(|it| it.metadata.name != leader.metadata.name).collect();
    let waits = |pod: &Pod| {
        let since = pods::runs_since(pod).map(|it| election.observed.now.duration_since(it));
        !pods::is_ready(pod) && since.is_some_and(|it| it > STARTUP)
    };
    let waiting = standbys.iter().filter(|it| waits(it)).count();
    (waiting > 0 && waiting == standbys.len()).then(|| {
        let leader = pods::name(&leader.metadata);
        format!("of its pods only the leader {leader} is ready; {waiting} run and are not")
    })
}

/// A pod of the new revision becomes ready only after all old ones are gone.
fn gets_stuck(workload: &Workload<'_>) -> bool {
    match workload.rollout {
        Rollout::Rolling { max_unavailable } => max_unavailable < workload.replicas.max(1),
        Rollout::Recreate | Rollout::OnDelete => false,
    }
}

const STARTUP: SignedDuration = SignedDuration::from_secs(60);
