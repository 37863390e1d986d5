//! What a Lease says of its election.

use alloc::boxed::Box;
use core::time::Duration;

use crate::time::Timestamp;

/// The election part of a Lease's `spec`, as served.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
#[expect(
    clippy::exhaustive_structs,
    reason = "drivers build it field by field from what was served"
)]
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
#[expect(clippy::exhaustive_enums, reason = "a time is served in one of these three ways")]
pub enum LeaseTime {
    /// The field is missing, null, or not a string.
    #[default]
    Absent,
    /// A time in the form that Kubernetes writes, in the range that a [`Timestamp`] has.
    At(Timestamp),
    /// Any other string.
    Text(Box<str>),
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

#[cfg(feature = "model")]
impl LeaseRecord {
    /// Not public API.
    #[doc(hidden)]
    pub fn rename(&mut self, names: &mut dyn crate::model::Rename) {
        if let LeaseTime::At(time) = &mut self.acquire_time {
            names.acquire_time(time);
        }
        if let LeaseTime::At(time) = &mut self.renew_time {
            names.renew_time(time);
        }
        if let Some(transitions) = &mut self.transitions {
            names.transitions(transitions);
        }
    }
}
