//! What comes of a turn for the phase that took it.

use super::{attempts::Attempts, holding::Holding};
use crate::{
    lease::Tenure,
    time::{Instant, Timestamp},
};

/// Says what happened to a phase, and hands over what the next one needs. Which phase that is,
/// only the table in `elector.rs` says.
#[must_use]
pub(super) enum Next {
    /// The phase goes on.
    Stay,
    /// A write of ours was applied: the Lease is held.
    Begin(Holding),
    /// The create grace of the Lease that is held is over.
    Believe(Holding),
    /// There is no term, and the user still wants one; nothing is sent before this instant.
    Contend(Instant),
    /// Nothing is left to do.
    End,
    /// The Lease is held by a term that has ended.
    Release(Ending),
    /// The user does not want to lead any more, but a write that was sent may still be applied.
    Withdraw(Bid),
}

/// A term that has ended, in a Lease that may still carry our name.
pub(super) struct Ending {
    pub(super) tenure: Tenure,
    /// The renewals that were outstanding or unconfirmed when the term ended.
    pub(super) attempts: Attempts,
    /// The release is given up at this instant.
    pub(super) deadline: Instant,
    /// If the release fails, others may take the Lease from this instant on.
    pub(super) held_until: Instant,
}

/// Writes that would begin a term.
pub(super) struct Bid {
    pub(super) acquire_time: Timestamp,
    pub(super) attempts: Attempts,
    /// If the Lease was won and is not released, others may take it from this instant on.
    pub(super) held_until: Instant,
}
