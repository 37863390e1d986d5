//! What the protocol knows of one elector: integers only, so that a solver can evaluate the same.

/// Idle.
pub(crate) const IDLE: i64 = 0;
pub(crate) const CONTENDING: i64 = 1;
pub(crate) const PROBATION: i64 = 2;
pub(crate) const LEADING: i64 = 3;
pub(crate) const RELEASING: i64 = 4;
pub(crate) const WITHDRAWING: i64 = 5;

/// What is known of the Lease.
pub(crate) const NOTHING: i64 = 0;
pub(crate) const ABSENT: i64 = 1;
pub(crate) const PRESENT: i64 = 2;

/// The record shows nobody, or somebody else.
pub(crate) const FREE: i64 = 0;
pub(crate) const FOREIGN: i64 = -1;

/// A slot is empty, or its write is outstanding or unconfirmed.
pub(crate) const NONE: i64 = 0;
pub(crate) const OUTSTANDING: i64 = 1;
pub(crate) const UNCONFIRMED: i64 = 2;

/// What a write is for.
pub(crate) const TAKEOVER: i64 = 1;
pub(crate) const CREATE: i64 = 2;
pub(crate) const RENEWAL: i64 = 3;
pub(crate) const RECREATION: i64 = 4;
pub(crate) const RELEASE: i64 = 5;

/// The abstract state of one elector. Times are nanoseconds of its own clock.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct State {
    /// L.
    pub(crate) lease: i64,
    /// D.
    pub(crate) deadline: i64,
    /// R.
    pub(crate) retry: i64,
    /// The create grace, zero for none.
    pub(crate) grace_length: i64,
    pub(crate) now: i64,
    pub(crate) mode: i64,
    /// In probation and leading: the send of the last success + D.
    pub(crate) until: i64,
    /// The term that is held, or that was held when it is released.
    pub(crate) term: i64,
    /// If positive: only a write sent at this instant or later gives belief.
    pub(crate) grace: i64,
    pub(crate) known: i64,
    /// The newest version that was shown or answered.
    pub(crate) ver: i64,
    /// Which record is known: equal numbers are equal fields under one uid.
    pub(crate) rec: i64,
    /// The term that the record shows, `FREE` or `FOREIGN`.
    pub(crate) owner: i64,
    /// Since when exactly this record, or its absence, is known.
    pub(crate) since: i64,
    /// How long it must stay so.
    pub(crate) wait: i64,
    /// The term that the record shows, by its holder and acquireTime; zero if it shows none.
    pub(crate) seen: i64,
    /// The Lease in which a record was seen last, by its uid.
    pub(crate) uid: i64,
    /// The first sight of that term in that Lease.
    pub(crate) term_since: i64,
    /// The term whose process has ended, as it was told, or zero.
    pub(crate) dead: i64,
    /// Before this instant no news count.
    pub(crate) doubt: i64,
    /// Our own term, if it ended by its deadline, or zero.
    pub(crate) lost: i64,
    /// The Lease in which it ended.
    pub(crate) lost_in: i64,
    pub(crate) slots: Vec<Slot>,
}

/// A write whose effect may still show.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Slot {
    pub(crate) state: i64,
    pub(crate) kind: i64,
    /// The version that it is made on; zero for creates.
    pub(crate) base: i64,
    pub(crate) sent: i64,
    pub(crate) term: i64,
    /// Which record it would write.
    pub(crate) rec: i64,
}

impl State {
    pub(crate) const fn believes(&self) -> bool {
        self.mode == LEADING && self.now < self.until
    }

    pub(crate) const fn holds(&self) -> bool {
        self.mode == PROBATION || self.mode == LEADING
    }

    /// A term of ours that is held, is being released, or may be won by a takeover.
    pub(crate) fn lives(&self, term: i64) -> bool {
        let in_term = self.holds() || self.mode == RELEASING;
        let may_be_won = |slot: &Slot| slot.is_live() && slot.kind != CREATE && slot.term == term;
        (in_term && self.term == term) || self.slots.iter().any(may_be_won)
    }

    pub(crate) fn cleared(&self) -> Vec<Slot> {
        vec![Slot::default(); self.slots.len()]
    }

    pub(crate) fn with_slot(&self, k: usize, slot: Slot) -> Vec<Slot> {
        let mut slots = self.slots.clone();
        slots[k] = slot;
        slots
    }
}

impl Slot {
    pub(crate) const fn is_live(&self) -> bool {
        self.state != NONE
    }

    pub(crate) const fn bids(&self) -> bool {
        self.is_live() && (self.kind == TAKEOVER || self.kind == CREATE)
    }
}
