//! What is to be done, or why nothing can be.

use std::time::Duration;

use jiff::SignedDuration;

use super::pods::Pods;
use crate::{
    cli::StepDownOptions,
    hints, holder,
    lease::Lease,
    library::{Author, Certainty},
    pod::Pod,
    say,
};

/// What is known when it is decided.
pub(super) struct Case<'a> {
    pub(super) lease: &'a Lease,
    pub(super) author: &'a Author,
    pub(super) pods: &'a Pods,
    /// How old the term is, by the server's clock.
    pub(super) term: Option<SignedDuration>,
    /// The command that takes back a wish that is there.
    pub(super) undo: &'a str,
}

/// What is to be done.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Plan {
    /// Ask the leader to hand over to this one.
    Wish {
        to: String,
        /// How long the leader does not obey yet.
        wait: Duration,
        /// It is asked for already.
        there: bool,
        /// Nobody knows whether there is one of this name.
        unchecked: Option<String>,
    },
    /// Evict the pod of the leader: that with this uid, if the pods may be listed.
    Evict { pod: String, uid: Option<String> },
}

impl Plan {
    /// Decides. The error says why nothing is done, and what to do instead.
    pub(super) fn of(case: &Case<'_>, options: &StepDownOptions) -> Result<Self, String> {
        let lease = case.lease;
        if lease.is_heartbeat() {
            return Err(format!("{} elects nobody: it is a heartbeat", lease.name));
        }
        let Some(holder) = lease.holder.as_deref() else {
            return Err(format!(
                "Lease {}/{} has no holder: there is nobody to step down",
                lease.namespace, lease.name
            ));
        };
        if lease.duration.is_none() {
            return Err(format!(
                "{} has no duration that can be read: it is not known whether {holder} still leads",
                lease.name
            ));
        }
        if options.evict {
            return eviction(case, holder);
        }
        if !case.author.is_ours() {
            return Err(instead(case, holder));
        }
        wish(case, holder, options.to.as_deref())
    }

    /// Says what will happen.
    pub(super) fn lines(&self, lease: &Lease) -> Vec<String> {
        let Lease { namespace, name, .. } = lease;
        let holder = lease.holder.as_deref().unwrap_or_default();
        match self {
            Self::Wish { to, wait, there, unchecked } => {
                let mut lines = vec![if *there {
                    format!(
                        "{holder}, the leader of {namespace}/{name}, has been asked already to hand over to {to}."
                    )
                } else {
                    format!(
                        "{holder}, the leader of {namespace}/{name}, will be asked to hand over to {to}."
                    )
                }];
                if !wait.is_zero() {
                    lines.push(format!(
                        "Its term is young: it obeys in {}s at the latest, one lease after it began.",
                        wait.as_secs_f64().ceil()
                    ));
                }
                lines.extend(unchecked.clone());
                lines
            }
            Self::Evict { pod, .. } => {
                let leader = if pod == holder { String::new() } else { format!(" as {holder}") };
                vec![format!(
                    "The pod {pod}, which leads {namespace}/{name}{leader}, will be evicted, if its PodDisruptionBudget allows that."
                )]
            }
        }
    }

    pub(super) fn question(&self) -> &'static str {
        match self {
            Self::Wish { there: false, .. } => "Ask it? [y/N]",
            Self::Wish { there: true, .. } => "Wait for it? [y/N]",
            Self::Evict { .. } => "Evict it? [y/N]",
        }
    }

    pub(super) const fn wait(&self) -> Duration {
        match self {
            Self::Wish { wait, .. } => *wait,
            Self::Evict { .. } => Duration::ZERO,
        }
    }

    pub(super) fn successor(&self) -> Option<&str> {
        match self {
            Self::Wish { to, .. } => Some(to),
            Self::Evict { .. } => None,
        }
    }
}

fn wish(case: &Case<'_>, holder: &str, to: Option<&str>) -> Result<Plan, String> {
    let (to, unchecked) = match to {
        Some(to) => named(case.pods, holder, to)?,
        None => (chosen(case, holder)?, None),
    };
    let there = match hints::wish(case.lease) {
        None => false,
        Some(other) if other == to => true,
        Some(other) => {
            return Err(format!(
                "{other} is wished for already, and a leader obeys one wish a term; {} takes that one back",
                case.undo
            ));
        }
    };
    let age = case.term.and_then(|age| Duration::try_from(age).ok());
    let wait = age.zip(case.lease.duration).map(|(age, duration)| duration.saturating_sub(age));
    Ok(Plan::Wish { to, wait: wait.unwrap_or_default(), there, unchecked })
}

