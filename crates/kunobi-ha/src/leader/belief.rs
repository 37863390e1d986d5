//! The one truth about leadership: until when this replica may believe that it leads, and in which
//! term.
//!
//! All else that tells of leadership is a view of this, or follows from the same publication:
//! `candidacy.rs` is the only place that writes it.
//!
//! # Threads
//!
//! - Readers are on any thread. [`Belief::time_left`] takes no lock: it loads `until` and `issued`,
//!   and reads the clock.
//! - Writers are the driver of the candidacy (it publishes), its guard (it revokes), and an `acquire`
//!   (it begins the next candidacy). Each writes under the lock, so that there is one at a time. The
//!   lock protects the term, the holder, the revocation, and every store to the atomics. Nothing that
//!   runs under it waits, or calls code of the user.
//!
//! # What the ordering of the atomics relies on
//!
//! - A writer stores `issued` before `until`, with release; a reader loads `until` before `issued`,
//!   with acquire. Therefore the reader sees the `issued` that belongs to its `until`, or a later one.
//!   A later one does no harm: if the clock has reached it, the reader compares the clock with an
//!   `until` that was valid then; if it has not, the reader does not lead.
//! - A writer reads the clock before it stores `issued`, with release; a reader loads `issued` before
//!   it reads the clock, with acquire. Therefore a publication is never one to come.
//! - A writer begins a candidacy before it stores an `until` of that candidacy, with release; a
//!   reader loads the number of the candidacy after `until`. Therefore it never takes the `until` of a
//!   later candidacy for that of its own.
//! - The end of a term is told after `until` was cleared, by a channel, which orders the two.
//!   Therefore, once a reader has heard of the end, it does not lead.
//!
//! The rest is relaxed: what clears `until` hands nothing over, because a reader that sees it goes no
//! further; and the number of the candidacy is ordered by `until`, or by the lock.
//!
//! `tests/loom` compiles this file with the atomics and locks of a model checker, and tries all
//! orders. `mutants/loom` relaxes each ordering that is left; each time a test fails.

use std::{num::NonZeroU64, time::Duration};

use kunobi_ha_core::Instant;

use crate::sync::{AtomicU64, Mutex, MutexGuard, Ordering, lock};

/// What this replica believes, about terms of type `T`.
pub(super) struct Belief<T> {
    /// When the belief was published, in nanoseconds of the clock.
    issued: AtomicU64,
    /// When it ends. Zero is before every instant: no belief.
    until: AtomicU64,
    /// The candidacy that the belief is of; no earlier one may write. Zero: there was none yet.
    candidacy: AtomicU64,
    told: Mutex<Told<T>>,
}

/// Counts the candidacies of an election, from one on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct CandidacyNumber(NonZeroU64);

/// The right to write, of the current candidacy; it holds the lock.
pub(super) struct Writer<'a, T> {
    belief: &'a Belief<T>,
    told: MutexGuard<'a, Told<T>>,
}

/// What came of a publication that this replica leads.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Led {
    /// The term begins.
    Began,
    /// The term goes on, for longer.
    Renewed,
    /// The user has given the candidacy up: it does not lead any more.
    Revoked,
}

struct Told<T> {
    term: Option<T>,
    holder: Option<Box<str>>,
    revoked: bool,
}

impl<T: Copy + PartialEq> Belief<T> {
    pub(super) fn new() -> Self {
        Self {
            issued: AtomicU64::new(0),
            until: AtomicU64::new(NEVER),
            candidacy: AtomicU64::new(0),
            told: Mutex::new(Told { term: None, holder: None, revoked: false }),
        }
    }

    /// Returns the time until the belief ends; `None` if there is none.
    // Inlined, so that a reader who asks only whether there is one computes no duration.
    #[inline]
    pub(super) fn time_left(&self, clock: impl FnOnce() -> Instant) -> Option<Duration> {
        let until = self.until.load(Ordering::Acquire);
        if until == NEVER {
            return None;
        }
        // Before the clock is read: a publication in between must not look like one to come.
        let issued = self.issued.load(Ordering::Acquire);
        // rule 3: each reader compares the clock, so that a runtime that stands still leaves no
        // belief behind.
        let now = clock().as_nanos();
        // rule 3: a clock that went back behind the publication prolongs nothing.
        (issued <= now && now < until).then(|| Duration::from_nanos(until - now))
    }

    /// As [`time_left`](Self::time_left), for the belief of one candidacy.
    pub(super) fn time_left_of(
        &self,
        candidacy: CandidacyNumber,
        clock: impl FnOnce() -> Instant,
    ) -> Option<Duration> {
        let left = self.time_left(clock)?;
        // After the belief: that of a later candidacy is not taken for its own.
        (self.candidacy() == Some(candidacy)).then_some(left)
    }

    pub(super) fn term(&self) -> Option<T> {
        lock(&self.told).term
    }

    pub(super) fn holder(&self) -> Option<String> {
        lock(&self.told).holder.as_deref().map(ToOwned::to_owned)
    }

    /// Returns the candidacy that began last.
    pub(super) fn candidacy(&self) -> Option<CandidacyNumber> {
        NonZeroU64::new(self.candidacy.load(Ordering::Relaxed)).map(CandidacyNumber)
    }

    /// Begins the next candidacy. From now on no earlier one may write.
    pub(super) fn begin(&self) -> CandidacyNumber {
        let mut told = lock(&self.told);
        let next = self.candidacy().map_or(NonZeroU64::MIN, |last| last.0.saturating_add(1));
        self.until.store(NEVER, Ordering::Relaxed);
        self.candidacy.store(next.get(), Ordering::Relaxed);
        told.term = None;
        told.revoked = false;
        CandidacyNumber(next)
    }

    /// Returns the right to write; `None` for a candidacy that is not the current one.
    pub(super) fn writer(&self, candidacy: CandidacyNumber) -> Option<Writer<'_, T>> {
        let told = lock(&self.told);
        (self.candidacy() == Some(candidacy)).then_some(Writer { belief: self, told })
    }
}

impl<T: Copy + PartialEq> Writer<'_, T> {
    /// Leads in this term, from `issued` until `until`, unless the candidacy was revoked.
    pub(super) fn lead(&mut self, term: T, identity: &str, issued: Instant, until: Instant) -> Led {
        if self.told.revoked {
            return Led::Revoked;
        }
        let before = self.told.term.replace(term);
        self.told.holder = Some(identity.into());
        self.belief.issued.store(issued.as_nanos(), Ordering::Release);
        self.belief.until.store(until.as_nanos(), Ordering::Release);
        if before == Some(term) { Led::Renewed } else { Led::Began }
    }

    /// Does not lead; this is who does.
    pub(super) fn follow(&mut self, holder: Option<Box<str>>) {
        self.belief.until.store(NEVER, Ordering::Relaxed);
        self.told.term = None;
        self.told.holder = holder;
    }

    /// Does not lead any more. If it led, it is not known who leads now.
    pub(super) fn end(&mut self) {
        let holder = if self.told.term.is_some() { None } else { self.told.holder.take() };
        self.follow(holder);
    }

    /// Does not lead any more, whatever is published of this candidacy later.
    pub(super) fn revoke(&mut self) {
        self.told.revoked = true;
        self.end();
    }
}

impl CandidacyNumber {
    pub(super) const fn get(self) -> u64 {
        self.0.get()
    }
}

/// The end of no belief: it has passed at every instant.
const NEVER: u64 = 0;
