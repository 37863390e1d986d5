//! Who holds the Lease, and whether it can lead.

use std::time::Duration;

use jiff::SignedDuration;

use super::super::{
    about::About,
    election::{Election, Holder, ROUNDING},
    facts::Because,
    finding::{Checked, Seen},
    pods::{self, Pod},
    workload::{Kind, Rollout, Workload},
};
use crate::{time::short, track::leaves_no_margin};

pub(crate) fn gone(election: &Election<'_>) -> Checked {
    election.is_led()?;
    let (duration, silence) = (election.duration(), election.silence());
    match election.holder()? {
        Holder::Unknown(identity) if election.observed.is_silent() => {
            let silence = silence?;
            // A holder that lives renews more often.
            if !leaves_no_margin(silence, duration) {
                return Err(unseen(election, identity));
            }
            let seen = format!(
                "{identity} is neither a pod nor a node, and was not seen to renew; the lease runs out in \
                 about {}",
                span(duration.saturating_sub(silence))
            );
            let fix = "Nothing, if it runs out and another replica leads then. If this is so at every \
                       rollout, let the program release the Lease when it ends.";
            Ok(vec![Seen::new(election.about(), seen, fix)])
        }
        Holder::Unknown(_)
        | Holder::Nobody
        | Holder::Pod(_)
        | Holder::Node(_)
        | Holder::OnNode(_) => Ok(Vec::new()),
    }
}

pub(crate) fn unknown(election: &Election<'_>) -> Checked {
    election.is_led()?;
    match election.holder()? {
        Holder::Unknown(identity) if election.observed.is_silent() => {
            Err(unseen(election, identity))
        }
        Holder::Unknown(identity) => {
            let seen = format!("{identity} renews, and neither a pod nor a node has that name");
            let fix = "Take the name of the pod as the identity, or begin the identity with it:\n\
                       env: [{ name: POD_NAME, valueFrom: { fieldRef: { fieldPath: metadata.name } } }]";
            Ok(vec![Seen::new(election.about(), seen, fix)])
        }
        Holder::Nobody | Holder::Pod(_) | Holder::Node(_) | Holder::OnNode(_) => Ok(Vec::new()),
    }
}

/// Whether it lives is not known.
fn unseen(election: &Election<'_>, identity: &str) -> Because {
    let window = election.observed.window.as_secs();
    Because::of(format!(
        "{identity} was not seen to renew in {window} s: look longer with --observe"
    ))
}

pub(crate) fn is_node(election: &Election<'_>) -> Checked {
    election.held()?;
    let Holder::Node(node) = election.holder()? else {
        return Ok(Vec::new());
    };
    if election.known()?.iter().all(is_one_per_node) {
        return Ok(Vec::new());
    }
    let seen =
        format!("the identity {node} is the name of a node, as a pod with hostNetwork sees it");
    let fix = "Take the name of the pod, not the host name, as the identity:\n\
               env: [{ name: POD_NAME, valueFrom: { fieldRef: { fieldPath: metadata.name } } }]";
    Ok(vec![Seen::new(election.about(), seen, fix)])
}

/// Whether two of its pods are never on one node. A `DaemonSet` that starts a new pod beside the old one lets none be
/// unavailable, and no other one does.
fn is_one_per_node(workload: &Workload<'_>) -> bool {
    match (workload.kind, workload.rollout) {
        (Kind::Deployment | Kind::StatefulSet, _)
        | (Kind::DaemonSet, Rollout::Rolling { max_unavailable: ..=0 }) => false,
        (Kind::DaemonSet, Rollout::Rolling { .. } | Rollout::OnDelete | Rollout::Recreate) => true,
    }
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
        let seen = format!("it leads, and has {} to end", short(left.max(SignedDuration::ZERO)));
        let fix = "Nothing: it should hand over before its end. \
                   `kubectl ha watch` shows when it does.";
        (left >= -ROUNDING).then(|| (seen, fix.into()))
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
        (late > ROUNDING).then_some((seen, fix))
    })
}

pub(crate) fn node_lost(election: &Election<'_>) -> Checked {
    election.held()?;
    let (on, pod) = match election.holder()? {
        Holder::Pod(pod) => {
            let node = pods::node(pod);
            (
                node.ok_or_else(|| Because::of("the pod of the holder is on no node".into()))?,
                Some(pod),
            )
        }
        Holder::Node(node) | Holder::OnNode(node) => (node, None),
        Holder::Nobody => return Err(Because::of("nobody holds the Lease".into())),
        Holder::Unknown(identity) => {
            return Err(Because::of(format!("the holder {identity} names no pod")));
        }
    };
    let state = election.index.node(on)?.map(pods::node_condition);
    let (seen, fix) = match (state, pod) {
        (Some("True"), _) => return Ok(Vec::new()),
        (None, Some(pod)) => {
            let fix = format!(
                "If the machine is off for good, delete the pod by force, and it is replaced at once. If the \
                 machine still runs, so may its processes, and two replicas work then:\n\
                 kubectl -n {} delete pod {} --force --grace-period=0",
                pod.metadata.namespace.as_deref().unwrap_or_default(),
                pods::name(&pod.metadata)
            );
            ("the holder is on it, and it is gone".to_owned(), fix)
        }
        (state, _) => {
            let state = state.unwrap_or("Unknown");
            let fix = format!(
                "If the machine is off for good, say so; its pods are then replaced at once:\n\
                 kubectl taint nodes {on} node.kubernetes.io/out-of-service=nodeshutdown:NoExecute"
            );
            (format!("the holder is on it, and it is not ready ({state})"), fix)
        }
    };
    let about = About { kind: "Node", namespace: None, name: on.to_owned() };
    Ok(vec![Seen::new(about, seen, fix)])
}

fn pod(election: &Election<'_>, look: impl Fn(&Pod) -> Option<(String, String)>) -> Checked {
    let pod = election.leader()?;
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
