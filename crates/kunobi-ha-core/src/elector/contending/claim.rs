//! From when on the Lease may be taken, and on what grounds.

use alloc::boxed::Box;

use crate::{
    elector::memory::Memory,
    lease_view::{Known, Observation},
    notice::Takeover,
    record::LeaseTime,
    time::{Instant, Timestamp},
};

/// What a candidate may do with the Lease that it knows.
#[derive(Clone, Debug)]
pub(super) struct Claim {
    /// From when on it may write.
    pub(super) from: Instant,
    pub(super) how: Takeover,
    /// Whom it has let go first (rule P2).
    pub(super) yielded_to: Option<Box<str>>,
}

/// What the candidate itself adds to what the elector remembers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Standing {
    /// The acquireTime of the running bid.
    pub(super) bid: Option<Timestamp>,
    /// Rule O1: its last two requests were reads, answered promptly, that showed its own term.
    pub(super) is_prompt: bool,
}

impl Claim {
    pub(super) fn of(memory: &Memory, standing: Standing) -> Option<Self> {
        let aged = memory.view.aged_at()?;
        match &memory.view.known {
            Known::Nothing => None,
            Known::Absent { .. } => Some(Self::new(aged, Takeover::Created)),
            Known::Present(seen) if seen.lease.record.is_free() => {
                Some(Self::free(aged, seen, memory))
            }
            Known::Present(seen) => Some(Self::held(aged, seen, memory, standing)),
        }
    }

    const fn new(from: Instant, how: Takeover) -> Self {
        Self { from, how, yielded_to: None }
    }

    /// Rule P2: who is not the named successor lets that one go first. Rule P4: not for long.
    fn free(aged: Instant, seen: &Observation, memory: &Memory) -> Self {
        let claim = Self::new(aged, Takeover::Released);
        let named = seen.lease.hints.successor.as_ref();
        // It counts for the release that named it only.
        let counts = |released| seen.lease.record.acquire_time == LeaseTime::At(released);
        match named.filter(|named| counts(named.released)) {
            Some(named) if *named.identity != *memory.writer.identity() => {
                let from = aged.max(seen.term_since.after(memory.config().retry_period * 3 / 2));
                Self { from, yielded_to: Some(named.identity.clone()), ..claim }
            }
            Some(_) | None => claim,
        }
    }

    /// Rule 5, unless rule C7 or rule O1 allows it sooner. Rule O2: nobody else is quicker.
    fn held(aged: Instant, seen: &Observation, memory: &Memory, standing: Standing) -> Self {
        let names_us = memory.writer.is_named_in(&seen.lease.record);
        let died = memory.news.takeable_from(seen, names_us, memory.config());
        let own = memory.retake.is_shown_by(&seen.lease, memory.writer.identity());
        let retaken = (own && standing.is_prompt).then(|| memory.retake.allowed_from(standing.bid));
        let sooner = [(died, Takeover::Died), (retaken, Takeover::Retaken)];
        let sooner = sooner.into_iter().filter_map(|(from, how)| Some(Self::new(from?, how)));
        sooner.fold(Self::new(aged, Takeover::Expired), |first, other| {
            if other.from < first.from { other } else { first }
        })
    }
}
