//! What the page shows, as it is at one moment.

use super::faults::{self, Disturbance};
use crate::{
    log::{OpenWatch, Request, micros},
    server::{TestServer, admin::objects::Counted},
};

#[derive(Debug)]
pub(super) struct Overview {
    pub(super) up_us: u64,
    /// Of the store.
    pub(super) version: u64,
    pub(super) counts: Vec<Counted>,
    pub(super) watches: Vec<OpenWatch>,
    /// Each client that has faults.
    pub(super) clients: Vec<(String, Vec<Disturbance>)>,
    /// The last ones, newest first.
    pub(super) requests: Vec<Request>,
    /// How many requests have come, and how many writes were accepted.
    pub(super) asked: u64,
    pub(super) written: u64,
}

impl TestServer {
    pub(super) fn overview(&self) -> Overview {
        let (counts, watches) = (self.counts(""), self.watches());
        let state = self.state();
        let clients = state.clients.iter();
        let log = &state.log;
        Overview {
            up_us: micros(self.uptime()),
            version: state.store.revision(),
            counts,
            watches,
            clients: clients.map(|(name, client)| (name.clone(), faults::all(client))).collect(),
            requests: log.requests.iter().rev().take(SHOWN).cloned().collect(),
            asked: log.forgotten_requests() + log.requests.len() as u64,
            written: log.forgotten_writes() + log.writes.len() as u64,
        }
    }
}

const SHOWN: usize = 50;
