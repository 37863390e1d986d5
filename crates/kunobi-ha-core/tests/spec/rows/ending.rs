//! How a term and a candidacy end: by a release, a withdrawal or a failure.

use super::{
    super::state::{
        CONTENDING, CREATE, IDLE, LEADING, NONE, PRESENT, RELEASE, RELEASING, Slot, State,
        WITHDRAWING,
    },
    Clause, Row, is_passed, left, sent, view_of,
};

pub(in super::super) fn release(s: &State, k: usize, r: i64) -> Row {
    let guard = [
        Clause("16", s.mode == RELEASING, "the term has ended by StepDown"),
        Clause("7", s.known == PRESENT, "the Lease is known"),
        Clause("16", s.owner == s.term, "the Lease shows the term that has ended"),
        Clause("10", s.slots[k].state == NONE, "the slot is free"),
    ];
    Row::new("release", guard, sent(s, k, RELEASE, s.term, r))
}

pub(in super::super) fn step_down(s: &State) -> Row {
    let guard = [Clause("16", s.mode == LEADING, "a leader")];
    Row::new("step down", guard, State { mode: RELEASING, ..s.clone() })
}

pub(in super::super) fn withdraw(s: &State) -> Row {
    let guard = [
        Clause("16", s.mode == CONTENDING, "a candidate"),
        Clause("16", s.slots.iter().any(Slot::bids), "a bid may be applied"),
    ];
    Row::new("withdraw", guard, State { mode: WITHDRAWING, ..s.clone() })
}

pub(in super::super) fn won_to_be_released(s: &State, k: usize, v: i64, uid: i64) -> Row {
    let slot = s.slots[k];
    let graced = slot.kind == CREATE && s.grace_length > 0;
    let guard = [
        Clause("16", s.mode == WITHDRAWING, "a withdrawal"),
        Clause("16", slot.bids(), "the write is a bid of this withdrawal"),
        Clause("8", v > slot.base, "something was written"),
        Clause("16", !graced, "another elector would take it without our grace"),
        Clause("13", !is_passed(s, slot, v), "no other record is known at a later version"),
    ];
    let after = State { mode: RELEASING, term: slot.term, lost: 0, ..view_of(s, slot, v, uid) };
    Row::new("won, to be released", guard, after)
}

pub(in super::super) fn finish(s: &State) -> Row {
    let guard = [Clause("16", s.mode == RELEASING || s.mode == WITHDRAWING, "a release")];
    Row::new("finish", guard, left(s, IDLE))
}

pub(in super::super) fn fail(s: &State) -> Row {
    let guard = [Clause("12", s.mode == CONTENDING, "a candidate")];
    Row::new("fail", guard, left(s, IDLE))
}
