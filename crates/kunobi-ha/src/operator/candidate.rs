//! An election of the program, and its name.

use std::{fmt, sync::Arc, time::Duration};

use crate::{
    leader::{Bounds, LeaderElection, LeaderState},
    user_code::{Peek, UserOwned},
};

/// An election of the program.
#[derive(Debug)]
pub(super) struct Candidate {
    pub(super) name: ElectionName,
    /// It owns the client, which belongs to the user.
    pub(super) election: UserOwned<LeaderElection>,
    pub(super) state: LeaderState,
    /// From the moment at which this replica stops leading to the first at which another can lead.
    pub(super) time_to_stop: Duration,
    /// From the moment at which this replica drops a term to the first leader after it, if another one
    /// contends.
    pub(super) time_to_be_replaced: Duration,
}

/// The name of an election; the election of [`Operator::new`](super::Operator::new) has none.
///
/// It displays as the beginning of a line of the log: `leader election`, or
/// `leader election reports`.
#[derive(Clone, Debug, Default)]
pub(super) struct ElectionName(Option<Arc<str>>);

impl Candidate {
    pub(super) fn new(name: ElectionName, election: LeaderElection, bounds: &Bounds) -> Self {
        let state = election.state();
        Self {
            name,
            election: UserOwned::new(election),
            state,
            time_to_stop: bounds.time_to_stop,
            time_to_be_replaced: bounds.crash_polling.at(SLOW_REQUEST),
        }
    }
}

impl ElectionName {
    pub(super) const fn new(name: Arc<str>) -> Self {
        Self(Some(name))
    }

    pub(super) const fn given(&self) -> Option<&Arc<str>> {
        self.0.as_ref()
    }

    /// Returns what its Lease is called in the report.
    pub(super) fn in_report(&self) -> Arc<str> {
        self.0.clone().unwrap_or_else(|| LEASE.into())
    }

    /// Returns what its Lease is called in a sentence.
    pub(super) fn lease(&self) -> String {
        self.0.as_ref().map_or_else(|| "the lease".into(), |name| format!("the lease of {name}"))
    }

    /// Returns what work of this election is called.
    pub(super) fn of_work(&self, work: Arc<str>) -> Arc<str> {
        match &self.0 {
            Some(name) => format!("{name}/{work}").into(),
            None => work,
        }
    }

    /// Puts the name in front of what is said about this election.
    pub(super) fn prefix(&self, text: impl fmt::Display) -> String {
        self.0.as_ref().map_or_else(|| text.to_string(), |name| format!("{name}: {text}"))
    }
}

impl fmt::Display for ElectionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("leader election")?;
        self.0.as_ref().map_or(Ok(()), |name| write!(f, " {name}"))
    }
}

/// Its methods run our own code. What it is dropped with may run the user's.
impl Peek for LeaderElection {}

const LEASE: &str = "lease";
const SLOW_REQUEST: Duration = Duration::from_millis(500);
