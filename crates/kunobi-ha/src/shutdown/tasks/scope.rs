//! Where work belongs, and which part of it is meant.

/// Where work belongs.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Scope {
    /// It runs on every replica, and no Lease is kept for it.
    #[default]
    Always,
    /// It runs on every replica, and all Leases that are still held are kept until it has ended.
    BeforeRelease,
    /// It runs in one term, and the Lease of that term is kept until it has ended.
    Term(TermId),
}

/// A Lease that this process may hold.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct LeaseId(pub(crate) u32);

/// A term of a Lease.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct TermId {
    pub(crate) lease: LeaseId,
    /// Counted from 1, for each Lease.
    pub(crate) number: u64,
}

/// A part of the work that can be waited for, and aborted, alone.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Part {
    All,
    /// What has to end before this Lease is released.
    BeforeRelease(LeaseId),
    Of(Scope),
}

impl Part {
    pub(crate) fn has(self, scope: Scope) -> bool {
        match self {
            Self::All => true,
            Self::BeforeRelease(lease) => match scope {
                Scope::Always => false,
                Scope::BeforeRelease => true,
                Scope::Term(term) => term.lease == lease,
            },
            Self::Of(one) => one == scope,
        }
    }
}
