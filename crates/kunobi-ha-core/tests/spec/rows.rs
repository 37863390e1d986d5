//! The table: one function for each row, with its guard and its effect.
//!
//! A guard is a list of clauses, and each clause names the rule of PROTOCOL.md that it is of.

mod early;
mod ending;

pub(super) use self::{
    early::{outlive, retake, told_dead},
    ending::{fail, finish, release, step_down, withdraw, won_to_be_released},
};
use super::{
    state::{
        ABSENT, CONTENDING, CREATE, FREE, IDLE, LEADING, NONE, NOTHING, OUTSTANDING, PRESENT,
        PROBATION, RECREATION, RENEWAL, Slot, State, TAKEOVER, UNCONFIRMED,
    },
    table::Shown,
};

/// A step, judged at a state.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) guard: Vec<Clause>,
    /// The state after the step, if the guard holds.
    pub(crate) after: State,
}

/// A rule, whether it is kept, and what it asks for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clause(pub(crate) &'static str, pub(crate) bool, pub(crate) &'static str);

impl Row {
    fn new<const N: usize>(name: &'static str, guard: [Clause; N], after: State) -> Self {
        Self { name, guard: guard.to_vec(), after }
    }

    pub(crate) fn broken(&self) -> Option<Clause> {
        self.guard.iter().find(|clause| !clause.1).copied()
    }
}

pub(super) fn pass(s: &State, t: i64) -> Row {
    let guard = [Clause("1", t >= s.now, "time goes on")];
    Row::new("pass", guard, State { now: t, ..s.clone() })
}

pub(super) fn clock_back(s: &State, t: i64) -> Row {
    let guard = [Clause("3", t < s.now, "the clock went back")];
    let wants = s.mode == CONTENDING || s.mode == PROBATION;
    let after = State {
        now: t,
        since: if s.known == NOTHING { s.since } else { t },
        term_since: if s.known == NOTHING { s.term_since } else { t },
        lost: 0,
        mode: if wants { CONTENDING } else { IDLE },
        grace: if s.grace > 0 { t + s.grace_length } else { s.grace },
        term: 0,
        slots: s.cleared(),
        ..s.clone()
    };
    Row::new("clock back", guard, after)
}

pub(super) fn acquire(s: &State) -> Row {
    let guard = [Clause("16", s.mode == IDLE, "idle")];
    Row::new("acquire", guard, left(s, CONTENDING))
}

pub(super) fn show(s: &State, shown: Shown) -> Row {
    let Shown { v, r, owner, seen, uid, w, after } = shown;
    let guard = [
        Clause("13", v > s.ver || (v == s.ver && after), "it is not old"),
        Clause("5", owner == FREE || w >= s.lease, "a held record is waited for during L"),
    ];
    let same = s.known == PRESENT && s.rec == r;
    let still_free = s.known == PRESENT && s.owner == FREE && owner == FREE;
    let (since, wait) = if same || still_free { (s.since, s.wait) } else { (s.now, w) };
    let state = State { ver: v, rec: r, owner, since, wait, ..sees(s, seen, uid) };
    Row::new("show", guard, state)
}

pub(super) fn show_absent(s: &State, w: i64, after: bool) -> Row {
    let guard = [Clause("13", after, "the 404 is not old")];
    let (since, wait) = if s.known == ABSENT { (s.since, s.wait) } else { (s.now, w) };
    Row::new("show absent", guard, State { known: ABSENT, seen: 0, since, wait, ..s.clone() })
}

pub(super) fn take_over(s: &State, k: usize, t: i64, r: i64) -> Row {
    let guard = [
        Clause("16", s.mode == CONTENDING, "a candidate"),
        Clause("7", s.known == PRESENT, "the Lease is known"),
        Clause("5", s.now >= s.since + s.wait, "the record has its age"),
        Clause("10", s.slots[k].state == NONE, "the slot is free"),
    ];
    Row::new("take over", guard, sent(s, k, TAKEOVER, t, r))
}

pub(super) fn create(s: &State, k: usize, t: i64, r: i64) -> Row {
    let guard = [
        Clause("16", s.mode == CONTENDING, "a candidate"),
        Clause("7", s.known == ABSENT, "no Lease is known"),
        Clause("5", s.now >= s.since + s.wait, "the absence has its age"),
        Clause("10", s.slots[k].state == NONE, "the slot is free"),
    ];
    Row::new("create", guard, sent(s, k, CREATE, t, r))
}

pub(super) fn renew(s: &State, k: usize, r: i64) -> Row {
    let guard = [
        Clause("2", s.holds() && s.now < s.until, "the term runs"),
        Clause("7", s.known == PRESENT, "the Lease is known"),
        Clause("14", s.owner == s.term, "the Lease shows the term"),
        Clause("10", s.slots[k].state == NONE, "the slot is free"),
    ];
    Row::new("renew", guard, sent(s, k, RENEWAL, s.term, r))
}

pub(super) fn re_create(s: &State, k: usize, r: i64) -> Row {
    let guard = [
        Clause("2", s.holds() && s.now < s.until, "the term runs"),
        Clause("7", s.known == ABSENT, "no Lease is known"),
        Clause("10", s.slots[k].state == NONE, "the slot is free"),
    ];
    Row::new("re-create", guard, sent(s, k, RECREATION, s.term, r))
}

