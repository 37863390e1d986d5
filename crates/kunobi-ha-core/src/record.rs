//! A Lease without Kubernetes types: the record, its version, and the term it stands for.

use alloc::boxed::Box;
use core::{fmt, num::NonZeroU64, time::Duration};

use crate::time::Timestamp;

/// The election part of a Lease's `spec`, as served.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
#[allow(clippy::exhaustive_structs)] // Drivers build it field by field from what was served.
pub struct LeaseRecord {
    /// `holderIdentity`; `None` stands for absent, null and `""` alike: nobody holds the lease.
    pub holder: Option<Box<str>>,
    /// `leaseDurationSeconds`, whatever number was served.
    pub duration_seconds: Option<i64>,
    /// `acquireTime`.
    pub acquire_time: LeaseTime,
    /// `renewTime`.
    pub renew_time: LeaseTime,
    /// `leaseTransitions`, whatever number was served.
    pub transitions: Option<i64>,
    /// `strategy`: kept, compared, never acted upon.
    pub strategy: Option<Box<str>>,
    /// `preferredHolder`: kept, compared, never acted upon.
    pub preferred_holder: Option<Box<str>>,
}

/// A time of a Lease, as served.
///
/// Two of these are equal exactly when the served strings are: a driver makes an
/// [`At`](Self::At) only of a string that this time would be written as.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
#[allow(clippy::exhaustive_enums)] // There is no fourth way to serve a time.
pub enum LeaseTime {
    /// The field is missing, null, or no string.
    #[default]
    Absent,
    /// A time in the form that Kubernetes writes, in the range that a [`Timestamp`] has.
    At(Timestamp),
    /// Any other string.
    Text(Box<str>),
}

/// `metadata.uid`, never empty.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Uid(Box<str>);

/// What a compare-and-swap is made against: `metadata.uid` and `metadata.resourceVersion`.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[allow(clippy::exhaustive_structs)] // Two fields are all that identifies a version.
pub struct Version {
    /// Which object of that name.
    pub uid: Uid,
    /// Which state of that object; larger is later.
    pub resource_version: NonZeroU64,
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

impl LeaseRecord {
    /// Tells whether nobody holds the lease.
    #[must_use]
    pub fn is_free(&self) -> bool {
        self.holder.as_deref().is_none_or(str::is_empty)
    }

    /// Returns the duration that the holder asked for, if it is a positive number.
    #[must_use]
    pub fn duration(&self) -> Option<Duration> {
        self.duration_seconds
            .and_then(|seconds| u64::try_from(seconds).ok())
            .filter(|seconds| *seconds > 0)
            .map(Duration::from_secs)
    }

    /// Returns `leaseTransitions` as the non-negative number it should be.
    #[must_use]
    pub fn transitions(&self) -> i32 {
        let served = self.transitions.unwrap_or(0).max(0);
        i32::try_from(served).unwrap_or(i32::MAX)
    }
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

impl Term {
    pub(crate) const fn new(fence: u64, transitions: i32, acquire_time: Timestamp) -> Self {
        Self { fence, transitions, acquire_time }
    }

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
    /// Tells whether this record of this Lease is one of the term.
    pub(crate) fn is_shown_by(&self, version: &Version, record: &LeaseRecord, me: &str) -> bool {
        version.uid == self.uid
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
