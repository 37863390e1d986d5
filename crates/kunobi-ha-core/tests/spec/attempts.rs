//! What becomes of writes that are not answered: unconfirmed, or of no account.

use kunobi_ha_core::{AttemptId, Request};

use super::{
    monitor::Monitor,
    state::{CONTENDING, OUTSTANDING, Slot, State, UNCONFIRMED},
    table::Take,
    violation::Violation,
};

/// A request that was sent.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    pub(super) request: Request,
    /// Whether its answer is still waited for.
    pub(super) open: bool,
    /// The slot of a write, or the rule by which it lost it.
    pub(super) slot: Result<usize, &'static str>,
    pub(super) at: i64,
    /// The first of the open reads that this read has joined.
    pub(super) joins: Option<AttemptId>,
    pub(super) answer: Answer,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Answer {
    Not,
    /// To a read, within D/8: it showed the term that was lost, by this record.
    Prompt(i64),
    Other,
}

impl Monitor {
    pub(super) fn dropped(&mut self, id: AttemptId) -> Result<(), Box<Violation>> {
        let Some(sent) = self.attempts.get_mut(&id) else { return Ok(()) };
        sent.open = false;
        match sent.slot {
            Ok(k) if self.state.slots[k].state == OUTSTANDING => {
                self.take(Take::GiveUp { k, to: UNCONFIRMED })?;
                self.keep_sixteen_unconfirmed()
            }
            Ok(_) | Err(_) => Ok(()),
        }
    }

    /// No answer and no proof can count for a bid that was sent D ago.
    pub(super) fn forget_what_is_too_old(&mut self) -> Result<(), Box<Violation>> {
        let State { now, deadline, mode, .. } = self.state;
        if mode == CONTENDING {
            self.settle("2", |slot, _| now >= slot.sent.saturating_add(deadline))?;
        }
        while self.attempts.len() > MOST_ATTEMPTS {
            let is_over = |(_, sent): &(&AttemptId, &Sent)| !sent.open && sent.slot.is_err();
            let Some((id, _)) = self.attempts.iter().find(is_over) else { break };
            let id = *id;
            self.attempts.remove(&id);
        }
        Ok(())
    }

    /// Empties the slots of the writes of which nothing can count any more, by that rule.
    pub(super) fn settle(
        &mut self,
        rule: &'static str,
        is_void: impl Fn(&Slot, Option<&Request>) -> bool,
    ) -> Result<(), Box<Violation>> {
        for k in 0..self.state.slots.len() {
            let slot = self.state.slots[k];
            let sent = self.in_slot[k].and_then(|id| self.attempts.get(&id));
            if slot.is_live() && is_void(&slot, sent.map(|sent| &sent.request)) {
                self.give_up(k, rule)?;
            }
        }
        Ok(())
    }

    /// The elector keeps sixteen that may have been applied, and forgets the oldest: that only makes
    /// belief shorter.
    pub(super) fn keep_sixteen_unconfirmed(&mut self) -> Result<(), Box<Violation>> {
        let places = 0..self.state.slots.len();
        let unconfirmed = places.filter(|k| self.state.slots[*k].state == UNCONFIRMED);
        let unconfirmed: Vec<_> = unconfirmed.collect();
        if unconfirmed.len() > 16 {
            let oldest = unconfirmed.into_iter().min_by_key(|k| self.in_slot[*k]);
            return oldest.map_or(Ok(()), |k| self.give_up(k, "10"));
        }
        Ok(())
    }

    /// Nothing can count of this write any more, by that rule.
    pub(super) fn give_up(&mut self, k: usize, rule: &'static str) -> Result<(), Box<Violation>> {
        if let Some(sent) = self.in_slot[k].take().and_then(|id| self.attempts.get_mut(&id)) {
            sent.slot = Err(rule);
        }
        self.take(Take::GiveUp { k, to: 0 })
    }
}

const MOST_ATTEMPTS: usize = 64;
