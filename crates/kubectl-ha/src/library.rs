//! Which library wrote a Lease, as far as its record tells.
//!
//! The record has no field for that. What tells most is `managedFields`: the API server notes who wrote `spec.renewTime`
//! last, by the name that the client gave, or else by what stands before the slash in its user agent.

#[cfg(test)]
mod tests;

use crate::{
    holder::host_of,
    lease::{Lease, Manager},
};

/// A library, or an answer to why there is none.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Library {
    KunobiHa,
    KunobiHa06,
    ClientGo,
    Kubert,
    KubeLeaseManager,
    KubeLeaderElection,
    /// `kube-coordinate`, or kubert under another name: both apply.
    Applied,
    /// The Lease elects nobody.
    Heartbeat,
    Unknown,
}

/// How much the record says about its author.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Certainty {
    /// The record has the library's name.
    Named,
    /// The record looks as that of the library does. Another program can write the same.
    Fits,
    Unknown,
}

/// The author of a record, and what tells so.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Author {
    pub(crate) library: Library,
    pub(crate) certainty: Certainty,
    pub(crate) evidence: Vec<String>,
}

impl Author {
    /// Looks at the states of a Lease that were seen, the last one last.
    pub(crate) fn of(seen: &[&Lease]) -> Self {
        let Some(lease) = seen.last() else {
            return Self::new(Library::Unknown, Certainty::Unknown, "the Lease does not exist");
        };
        if lease.is_heartbeat() {
            let why = "its namespace, name or labels are those of a node's heartbeat or of an API server's identity";
            return Self::new(Library::Heartbeat, Certainty::Named, why);
        }
        let Some(manager) = manager(lease) else {
            let why = "managedFields is empty, so the server does not say who wrote the record";
            return Self::new(Library::Unknown, Certainty::Unknown, why);
        };
        by_name(manager, lease).or_else(|| by_habit(manager, seen)).unwrap_or_else(|| {
            let why = format!("{}, which does not identify a library", words(manager));
            Self::new(Library::Unknown, Certainty::Unknown, &why)
        })
    }

    fn new(library: Library, certainty: Certainty, evidence: &str) -> Self {
        Self { library, certainty, evidence: vec![evidence.into()] }
    }

    fn with(mut self, evidence: &str) -> Self {
        self.evidence.push(evidence.into());
        self
    }

    /// Whether the leader knows wishes.
    pub(crate) fn is_ours(&self) -> bool {
        self.library == Library::KunobiHa
    }
}

impl Library {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::KunobiHa => "kunobi-ha",
            Self::KunobiHa06 => "kunobi-ha 0.6",
            Self::ClientGo => "client-go",
            Self::Kubert => "kubert",
            Self::KubeLeaseManager => "kube-lease-manager",
            Self::KubeLeaderElection => "kube-leader-election",
            Self::Applied => "kube-coordinate or kubert",
            Self::Heartbeat => "none: this Lease elects nobody",
            Self::Unknown => "unknown",
        }
    }
}

/// The manager of the last renewal; of a Lease without one, the last that wrote anything.
fn manager(lease: &Lease) -> Option<&Manager> {
    lease.renewer().or_else(|| lease.managers.iter().max_by_key(|manager| manager.time))
}

fn by_name(manager: &Manager, lease: &Lease) -> Option<Author> {
    let named = |library| Some(Author::new(library, Certainty::Named, &words(manager)));
    let name = manager.name.as_str();
    if name == "kunobi-ha" {
        return named(Library::KunobiHa);
    }
    if name == "kubert" {
        return named(Library::Kubert).map(|author| author.with("it is kubert's default name"));
    }
    if name.starts_with("kube-lease-manager-") {
        let why = "kube-lease-manager puts its own name before the identity";
        return named(Library::KubeLeaseManager).map(|author| author.with(why));
    }
    let is_holder = lease.holder.as_deref() == Some(name);
    (is_holder && manager.operation == UPDATE).then(|| {
        Author::new(Library::KubeLeaderElection, Certainty::Fits, &words(manager))
            .with("it is the holder's own name, which kube-leader-election gives")
    })
}

/// What the record looks like, where its manager has a name that tells nothing.
fn by_habit(manager: &Manager, seen: &[&Lease]) -> Option<Author> {
    let lease = *seen.last()?;
    let fits = |library| Author::new(library, Certainty::Fits, &words(manager));
    if manager.operation == APPLY {
        let why = "renewals are server-side apply, as those of kube-coordinate, and claims of kubert, are";
        return Some(fits(Library::Applied).with(why));
    }
    if manager.name == "unknown" {
        // kube sends no user agent.
        let whole = seen.iter().all(|lease| has_whole_seconds(lease));
        return (whole && renewals(seen) > 1).then(|| {
            fits(Library::KunobiHa06)
                .with("that is a client without a user agent, as kube is")
                .with("all renewals that were seen are at whole seconds, which only 0.6 writes")
        });
    }
    let author = fits(Library::ClientGo);
    if lease.holder.as_deref().is_some_and(|holder| host_of(holder).is_some()) {
        return Some(author.with(
            "the identity is a host name, `_` and a UUID, as controller-runtime and Kubernetes' own programs make it",
        ));
    }
    let is_other = OTHERS.iter().any(|other| manager.name.starts_with(other));
    (!is_other)
        .then(|| author.with("client-go gives the name of its program, as this looks like one"))
}

/// Whether a manager of this name is a person: people write with kubectl. So does a program behind `kubectl proxy`, but it
/// goes on, so that this shows only in a record that is not renewed.
pub(crate) fn is_by_hand(manager: &str) -> bool {
    manager.starts_with("kubectl")
}

fn has_whole_seconds(lease: &Lease) -> bool {
    let at = lease.renewed.as_ref().and_then(|renewed| renewed.at);
    at.is_some_and(|at| at.subsec_nanosecond() == 0)
}

fn renewals(seen: &[&Lease]) -> usize {
    seen.windows(2).filter(|pair| pair[0].renewed != pair[1].renewed).count() + 1
}

fn words(manager: &Manager) -> String {
    format!(
        "managedFields names {:?} ({}) as the last writer of the record",
        manager.name, manager.operation
    )
}

/// How clients in other languages, and people, are named.
const OTHERS: [&str; 7] = [
    "kubectl",
    "curl",
    "OpenAPI-Generator",
    "Swagger-Codegen",
    "fabric8",
    "Kubernetes Java Client",
    "node",
];
const APPLY: &str = "Apply";
const UPDATE: &str = "Update";
