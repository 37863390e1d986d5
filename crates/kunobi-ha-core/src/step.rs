//! What comes out of the machine.

use alloc::{boxed::Box, vec::Vec};
use core::fmt;

use crate::{
    input::{Outcome, Refusal},
    record::{LeaseRecord, Term, Version},
    time::Instant,
};

/// What the server's access control calls a request.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[allow(clippy::exhaustive_enums)] // The elector sends nothing else.
pub enum Verb {
    /// A PUT without uid and version, or a POST.
    Create,
    /// A GET.
    Get,
    /// A PUT with uid and version.
    Update,
}

/// Identifies one request of one elector; later requests have larger ids.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct AttemptId(pub(crate) u64);

/// What to do now, in the order of the fields.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
#[must_use = "a step that is not carried out leaves the election hanging"]
#[allow(clippy::exhaustive_structs)] // A driver must carry out every field.
pub struct Step {
    /// First: make this visible to every reader.
    pub publish: Option<Leadership>,
    /// Then: report these to the operator.
    pub notices: Vec<Notice>,
    /// Then: stop waiting for these requests. They may be applied all the same.
    pub drop: Vec<AttemptId>,
    /// Then: send this.
    pub send: Option<Attempt>,
    /// Last: call [`Input::Wake`](crate::Input::Wake) at this instant, and at no earlier step's.
    pub wake_at: Option<Instant>,
}

/// A request to send.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[allow(clippy::exhaustive_structs)] // A driver must know every field.
pub struct Attempt {
    /// By which its answer is given back.
    pub id: AttemptId,
    /// What to send.
    pub request: Request,
    /// Over which connection.
    pub connection: Connection,
}

/// Over which connection a request goes.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[allow(clippy::exhaustive_enums)] // There is no third choice.
pub enum Connection {
    /// Any that is open.
    Any,
    /// A newly opened one: nothing was answered since the last request went out, so that all
    /// connections that are open may be dead.
    New,
}

/// What to send.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[allow(clippy::exhaustive_enums)] // A driver must know every one of them.
pub enum Request {
    /// GET the Lease, without a resourceVersion.
    Get,
    /// Create the Lease with this record.
    Create {
        /// The whole record.
        record: LeaseRecord,
        /// How.
        via: CreateVia,
    },
    /// PUT this record over exactly that version.
    Update {
        /// Goes out as `metadata.uid` and `metadata.resourceVersion`.
        version: Version,
        /// The whole record.
        record: LeaseRecord,
    },
}

/// How a Lease is created.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[allow(clippy::exhaustive_enums)] // HTTP knows no third way.
pub enum CreateVia {
    /// PUT without uid and resourceVersion: it has a name, so that a Role can limit it by name.
    #[default]
    Put,
    /// POST, for servers that do not create on PUT.
    Post,
}

/// What readers are to see.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[allow(clippy::exhaustive_enums)] // A driver must be able to show every one of them.
pub enum Leadership {
    /// Contending; this is who holds the lease, as far as we know.
    Following {
        /// `None`: nobody, or not known yet.
        holder: Option<Box<str>>,
    },
    /// Leading.
    Leading {
        /// Which term.
        term: Term,
        /// Nobody may believe in it at or after this instant.
        valid_until: Instant,
    },
    /// Not leading any more, and not contending.
    Ended {
        /// Which term.
        term: Term,
        /// Why.
        reason: StepDownReason,
    },
    /// The release that followed a step-down has ended; also that of a candidate whose write was
    /// under way, and who never led.
    Released(Release),
    /// The candidacy ended without a term.
    Failed(Failure),
    /// The candidacy was given up by the user, and has won nothing that could be released.
    Withdrawn,
}

/// Why a term ended.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum StepDownReason {
    /// The user stepped down or dropped the guard.
    Cancelled,
    /// The monotonic clock stepped back, so that no deadline can be trusted.
    ClockWentBack,
    /// The Lease shows another holder, or another term, or no holder.
    ///
    /// Somebody else may be at work already: stop at once.
    HolderChanged,
    /// The Lease was deleted, and somebody else created it again before this leader could.
    RecreationLost,
    /// No renewal succeeded within `renew_deadline`.
    ///
    /// Nobody else leads before `lease_duration` has passed since the last renewal was sent.
    RenewDeadlineExceeded,
    /// The API server went back to an older state, as after a restore of etcd from a backup.
    Rewound,
}

