//! What goes into the machine.

use alloc::boxed::Box;
use core::time::Duration;

use crate::{lease::Lease, request::AttemptId, time::Timestamp};

/// What happened.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "a driver must know every one of them")]
pub enum Input {
    /// The user wants to lead. Ignored unless the elector is idle.
    Acquire,
    /// A request ended.
    Answered {
        /// Which one.
        attempt: AttemptId,
        /// How.
        outcome: Outcome,
    },
    /// The process that began the term of this holder and acquireTime has ended, by the word of the
    /// kubelet that ran it (rule C3).
    HolderDied {
        /// `holderIdentity` of that term.
        holder: Box<str>,
        /// `acquireTime` of that term.
        acquire_time: Timestamp,
    },
    /// A watch event arrived.
    Observed(Observed),
    /// The user gives leadership up: stop believing, then release the Lease. A candidate stops
    /// contending; if a write of its own is under way, it releases what that write wins.
    StepDown,
    /// The user is gone: stop believing and contending, send nothing more.
    Stop,
    /// `wake_at` of the last step has come (or any other time: an early call is harmless).
    Wake,
}

/// What a watch event showed.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "a watch knows no third event about an object")]
pub enum Observed {
    /// The Lease, added or modified.
    Found(Lease),
    /// The Lease was deleted.
    Deleted,
}

/// How a request ended.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "a driver must be able to say every one of them")]
pub enum Outcome {
    /// A GET was answered with the Lease.
    Found(Lease),
    /// 404, unless `details.kind` is `namespaces`.
    Absent,
    /// A write was answered with the Lease as it is now.
    Written {
        /// The Lease.
        lease: Lease,
        /// Whether the status was 201.
        created: bool,
    },
    /// 409, or a 422 whose cause is `metadata.resourceVersion`.
    Conflict,
    /// 405.
    MethodNotAllowed,
    /// Refused for a reason that an administrator must change.
    Refused(Refusal),
    /// Any other definite refusal (400, 429, …): the request did nothing.
    Rejected {
        /// The server's `Retry-After`.
        retry_after: Option<Duration>,
    },
    /// No definite answer (5xx, reset, timed out, unreadable): a write may have been applied.
    Unknown {
        /// The server's `Retry-After`.
        retry_after: Option<Duration>,
    },
}

/// A refusal that will not go away by itself.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "a driver must be able to say every one of them")]
pub enum Refusal {
    /// 403.
    Forbidden,
    /// 422 for a cause other than the resourceVersion.
    Invalid,
    /// 404 with `details.kind` `namespaces`.
    NamespaceMissing,
    /// The object that was served is not a Lease, or not one that could be written back.
    NotALease,
    /// The server does not know who asks (401). Final only for an elector that never had a usable
    /// answer: later, a token expires and is replaced.
    Unauthorized,
}
