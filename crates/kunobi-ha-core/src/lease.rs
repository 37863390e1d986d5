//! A Lease without Kubernetes types: one state of it, and the term that it stands for.

use alloc::boxed::Box;
use core::{fmt, num::NonZeroU64};

use crate::{
    hints::Hints,
    record::{LeaseRecord, LeaseTime},
    time::Timestamp,
};

/// `metadata.uid`, never empty.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Uid(Box<str>);

/// What a compare-and-swap is made against: `metadata.uid` and `metadata.resourceVersion`.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "two fields are all that identifies a version")]
pub struct Version {
    /// Which object of that name.
    pub uid: Uid,
    /// Which state of that object; larger is later.
    pub resource_version: NonZeroU64,
}

/// One state of the Lease, as it was served.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "drivers build it of what was served")]
pub struct Lease {
    /// Which state.
    pub version: Version,
    /// What it says.
    pub record: LeaseRecord,
    /// What its annotations say.
    pub hints: Hints,
}

/// One unbroken period of leadership.
///
/// Its [`fence`](Self::fence) is greater with every term, also across deletion of the Lease
/// (not across a restore of etcd): the token to send along with a write whose target can refuse
/// smaller ones. Terms are ordered by it.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Term {
    fence: u64,
    transitions: i32,
    acquire_time: Timestamp,
}

/// A term, and the Lease that it is held in.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Tenure {
    pub(crate) term: Term,
    pub(crate) uid: Uid,
}

impl Uid {
    /// Makes a uid of a string that is not empty.
    #[must_use]
    pub fn new(uid: &str) -> Option<Self> {
        (!uid.is_empty()).then(|| Self(uid.into()))
    }

    /// Returns the uid as it was served.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Lease {
    /// Makes a Lease without hints.
    #[must_use]
    pub fn new(version: Version, record: LeaseRecord) -> Self {
        Self { version, record, hints: Hints::default() }
    }

    /// Tells whether another state of this very Lease shows the same term of the same holder.
    pub(crate) fn shows_same_term(&self, other: &Self) -> bool {
        self.version.uid == other.version.uid
            && self.record.holder == other.record.holder
            && self.record.acquire_time == other.record.acquire_time
    }
}

impl Term {
    /// Returns the fencing token: the resourceVersion of the write that began the term, or of the
    /// read that proved that write.
    #[must_use]
    pub const fn fence(&self) -> u64 {
        self.fence
    }

    /// Returns `leaseTransitions` of the term.
    #[must_use]
    pub const fn transitions(&self) -> i32 {
        self.transitions
    }

    /// Returns `acquireTime` of the term.
    #[must_use]
    pub const fn acquire_time(&self) -> Timestamp {
        self.acquire_time
    }
}

impl Tenure {
    /// The tenure of which this Lease, written by us with that acquireTime, is the first state.
    pub(crate) fn begun_by(lease: &Lease, acquire_time: Timestamp) -> Self {
        let fence = lease.version.resource_version.get();
        let term = Term { fence, transitions: lease.record.transitions(), acquire_time };
        Self { term, uid: lease.version.uid.clone() }
    }

    /// Rule 14: tells whether this Lease shows the term, held by `me`.
    pub(crate) fn is_shown_by(&self, lease: &Lease, me: &str) -> bool {
        let record = &lease.record;
        lease.version.uid == self.uid
            && record.holder.as_deref() == Some(me)
            && record.transitions() == self.term.transitions()
            && record.acquire_time == LeaseTime::At(self.term.acquire_time())
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.fence)
    }
}

#[cfg(feature = "model")]
impl Version {
    /// Not public API.
    #[doc(hidden)]
    pub fn rename(&mut self, names: &mut dyn crate::model::Rename) {
        let mut number = self.resource_version.get();
        names.version(&mut number);
        self.resource_version = NonZeroU64::new(number).unwrap_or(NonZeroU64::MIN);
    }
}

#[cfg(feature = "model")]
impl Lease {
    /// Not public API.
    #[doc(hidden)]
    pub fn rename(&mut self, names: &mut dyn crate::model::Rename) {
        self.version.rename(names);
        self.record.rename(names);
        if let Some(successor) = &mut self.hints.successor {
            names.acquire_time(&mut successor.released);
        }
    }
}

#[cfg(feature = "model")]
impl Tenure {
    pub(crate) const fn forget_fence(&mut self) {
        self.term.fence = 0;
    }

    pub(crate) fn rename(&mut self, names: &mut dyn crate::model::Rename) {
        names.mark(&mut self.term.fence);
        crate::model::rename_small(&mut self.term.transitions, names);
        names.acquire_time(&mut self.term.acquire_time);
    }
}
