//! What a search has seen, so that no property holds for want of an occasion.

use std::sync::atomic::{AtomicU64, Ordering};

/// Something that has to happen somewhere in a search.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub(crate) enum Mark {
    /// Rule 1: a term begins by a wall clock that stands still.
    Leads,
    /// Rule 2: an answer after its deadline made no leader.
    LateAnswer,
    /// Rule 3: a timer ended a term while a request was outstanding.
    Lapsed,
    /// Rule 3: a clock that stepped back ended a term.
    ClockBack,
    /// Rule 4: a record that somebody held was taken after its wait.
    Aged,
    /// Rule 5: a free record was taken.
    TakenFree,
    /// Rule 5: a deleted Lease was created again by a candidate.
    CreatedAgain,
    /// Rule 6: a candidate polled.
    Polled,
    /// Rule 7: a write met another version.
    Conflict,
    /// Rule 7: two candidates' creates were on their way at once.
    CreateRace,
    /// Rule 7: two candidates' updates of one free record were on their way at once.
    TakeoverRace,
    /// Rule 7: a POST created the Lease.
    Posted,
    /// Rule 7: a create overwrote a Lease.
    Overwrote,
    /// Rule 8: an altered write did not count.
    Altered,
    /// Rule 9: a record under our identity was not ours.
    Namesake,
    /// Rule 10: a hedge was sent.
    Hedged,
    /// Rule 10: a replacement was sent.
    Replaced,
    /// Rule 11: a request followed a failure.
    Retried,
    /// Rule 12: a refusal ended a candidacy.
    RefusedForGood,
    /// Rule 12: a refusal did not.
    RefusedForNow,
    /// Rule 13: an old answer said nothing.
    OldAnswer,
    /// Rule 13: a rewind was told of.
    Rewound,
    /// Rule 14: another holder's record ended a term.
    HolderChanged,
    /// Rule 14: a holder created its deleted Lease too late.
    RecreationLost,
    /// Rule 15: a read or an event proved a write.
    Proved,
    /// Rule 16: a term was released.
    Released,
    /// A create grace was waited for.
    Probation,
    /// Rule C4: a Lease was to be taken before its age, because its holder has ended.
    Died,
    /// Rule C5: the same, by a process of the same identity.
    DiedItself,
    /// Rule C4: a leader was told of its own end, and said so.
    ToldDead,
    /// Rule O1: an elector was to take its own record back early.
    Retaken,
    /// Rule P4: a successor did not come.
    SuccessorAbsent,
}

/// A set of marks, which threads share.
#[derive(Debug, Default)]
pub(crate) struct Marks {
    bits: AtomicU64,
}

impl Marks {
    pub(crate) fn set(&self, mark: Mark) {
        if !self.has(mark) {
            self.bits.fetch_or(1 << (mark as u8), Ordering::Relaxed);
        }
    }

    pub(crate) fn set_if(&self, mark: Mark, happened: bool) {
        if happened {
            self.set(mark);
        }
    }

    pub(crate) fn has(&self, mark: Mark) -> bool {
        self.bits.load(Ordering::Relaxed) & (1 << (mark as u8)) != 0
    }
}
