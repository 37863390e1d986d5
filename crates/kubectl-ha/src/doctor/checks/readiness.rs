//! Readiness that follows leadership, and what becomes of a rollout then.

use jiff::SignedDuration;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::super::{
    election::Election,
    facts::{Because, Look},
    finding::{Checked, Seen, of_each},
    pods::{self, Pod},
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
        if has_ready_standby(election, workload) {
            return Ok(None);
        }
        let why = match by_probe(workload) {
            Some(why) => why,
            None => by_pods(election, workload)?,
        };
        if !which(workload) {
            return Ok(None);
        }
        let advice = "Let readiness say whether the election works in a pod, not whether it leads: \
                      with kunobi-ha LeaderGate::ElectionHealthy and /readyz. Who leads can be a \
                      label, or /leaderz.";
        let (seen, fix) = (format!("{why}{seen}"), format!("{advice}{fix}"));
        Ok(Some(Seen::new(workload.about(), seen, fix)))
    }))
}

/// A pod that is ready and does not lead shows that readiness follows something else, whatever its probe asks.
fn has_ready_standby(election: &Election<'_>, workload: &Workload<'_>) -> bool {
    // One of them may be the leader, if it is not known which pod leads.
    let leaders = usize::from(election.leader().is_err() && !election.is_vacant());
    standbys(election, workload).filter(|it| pods::is_ready(it)).count() > leaders
}

fn standbys<'a>(election: &Election<'_>, workload: &Workload<'a>) -> impl Iterator<Item = &'a Pod> {
    let leader = election.leader().ok();
    let leads = move |pod: &Pod| leader.is_some_and(|it| it.metadata == pod.metadata);
    let live = workload.pods.iter().copied().filter(|it| !pods::is_terminating(it));
    live.filter(move |it| !leads(it))
}

/// Its readiness probe asks for the leader, and not for the election.
fn by_probe(workload: &Workload<'_>) -> Option<String> {
    workload.containers().find_map(|it| {
        let get = it.readiness_probe.as_ref()?.http_get.as_ref()?;
        let path = get.path.as_deref()?;
        let asked = path.split('?').next().unwrap_or_default().to_lowercase();
        if !asked.contains("leader") || asked.contains("election") {
            return None;
        }
        let port = match &get.port {
            IntOrString::Int(port) => port.to_string(),
            IntOrString::String(name) => name.clone(),
        };
        Some(format!("its readiness probe asks {path} (port {port})"))
    })
}

/// The leader is ready, and no other pod of its revision is, though they have had time. A new revision may not work at all.
fn by_pods(election: &Election<'_>, workload: &Workload<'_>) -> Look<String> {
    let leader = election.leader()?;
    let peers: Vec<_> = standbys(election, workload)
        .filter(|it| pods::revision(it) == pods::revision(leader))
        .collect();
    let waits = |pod: &&Pod| {
        let since = pods::runs_since(pod).map(|it| election.observed.now.duration_since(it));
        since.is_some_and(|it| it > STARTUP)
    };
    let is_told = workload.owns(leader) && pods::is_ready(leader) && !peers.is_empty();
    if is_told && peers.iter().all(waits) {
        let (leader, waiting) = (pods::name(&leader.metadata), peers.len());
        return Ok(format!(
            "of its pods only the leader {leader} is ready; {waiting} run and are not"
        ));
    }
    let about = workload.about();
    Err(Because::of(format!(
        "no standby of {about} in the revision of the leader has run long enough to tell"
    )))
}

/// A pod of the new revision becomes ready only after all old ones are gone.
fn gets_stuck(workload: &Workload<'_>) -> bool {
    match workload.rollout {
        Rollout::Rolling { max_unavailable } => max_unavailable < workload.replicas.max(1),
        Rollout::Recreate | Rollout::OnDelete => false,
    }
}

const STARTUP: SignedDuration = SignedDuration::from_secs(60);
