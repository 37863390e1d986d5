//! What an operator should hear of.

use alloc::boxed::Box;
use core::fmt;

use crate::{input::Refusal, request::Verb};

/// Something that an operator should hear of.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Notice {
    /// A write was answered with another record than was sent: something on the way alters it, as a
    /// webhook may. It is not believed.
    Altered {
        /// What was asked.
        verb: Verb,
    },
    /// A create was answered with 200: the server overwrote a Lease. It is not believed.
    CreateOverwrote,
    /// A request has failed, the first since the last progress: a write that succeeded, or a read
    /// that showed that there is nothing to write. It is told again once a lease duration while
    /// there is no progress. A request without an answer counts as failed after three retry periods.
    /// A conflict, as other candidates cause it, is told only if there is no progress for longer
    /// than a retry period.
    Failing {
        /// What was asked last.
        verb: Verb,
        /// What came of it.
        setback: Setback,
    },
    /// A read or an event has shown to a candidate who holds the Lease: told at the first, and when
    /// the holder changes, but not more than once a retry period.
    Following {
        /// `None`: nobody.
        holder: Option<Box<str>>,
    },
    /// A term has ended because no renewal succeeded in time.
    Lapsed {
        /// What was asked last.
        verb: Verb,
        /// What came of it.
        setback: Setback,
    },
    /// The Lease is being renewed under our identity by somebody else.
    IdentityCollision,
    /// A write was answered without a new version: it renewed nothing.
    NothingWritten,
    /// A request was refused for a reason that an administrator must change: told as
    /// [`Failing`](Self::Failing) is, and at once where the reason is new.
    Refused {
        /// What was asked.
        verb: Verb,
        /// Why it was refused.
        refusal: Refusal,
    },
    /// A released Lease named a successor, which did not come: this elector bids for it (rule P4).
    SuccessorAbsent {
        /// Who was named.
        successor: Box<str>,
    },
    /// A write of this elector has begun a term.
    TermBegan {
        /// On what grounds.
        how: Takeover,
    },
    /// News came that a term of this very elector is of a process that has ended (rule C4). It is
    /// not true, so no such news can be trusted.
    ToldDead,
    /// Somebody wishes that another replica leads (rule P3): told once a term.
    Wished {
        /// Who is to lead.
        successor: Box<str>,
    },
    /// The API server went back to an older state.
    Rewound {
        /// The largest resourceVersion that was seen.
        from: u64,
        /// The one that is served now.
        to: u64,
    },
}

/// On what grounds a term was begun.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Takeover {
    /// There was no Lease.
    Created,
    /// The process of the holder has ended (rule C7).
    Died,
    /// The record of the holder had its age (rule 5).
    Expired,
    /// Nobody held the Lease.
    Released,
    /// The record was that of our own term, which had ended by its deadline (rule O1).
    Retaken,
}

/// What came of a request that has failed.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Setback {
    /// 404.
    Absent,
    /// 409, or a 422 whose cause is `metadata.resourceVersion`.
    Conflict,
    /// 405.
    MethodNotAllowed,
    /// Refused for a reason that an administrator must change.
    Refused(Refusal),
    /// Any other definite refusal.
    Rejected,
    /// No answer came.
    Unanswered,
    /// No definite answer.
    Unknown,
    /// An answer that does not fit the request: the write that was asked for is not there.
    Unfit,
}

impl Setback {
    /// Tells whether a write may fail so where several contend, or whether this has a notice of its
    /// own.
    pub(crate) const fn is_usual(self) -> bool {
        matches!(self, Self::Absent | Self::Conflict | Self::MethodNotAllowed | Self::Unfit)
    }

    pub(crate) const fn is_refusal(self) -> bool {
        matches!(self, Self::Refused(_))
    }
}

impl fmt::Display for Takeover {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Created => "created",
            Self::Died => "died",
            Self::Expired => "expired",
            Self::Released => "released",
            Self::Retaken => "retaken",
        })
    }
}

impl fmt::Display for Setback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Absent => "nothing was found (404)",
            Self::Conflict => "a conflict (409)",
            Self::MethodNotAllowed => "the method is not allowed (405)",
            Self::Refused(_) => "refused",
            Self::Rejected => "rejected",
            Self::Unanswered => "no answer in time",
            Self::Unknown => "no definite answer",
            Self::Unfit => "an answer that does not fit",
        })
    }
}
