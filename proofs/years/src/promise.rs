//! What must hold.

use std::{fmt, time::Duration};

/// A promise that can be broken.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Promise {
    /// Two replicas lead at once.
    Overlap,
    /// A replica leads without an applied write, or for longer than D from its send.
    Backing,
    /// The fence of a term is not greater than that of the term before.
    Fence,
    /// Leader work of two terms runs at once.
    Work,
    /// A Lease is released while its leader works or leads.
    Release,
    /// `lost()` resolves while `is_leader()` is true.
    Lost,
    /// A write succeeded that was not made on the version before it.
    Chain,
    /// More than two requests of an election are outstanding, beside its watch.
    Requests,
    /// After all faults have ended, no leader is there in time.
    Liveness,
    /// The runner's report or exit code does not say what happened.
    Report,
}

/// A promise that was broken.
#[derive(Clone, Debug)]
pub struct Broken {
    /// Which one.
    pub promise: Promise,
    /// How.
    pub what: String,
    /// When, from the begin of the run.
    pub at: Duration,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} at {:.6} s: {}", self.promise, self.at.as_secs_f64(), self.what)
    }
}

/// A bug that is planted, for the checker to find.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Planted {
    /// A replica goes on to believe for longer than its election says.
    LongBelief,
    /// A term is believed for a second longer than its last write gives.
    ExtendedBelief,
    /// Every term has the same fence.
    SameFence,
    /// Work goes on after a loss.
    EndlessWork,
    /// The Lease is released before work has ended.
    EarlyRelease,
    /// The program hears of a loss before its term is over.
    EarlyLoss,
    /// The server takes any update, whatever version it was made on.
    BlindServer,
    /// What is dropped counts as outstanding.
    KeptRequests,
    /// A network that is never healed.
    Unhealed,
    /// The runner's report says nothing of what was lost.
    SilentReport,
}
