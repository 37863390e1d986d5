//! The elections of a program, checked before anything starts.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    builder::NamedElection,
    candidate::{Candidate, ElectionName},
    leader_work::LeaderWork,
};
use crate::{
    error::Error,
    leader::{LeaderElection, LeaderState},
    readiness::is_check_name,
};

/// The elections of a program, in the order in which they were added. They have different names and
/// different Leases.
pub(super) struct Elections {
    /// The state of the first one.
    pub(super) state: LeaderState,
    /// The state of each one that has a name.
    pub(super) named: BTreeMap<Arc<str>, LeaderState>,
    /// At least one.
    pub(super) all: Vec<(Candidate, LeaderWork)>,
}

/// Why the elections of a program can't work.
#[derive(Debug, thiserror::Error)]
pub(super) enum InvalidElections {
    #[error("election {name}: {error}")]
    Config { name: Arc<str>, error: Error },
    #[error("an election can't be called {0:?}: use letters, digits, '-', '_' and '.'")]
    Name(Arc<str>),
    #[error("two elections are called {0:?}: rename one of them")]
    NameTaken(Arc<str>),
    #[error("there is no election: begin with Operator::new, or add one with Operator::election")]
    NoElection,
    #[error(
        "the elections {first:?} and {second:?} have the same Lease, {namespace}/{name}: give each \
         of them a Lease of its own"
    )]
    SameLease { first: Arc<str>, second: Arc<str>, namespace: String, name: String },
    #[error(transparent)]
    UnnamedConfig(Error),
    #[error(
        "leader work {0:?} belongs to no election: begin with Operator::new, or add it in \
         Operator::election"
    )]
    WorkWithoutElection(Arc<str>),
}

/// An election as it was added.
struct AddedElection {
    name: ElectionName,
    election: LeaderElection,
    work: LeaderWork,
}

impl Elections {
    /// Checks the elections of a program; `work` is that of the one without a name.
    pub(super) fn check(
        unnamed: Option<LeaderElection>,
        work: LeaderWork,
        named: Vec<NamedElection>,
    ) -> Result<Self, InvalidElections> {
        let entries = entries(unnamed, work, named)?;
        check_names(&entries)?;
        let all = entries.into_iter().map(AddedElection::check).collect::<Result<Vec<_>, _>>()?;
        check_leases(&all)?;
        let Some((first, _)) = all.first() else { return Err(InvalidElections::NoElection) };
        let state = first.state.clone();
        let named = all.iter().filter_map(|(candidate, _)| {
            Some((candidate.name.given()?.clone(), candidate.state.clone()))
        });
        Ok(Self { state, named: named.collect(), all })
    }
}

/// Lists the elections, the one without a name first. One without a policy has the operator's.
fn entries(
    unnamed: Option<LeaderElection>,
    work: LeaderWork,
    named: Vec<NamedElection>,
) -> Result<Vec<AddedElection>, InvalidElections> {
    let LeaderWork { on_lost, on_wish, exits_on_timeout, .. } = &work;
    let (on_lost, on_wish, exits_on_timeout) = (on_lost.clone(), *on_wish, *exits_on_timeout);
    let mut entries = Vec::new();
    match unnamed {
        Some(election) => {
            entries.push(AddedElection { name: ElectionName::default(), election, work });
        }
        None => {
            if let Some((name, _)) = work.leads.into_iter().next() {
                return Err(InvalidElections::WorkWithoutElection(name));
            }
        }
    }
    for (name, election, mut work) in named {
        work.on_lost = work.on_lost.or_else(|| on_lost.clone());
        work.on_wish = work.on_wish.or(on_wish);
        work.exits_on_timeout |= exits_on_timeout;
        entries.push(AddedElection { name: ElectionName::new(name), election, work });
    }
    Ok(entries)
}

fn check_names(entries: &[AddedElection]) -> Result<(), InvalidElections> {
    for (index, AddedElection { name, .. }) in entries.iter().enumerate() {
        let name = name.in_report();
        // Its check has the same name.
        if !is_check_name(&name) {
            return Err(InvalidElections::Name(name));
        }
        if entries[..index].iter().any(|other| other.name.in_report() == name) {
            return Err(InvalidElections::NameTaken(name));
        }
    }
    Ok(())
}

fn check_leases(all: &[(Candidate, LeaderWork)]) -> Result<(), InvalidElections> {
    let mut taken = BTreeMap::new();
    for (candidate, _) in all {
        let (stats, second) = (candidate.state.stats(), candidate.name.in_report());
        let lease = (stats.namespace, stats.name);
        if let Some(first) = taken.insert(lease.clone(), second.clone()) {
            let (namespace, name) = lease;
            return Err(InvalidElections::SameLease { first, second, namespace, name });
        }
    }
    Ok(())
}

impl AddedElection {
    fn check(self) -> Result<(Candidate, LeaderWork), InvalidElections> {
        let Self { name, election, work } = self;
        match election.bounds() {
            Ok(bounds) => Ok((Candidate::new(name, election, &bounds), work)),
            Err(error) => Err(match name.given() {
                None => InvalidElections::UnnamedConfig(error.into()),
                Some(name) => InvalidElections::Config { name: name.clone(), error: error.into() },
            }),
        }
    }
}