pub(super) fn won(s: &State, k: usize, v: i64, uid: i64, graced: bool) -> Row {
    let slot = s.slots[k];
    let guard = [
        Clause("2", s.mode == CONTENDING, "a candidate"),
        Clause("2", slot.bids(), "the write is a bid of this phase"),
        Clause("8", v > slot.base, "something was written"),
        Clause("2", s.now < slot.sent + s.deadline, "in time"),
        Clause("13", !is_passed(s, slot, v), "no other record is known at a later version"),
    ];
    let created = slot.kind == CREATE && s.grace_length > 0;
    let waits = created || (graced && slot.sent < s.grace);
    let grace = grace_after(s, created, waits);
    let (mode, until) = (believing(!waits), slot.sent + s.deadline);
    let view = view_of(s, slot, v, uid);
    let after = State { mode, grace, until, term: slot.term, lost: 0, slots: s.cleared(), ..view };
    Row::new("won", guard, after)
}

pub(super) fn renewed(s: &State, k: usize, v: i64, uid: i64) -> Row {
    let slot = s.slots[k];
    let keeps = slot.kind == RENEWAL || slot.kind == RECREATION;
    let guard = [
        Clause("2", s.holds() && s.now < s.until, "the term runs"),
        Clause("2", slot.is_live() && keeps && slot.term == s.term, "the write is of the term"),
        Clause("8", v > slot.base, "something was written"),
        Clause("13", !is_passed(s, slot, v), "no other record is known at a later version"),
    ];
    // A Lease that is created again has a grace of its own.
    let created = s.mode == PROBATION && slot.kind == RECREATION && s.grace_length > 0;
    let waits = s.mode == PROBATION && (created || slot.sent < s.grace);
    let grace = grace_after(s, created, waits);
    let (mode, until) = (believing(!waits), s.until.max(slot.sent + s.deadline));
    let view = view_of(s, Slot { term: s.term, ..slot }, v, uid);
    Row::new("renewed", guard, State { mode, grace, until, slots: s.cleared(), ..view })
}

pub(super) fn lapse(s: &State) -> Row {
    let guard = [
        Clause("2", s.holds(), "a holder"),
        Clause("2", s.now >= s.until, "the deadline has come"),
    ];
    let led = s.mode == LEADING;
    let (lost, lost_in) = if led { (s.term, s.uid) } else { (0, s.lost_in) };
    let after = State { lost, lost_in, ..left(s, if led { IDLE } else { CONTENDING }) };
    Row::new("lapse", guard, after)
}

pub(super) fn end(s: &State, to: i64) -> Row {
    let guard = [
        Clause("14", s.holds(), "a holder"),
        Clause("16", to == IDLE || (s.mode == PROBATION && to == CONTENDING), "where it may go"),
    ];
    Row::new("end", guard, State { lost: 0, ..left(s, to) })
}

pub(super) fn give_up(s: &State, k: usize, to: i64) -> Row {
    let guard = [
        Clause("10", s.slots[k].is_live(), "a write"),
        Clause("10", to == NONE || to == UNCONFIRMED, "what may become of it"),
    ];
    let slot = Slot { state: to, ..s.slots[k] };
    let slot = if to == NONE { Slot::default() } else { slot };
    Row::new("give up", guard, State { slots: s.with_slot(k, slot), ..s.clone() })
}

pub(super) fn forget(s: &State) -> Row {
    let doubt = s.now.saturating_add(s.lease);
    Row::new("forget", [], State { known: NOTHING, ver: 0, seen: 0, doubt, ..s.clone() })
}

pub(super) fn grace_begins(s: &State) -> Row {
    let guard = [Clause("16", s.grace_length > 0, "there is a create grace")];
    Row::new("grace", guard, State { grace: s.now + s.grace_length, ..s.clone() })
}

/// Nothing is held or sent any more.
fn left(s: &State, mode: i64) -> State {
    State { mode, term: 0, slots: s.cleared(), ..s.clone() }
}

/// A record of this term is shown, in this Lease. Rule C4: news of another term are forgotten.
fn sees(s: &State, seen: i64, uid: i64) -> State {
    let same = s.known == PRESENT && s.seen == seen && s.uid == uid;
    State {
        known: PRESENT,
        seen,
        uid,
        term_since: if same { s.term_since } else { s.now },
        dead: if s.dead == seen { s.dead } else { 0 },
        ..s.clone()
    }
}

fn sent(s: &State, k: usize, kind: i64, term: i64, rec: i64) -> State {
    let base = if kind == CREATE || kind == RECREATION { 0 } else { s.ver };
    let slot = Slot { state: OUTSTANDING, kind, base, sent: s.now, term, rec };
    State { slots: s.with_slot(k, slot), ..s.clone() }
}

/// The Lease as a write left it. It ages from now on.
fn view_of(s: &State, slot: Slot, v: i64, uid: i64) -> State {
    State {
        ver: if s.known == PRESENT { s.ver.max(v) } else { v },
        rec: slot.rec,
        owner: slot.term,
        since: s.now,
        wait: s.lease,
        ..sees(s, slot.term, uid)
    }
}

/// Another record than this slot wrote is known at a later version.
fn is_passed(s: &State, slot: Slot, v: i64) -> bool {
    s.known == PRESENT && s.ver > v && s.rec != slot.rec
}

const fn believing(believes: bool) -> i64 {
    if believes { LEADING } else { PROBATION }
}

/// Belief ends the grace.
const fn grace_after(s: &State, created: bool, waits: bool) -> i64 {
    match (created, waits) {
        (true, _) => s.now + s.grace_length,
        (false, true) => s.grace,
        (false, false) => 0,
    }
}