/// What became of the Lease when its leader stepped down.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Release {
    /// Nothing had to be released: the term was over before.
    NotHeld,
    /// The Lease was in other hands, or deleted, when the release came.
    NotOurs,
    /// The Lease is free: the next replica can take it at once.
    Released,
    /// The release could not be confirmed in time.
    StillHeld {
        /// Others take the Lease over after this instant of our clock, or earlier if the release
        /// was applied after all.
        until: Instant,
    },
}

/// Why a candidacy ended without a term.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Failure {
    /// Nothing that was asked for `observe_timeout` led anywhere: no write succeeded, and no read
    /// showed that there is nothing to write.
    ObserveTimeout,
    /// The very first answer to this verb was a refusal that will not go away by itself.
    Refused {
        /// What was asked.
        verb: Verb,
        /// Why it was refused.
        refusal: Refusal,
    },
}

/// What came of a request that led nowhere.
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
    /// A request has failed, the first since one led anywhere: a write that succeeded, or a read
    /// that showed that there is nothing to write. Told again once a lease duration while none
    /// does. No answer counts as a failure after three retry periods; a conflict, as others cause
    /// it, only if no request leads anywhere for longer than a retry period.
    Failing {
        /// What was asked last.
        verb: Verb,
        /// What came of it.
        setback: Setback,
    },
    /// A candidate has seen who holds the Lease: told at the first look, and when it changes, but
    /// not more than once a retry period.
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
    /// The API server went back to an older state.
    Rewound {
        /// The largest resourceVersion that was seen.
        from: u64,
        /// The one that is served now.
        to: u64,
    },
}

impl Step {
    /// Publishes this: the end of a term that was noticed in the same step is never overwritten.
    pub(crate) fn publish(&mut self, leadership: Leadership) {
        debug_assert!(
            matches!(self.publish, None | Some(Leadership::Following { .. })),
            "{leadership:?} would hide {:?}",
            self.publish
        );
        self.publish = Some(leadership);
    }
}

impl AttemptId {
    /// Returns the number, for logs.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl Request {
    /// Returns what the server's access control calls this request.
    #[must_use]
    pub const fn verb(&self) -> Verb {
        match self {
            Self::Create { .. } => Verb::Create,
            Self::Get => Verb::Get,
            Self::Update { .. } => Verb::Update,
        }
    }
}

impl Setback {
    /// Tells whether this is what becomes of a write where several contend, or has a notice of its
    /// own.
    pub(crate) const fn is_usual(self) -> bool {
        matches!(self, Self::Absent | Self::Conflict | Self::MethodNotAllowed | Self::Unfit)
    }

    pub(crate) const fn is_refusal(self) -> bool {
        matches!(self, Self::Refused(_))
    }

    /// An outcome of another kind than the request expects is unfit.
    pub(crate) const fn of(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Absent => Self::Absent,
            Outcome::Conflict => Self::Conflict,
            Outcome::Found { .. } | Outcome::Written { .. } => Self::Unfit,
            Outcome::MethodNotAllowed => Self::MethodNotAllowed,
            Outcome::Refused(refusal) => Self::Refused(*refusal),
            Outcome::Rejected { .. } => Self::Rejected,
            Outcome::Unknown { .. } => Self::Unknown,
        }
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

impl fmt::Display for StepDownReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Cancelled => "leadership was given up",
            Self::ClockWentBack => "the clock went back",
            Self::HolderChanged => "the lease has another holder",
            Self::RecreationLost => "the lease was deleted and created by somebody else",
            Self::RenewDeadlineExceeded => "no renewal succeeded within the renew deadline",
            Self::Rewound => "the API server went back to an older state",
        })
    }
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Create => "create",
            Self::Get => "get",
            Self::Update => "update",
        })
    }
}
