//! An election of the program.

use std::time::Duration;

use crate::{
    leader::{Bounds, LeaderElection, LeaderState},
    user_code::{Peek, UserOwned},
};

/// An election of the program.
#[derive(Debug)]
pub(super) struct Candidate {
    /// It owns the client, which belongs to the user.
    pub(super) election: UserOwned<LeaderElection>,
    pub(super) state: LeaderState,
    /// From the moment at which this replica stops leading to the first at which another can lead.
    pub(super) time_to_stop: Duration,
}

impl Candidate {
    pub(super) fn new(election: LeaderElection, bounds: &Bounds) -> Self {
        let state = election.state();
        let time_to_stop = bounds.time_to_stop;
        Self { election: UserOwned::new(election), state, time_to_stop }
    }
}

/// Its methods run our own code. What it is dropped with may run the user's.
impl Peek for LeaderElection {}
