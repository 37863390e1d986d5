//! Who leads, and whether it can.

use std::time::Duration;

use jiff::SignedDuration;
use k8s_openapi::api::core::v1::Pod;

use super::super::{
    about::About,
    election::{Election, Holder, Record},
    finding::{Checked, Seen},
    pods,
};
use crate::time::short;

pub(crate) fn gone(election: &Election<'_>) -> Checked {
    match (election.holder()?, election.record()) {
        (Holder::Unknown(identity), Record::Live) if election.observed.renewals == 0 => {
            let left = election.duration().saturating_sub(election.silence());
            let seen = format!(
                "{identity} is no pod and no node, and was not seen to renew; the lease runs out in \
                 about {}",
                span(left)
            );
            let fix = "Nothing, if it runs out and another replica leads then. If this is so at every \
                       rollout, let the program release the Lease when it ends.";
            Ok(vec![Seen::new(election.about(), seen, fix)])
        }
        _ => Ok(Vec::new()),
    }
}

pub(crate) fn unknown(election: &Election<'_>) -> Checked {
    match election.holder()? {
        Holder::Unknown(identity) if election.observed.renewals > 0 => {
            let seen = format!("{identity} renews, and no pod and no node has that name");
            let fix = "Take the name of the pod as the identity, or begin the identity with it:\n\
                       env: [{ name: POD_NAME, valueFrom: { fieldRef: { fieldPath: metadata.name } } }]";
            Ok(vec![Seen::new(election.about(), seen, fix)])
        }
        _ => Ok(Vec::new()),
    }
}

pub(crate) fn is_node(election: &Election<'_>) -> Checked {
    let Holder::Node(node) = election.holder()? else {
        return Ok(Vec::new());
    };
    let seen =
        format!("the identity {node} is the name of a node, as a pod with hostNetwork sees it");
    let fix = "Take the name of the pod, not the host name, as the identity:\n\
               env: [{ name: POD_NAME, valueFrom: { fieldRef: { fieldPath: metadata.name } } }]";
    Ok(vec![Seen::new(election.about(), seen, fix)])
}

pub(crate) fn not_ready(election: &Election<'_>) -> Checked {
    pod(election, |pod| {
        if pods::is_ready(pod) || pods::is_terminating(pod) {
            return None;
        }
        let seen = format!("it leads, and is not ready (phase {})", pods::phase(pod));
        Some((seen, format!("See why, and end it if it does not recover:\n{}", describe(pod))))
    })
}

pub(crate) fn terminating(election: &Election<'_>) -> Checked {
    pod(election, |pod| {
        let ends = pod.metadata.deletion_timestamp.as_ref()?.0;
        let left = ends.duration_since(election.observed.now);
        let seen = format!("it leads, and has {} to end", short(left));
        let fix = "Nothing: it should hand over before its end. \
                   `kubectl ha watch` shows when it does.";
        (!left.is_negative()).then(|| (seen, fix.into()))
    })
}

pub(crate) fn overdue(election: &Election<'_>) -> Checked {
    pod(election, |pod| {
        let ends = pod.metadata.deletion_timestamp.as_ref()?.0;
        let late = election.observed.now.duration_since(ends);
        let seen = format!("it leads, and should have ended {} ago", short(late));
        let fix = format!(
            "Delete it by force only if its processes are known to have ended: two replicas may work \
             otherwise. See what keeps it, a finalizer or its node:\n{}",
            describe(pod)
        );
        late.is_positive().then_some((seen, fix))
    })
}

pub(crate) fn node_lost(election: &Election<'_>) -> Checked {
    let on = match election.holder()? {
        Holder::Pod(pod) => pods::node(pod),
        Holder::Node(node) | Holder::OnNode(node) => Some(node),
        Holder::Nobody | Holder::Unknown(_) => None,
    };
    let Some(on) = on else {
        return Ok(Vec::new());
    };
    let nodes = election.cluster.nodes.as_ref().map_err(Clone::clone)?;
    let node = nodes.iter().find(|node| pods::name(&node.metadata) == on);
    let state = node.map_or("gone", pods::node_condition);
    if state == "True" {
        return Ok(Vec::new());
    }
    let about = About { kind: "Node", namespace: None, name: on.to_owned() };
    let state = if state == "gone" { state.to_owned() } else { format!("not ready ({state})") };
    let seen = format!("the leader runs on it, and it is {state}");
    let fix = format!(
        "If the machine is off for good, say so; its pods are then replaced at once:\n\
         kubectl taint nodes {on} node.kubernetes.io/out-of-service=nodeshutdown:NoExecute"
    );
    Ok(vec![Seen::new(about, seen, fix)])
}

pub(crate) fn nobody(election: &Election<'_>) -> Checked {
    let silent = election.silence();
    let seen = match election.record() {
        Record::Live => return Ok(Vec::new()),
        Record::Unheld if silent < PATIENCE => return Ok(Vec::new()),
        Record::Unheld => format!("nobody has held it for {}", span(silent)),
        Record::Expired => format!(
            "its lease of {} was last renewed {} ago",
            span(election.duration()),
            span(silent)
        ),
    };
    let candidates: Vec<_> = running(election)?;
    let Some(first) = candidates.first() else {
        return Ok(Vec::new());
    };
    let seen = format!("{seen}, and {} pods could take it", candidates.len());
    let fix = format!(
        "See what the candidates say, and whether they may write the Lease (access-missing):\n\
         kubectl -n {} logs {} --tail=50",
        first.metadata.namespace.as_deref().unwrap_or_default(),
        pods::name(&first.metadata)
    );
    Ok(vec![Seen::new(election.about(), seen, fix)])
}

pub(crate) fn abandoned(election: &Election<'_>) -> Checked {
    let silent = election.silence();
    let long = silent > ABANDONED && election.record() != Record::Live;
    if !long || !running(election)?.is_empty() {
        return Ok(Vec::new());
    }
    let (ns, name) = (&election.lease.namespace, &election.lease.name);
    let seen =
        format!("nobody has written it for {}, and no pod is known to want it", span(silent));
    let fix = format!("If nothing uses it any more:\nkubectl -n {ns} delete lease {name}");
    Ok(vec![Seen::new(election.about(), seen, fix)])
}

/// The pods that run and could lead.
fn running<'a>(election: &Election<'a>) -> Result<Vec<&'a Pod>, super::super::facts::Because> {
    let workloads = election.workloads.as_ref().map_err(Clone::clone)?;
    let all = workloads.iter().flat_map(|it| it.pods.iter().copied());
    Ok(all.filter(|pod| pods::phase(pod) == "Running" && !pods::is_terminating(pod)).collect())
}

fn pod(election: &Election<'_>, look: impl Fn(&Pod) -> Option<(String, String)>) -> Checked {
    let Some(pod) = election.leader()? else {
        return Ok(Vec::new());
    };
    let found = look(pod).map(|(seen, fix)| Seen::new(About::of("Pod", &pod.metadata), seen, fix));
    Ok(found.into_iter().collect())
}

fn span(time: Duration) -> String {
    short(SignedDuration::try_from(time).unwrap_or(SignedDuration::MAX))
}

fn describe(pod: &Pod) -> String {
    format!(
        "kubectl -n {} describe pod {}",
        pod.metadata.namespace.as_deref().unwrap_or_default(),
        pods::name(&pod.metadata)
    )
}

/// How long an election may take when nobody holds the Lease.
const PATIENCE: Duration = Duration::from_secs(30);
const ABANDONED: Duration = Duration::from_secs(3600);
