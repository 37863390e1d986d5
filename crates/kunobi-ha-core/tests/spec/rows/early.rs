//! Takeovers of a record that has not its age yet.

use super::{
    super::state::{CONTENDING, NONE, PRESENT, State, TAKEOVER},
    Clause, Row, sent,
};

/// News: the process that began this term has ended.
pub(in super::super) fn told_dead(s: &State, t: i64) -> Row {
    let guard =
        [Clause("C4", t > 0, "a term"), Clause("C4", !s.lives(t), "a term of ours has not ended")];
    Row::new("told dead", guard, State { dead: t, ..s.clone() })
}

/// Takes the record of a process that has ended. `own_name`: it had our identity.
pub(in super::super) fn outlive(s: &State, k: usize, t: i64, r: i64, own_name: bool) -> Row {
    let unchanged = s.now.saturating_sub(s.since).saturating_mul(2);
    let restarted = own_name && s.grace_length == 0;
    let settled = s.now >= s.term_since.saturating_add(s.lease);
    let guard = [
        Clause("16", s.mode == CONTENDING, "a candidate"),
        Clause("C4", s.known == PRESENT, "the Lease is known"),
        Clause("C4", s.dead != 0 && s.seen == s.dead, "the news are of the term that is shown"),
        Clause("C4", s.now >= s.doubt, "no rewind came within L"),
        Clause(
            "C7",
            unchanged >= s.retry.saturating_mul(3),
            "(a) the record is unchanged for 1.5 R",
        ),
        Clause("C7", restarted || settled, "(b) the term is seen for L"),
        Clause("10", s.slots[k].state == NONE, "the slot is free"),
    ];
    Row::new("outlive", guard, sent(s, k, TAKEOVER, t, r))
}

/// Takes the record of our own term, which has ended by its deadline.
pub(in super::super) fn retake(s: &State, k: usize, t: i64, r: i64) -> Row {
    let shown = s.seen == s.lost && s.uid == s.lost_in;
    let guard = [
        Clause("16", s.mode == CONTENDING, "a candidate"),
        Clause("7", s.known == PRESENT, "the Lease is known"),
        Clause("O1", s.lost != 0, "a term of ours has ended by its deadline"),
        Clause("O1", shown, "the record shows that term, in its Lease"),
        Clause("10", s.slots[k].state == NONE, "the slot is free"),
    ];
    Row::new("retake", guard, sent(s, k, TAKEOVER, t, r))
}
