//! The way between electors and the Lease: late, lossy, and repeating itself.

use std::time::Duration;

use kunobi_ha_core::{AttemptId, Input, Lease, Observed, Outcome, Refusal, Request};

use crate::simulation::{
    clock::SECOND,
    ledger::Author,
    oracle::{Broken, check_written},
    world::{Happening, Reply, Sender, World},
};

impl World {
    pub(crate) fn transmit(&mut self, index: usize, id: AttemptId, request: Request) {
        let from = self.sender(index);
        let there = self.delay();
        let back = self.delay();
        let faults = self.faults.clone();
        let rng = &mut self.rng;
        let cut = self.replicas[index].cut_until > self.now;
        let hint = rng.pick(&[None, None, Some(1), Some(5), Some(60)]);
        let retry_after = hint.map(Duration::from_secs);
        let unknown = Reply::Instead(Outcome::Unknown { retry_after });
        if cut || rng.chance(faults.lost_before) {
            if rng.chance(500) {
                self.answer(from, there + back, id, Outcome::Unknown { retry_after: None });
            }
            return;
        }
        if rng.chance(faults.rejected) {
            return self.answer(from, there + back, id, Outcome::Rejected { retry_after });
        }
        if request != Request::Read && rng.chance(faults.conflicted) {
            return self.answer(from, there + back, id, Outcome::Conflict);
        }
        if rng.chance(faults.refused) {
            let refusal = Refusal::Forbidden;
            return self.answer(from, there + back, id, Outcome::Refused(refusal));
        }
        let reply = if rng.chance(faults.lost_after) {
            None
        } else if rng.chance(faults.unknown) {
            Some((back, unknown))
        } else {
            Some((back, Reply::Honest))
        };
        if rng.chance(faults.doubled) {
            let (request, reply) = (request.clone(), None);
            let again = there + self.delay();
            self.schedule(again, Happening::Arrives { from, id, request, reply });
        }
        self.schedule(there, Happening::Arrives { from, id, request, reply });
    }

    fn answer(&mut self, to: Sender, delay: u64, attempt: AttemptId, outcome: Outcome) {
        let input = Input::Answered { attempt, outcome };
        self.schedule(delay, Happening::Told { to, input });
    }

    fn delay(&mut self) -> u64 {
        let usual = self.rng.between(self.faults.latency / 4, self.faults.latency);
        if self.rng.chance(self.faults.slow) {
            usual + self.rng.below(self.faults.slow_by)
        } else {
            usual
        }
    }

    pub(crate) fn arrive(
        &mut self,
        from: Sender,
        id: AttemptId,
        request: &Request,
        reply: Option<(u64, Reply)>,
    ) -> Result<(), Broken> {
        let stale = self.rng.chance(self.faults.stale_reads);
        let age = if stale { self.rng.below(6) } else { 0 };
        let before = self.server.stored().clone();
        self.server.driver = self.driver_of(from.replica);
        let outcome = self.server.handle(request, usize::try_from(age).unwrap());
        if let Outcome::Written { lease: Lease { version, record, .. }, .. } = &outcome
            && Some(version) != before.as_ref().map(|(version, _)| version)
        {
            let author = Author::Elector(from, id);
            self.ledger.record(self.server.stored().clone(), author);
            if self.bug.is_none() && !self.ledger.restored {
                let guard = match request {
                    Request::Update { version, .. } => Some(version),
                    Request::Read | Request::Create { .. } => None,
                };
                let identity = &self.replicas[from.replica].identity;
                check_written(&before, identity, guard, record)?;
            }
            self.notify_watchers();
        }
        if self.replicas[from.replica].cut_until > self.now {
            return Ok(());
        }
        match reply {
            Some((back, Reply::Honest)) => self.answer(from, back, id, outcome),
            Some((back, Reply::Instead(outcome))) => self.answer(from, back, id, outcome),
            None => {}
        }
        Ok(())
    }

    /// Events are late, lost, doubled and out of order as the faults have it.
    pub(crate) fn notify_watchers(&mut self) {
        if !self.profile.watching {
            return;
        }
        let observed = self.observed();
        for index in 0..self.replicas.len() {
            let late = self.rng.chance(self.faults.watch_late);
            let delay = self.delay() + if late { self.rng.below(10 * SECOND) } else { 0 };
            let cut = self.replicas[index].cut_until > self.now;
            if !cut && !self.rng.chance(self.faults.watch_lost) {
                self.tell_later(index, delay, Input::Observed(observed.clone()));
                if self.rng.chance(self.faults.doubled) {
                    self.tell_later(index, 2 * delay, Input::Observed(observed.clone()));
                }
            }
        }
    }

    fn observed(&self) -> Observed {
        match self.server.stored().clone() {
            Some((version, record)) => Observed::Found(self.server.lease(version, record)),
            None => Observed::Deleted,
        }
    }
}