/// Checks a name that the user gave.
fn named(pods: &Pods, holder: &str, to: &str) -> Result<(String, Option<String>), String> {
    if to == holder {
        return Err(format!("{to} leads already"));
    }
    if !(1..=LONGEST).contains(&to.len()) || to.trim() != to {
        return Err(format!(
            "{to:?} can't be the name of a candidate: a name has 1 to {LONGEST} bytes, and no space at either end"
        ));
    }
    let unchecked = |why: &str| {
        let words =
            format!("{to} may not exist: {why} are not known. If it does not, {NOBODY_LEADS}.");
        Ok((to.to_owned(), Some(words)))
    };
    let Pods::Known(known) = pods else {
        return unchecked("you may not list pods, so the candidates");
    };
    let Some(leader) = known.iter().find(|pod| pod.name == holder) else {
        return unchecked("the leader is not a pod of this namespace, so its candidates");
    };
    let Some(pod) = known.iter().find(|pod| pod.name == to) else {
        return Err(format!(
            "there is no pod {to} in this namespace, so it can't be a candidate; {}",
            others(known, leader)
        ));
    };
    if let Some(why) = pod.unfit() {
        return Err(format!("the pod {to} is {why}; {}", others(known, leader)));
    }
    if pod.owner != leader.owner {
        let words = format!(
            "{to} belongs to another owner than {holder}. If it is not a candidate, {NOBODY_LEADS}."
        );
        return Ok((to.into(), Some(words)));
    }
    Ok((to.into(), None))
}

/// Chooses one of the leader's siblings.
fn chosen(case: &Case<'_>, holder: &str) -> Result<String, String> {
    let Pods::Known(pods) = case.pods else {
        return Err(
            "you may not list pods, so nobody can be chosen; name a candidate with `--to`".into()
        );
    };
    // A wish names an identity, which a Pod tells only if identities are the names of Pods.
    let Some(leader) = pods.iter().find(|pod| pod.name == holder) else {
        return Err(format!(
            "the leader {holder} is not a pod of this namespace, so nobody can be chosen; name a candidate with `--to`"
        ));
    };
    let fit = leader.successors(pods);
    let best = fit.min_by_key(|pod| (pod.node == leader.node, pod.created, pod.name.clone()));
    best.map(|pod| pod.name.clone()).ok_or_else(|| {
        format!("no other pod of its owner is ready, so {holder} would only lead again; wait for one, or name a candidate with `--to`")
    })
}

fn eviction(case: &Case<'_>, holder: &str) -> Result<Plan, String> {
    let (pod, uid) = pod_of(case).ok_or_else(|| {
        format!("the leader {holder} is not a pod of this namespace, so nothing can be evicted: stop it where it runs")
    })?;
    Ok(Plan::Evict { pod, uid })
}

/// Says what can be done with a leader that can't be asked.
fn instead(case: &Case<'_>, holder: &str) -> String {
    let library = match case.author.certainty {
        Certainty::Named => format!("by {}", case.author.library.name()),
        Certainty::Fits => format!("perhaps by {}", case.author.library.name()),
        Certainty::Unknown => "by an unknown library".into(),
    };
    let evidence = case.author.evidence.join("\n  ");
    let instead = match pod_of(case) {
        Some((pod, _)) => format!(
            "Instead, the leader's pod {pod} can be evicted: repeat the command with --evict. Another candidate leads when the \
             pod has released the Lease, or {} after its last renewal.",
            case.lease.duration.map_or_else(|| "some time".into(), say::time)
        ),
        None => format!(
            "Nor can its pod be evicted: the leader {holder} is not a pod of this namespace. Stop it where it runs."
        ),
    };
    format!(
        "this Lease is written {library}, whose leaders can't be asked to hand over:\n  {evidence}\n{instead}"
    )
}

/// The pod whose name follows from the identity, and its uid if it is known.
fn pod_of(case: &Case<'_>) -> Option<(String, Option<String>)> {
    let mut names = holder::pod_names(case.lease).into_iter();
    match case.pods {
        Pods::Known(pods) => {
            let pod = names.find_map(|name| pods.iter().find(|pod| pod.name == name))?;
            Some((pod.name.clone(), Some(pod.uid.clone()).filter(|uid| !uid.is_empty())))
        }
        // The server will say whether there is one.
        Pods::Hidden => names.next().map(|name| (name, None)),
    }
}

fn others(pods: &[Pod], leader: &Pod) -> String {
    let names: Vec<&str> = leader.successors(pods).map(|pod| pod.name.as_str()).take(10).collect();
    if names.is_empty() {
        return "no other pod of its owner is ready".into();
    }
    format!("ready are: {}", names.join(", "))
}

/// The reservation lasts 1.5 retry periods, and then the next poll comes within another one.
const NOBODY_LEADS: &str = "nobody leads for up to 2.5 retry periods, 5s with the defaults";
/// As kunobi-ha limits it.
const LONGEST: usize = 512;
