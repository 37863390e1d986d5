//! The Lease, and what an API server and the drivers do with it.

use kunobi_ha_core::{
    Hints, Input, Lease, LeaseTime, Notice, Observed, Outcome, Request, Successor,
};

use super::Fleet;
use crate::endurance::trouble::version;

impl Fleet {
    /// Somebody writes into the annotations.
    pub(crate) fn annotate(&mut self, hints: Hints) {
        let lease = self.stored.take().unwrap();
        self.store(Lease { hints, ..lease });
    }

    pub(super) fn handle(&mut self, request: &Request) -> Outcome {
        let (record, created) = match (request, &self.stored) {
            (Request::Read, None) => return Outcome::Absent,
            (Request::Read, Some(lease)) => return Outcome::Found(lease.clone()),
            (Request::Create { .. }, Some(_)) | (Request::Update { .. }, None) => {
                return Outcome::Conflict;
            }
            (Request::Update { version, .. }, Some(lease)) if *version != lease.version => {
                return Outcome::Conflict;
            }
            (Request::Create { record, .. }, None) => (record, true),
            (Request::Update { record, .. }, Some(_)) => (record, false),
        };
        let before = self.stored.take();
        // A driver drops the hints of another term, and names the successor that was wished for.
        let kept = before.filter(|old| old.record.acquire_time == record.acquire_time);
        let mut hints = kept.map(|old| old.hints).unwrap_or_default();
        if let (true, LeaseTime::At(released)) = (record.is_free(), &record.acquire_time) {
            let wished = self.told.iter().rev().find_map(|(_, notice)| match notice {
                Notice::Wished { successor } => Some(successor.clone()),
                _ => None,
            });
            hints.successor = wished.map(|identity| Successor { identity, released: *released });
        }
        let lease = Lease { hints, ..Lease::new(version(1), record.clone()) };
        Outcome::Written { lease: self.store(lease), created }
    }

    /// Makes a new version, and tells the watches.
    fn store(&mut self, lease: Lease) -> Lease {
        self.versions += 1;
        let lease = Lease { version: version(self.versions), ..lease };
        self.stored = Some(lease.clone());
        for to in 0..self.members.len() {
            if self.members[to].watches && !self.is_cut(to) {
                let after = self.members[to].round_trip / 2;
                self.tell_later(to, after, Input::Observed(Observed::Found(lease.clone())));
            }
        }
        lease
    }
}
