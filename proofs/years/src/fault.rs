//! What goes wrong.

use crate::phase::Phase;

/// A kind of fault.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Fault {
    /// A share of the requests does not arrive.
    Loss,
    /// A share of the requests is handled, and not answered.
    LostAnswers,
    /// A share of the requests is slow, up to a third of a lease each way.
    Delay,
    /// A share of the requests is late by anything up to three leases.
    HeavyTail,
    /// A share of the requests arrives twice.
    Doubled,
    CutRequests,
    CutAnswers,
    /// A share of the connections is reset, before or after the request is handled.
    Reset,
    Refuse,
    Throttled,
    ServerError,
    RetryAfter,
    Unauthorized,
    Forbidden,
    /// The labels of the Lease are edited.
    Relabel,
    /// The Lease is deleted.
    Delete,
    /// Another holder is written into the Lease.
    EditHolder,
    /// The holder is erased, which looks like a release.
    EraseHolder,
    /// The whole record is erased.
    EraseRecord,
    /// The process is killed, and starts again under its old identity.
    CrashSame,
    /// The process is killed, and starts again under another identity.
    CrashNew,
    /// The program asks for the end of the term or of the candidacy.
    StepDown,
    /// All replicas are stopped in order and started again, one after the other.
    Rolling,
    ClockRate,
    WallStep,
    /// The monotonic clock goes back by more than a lease.
    ClockBack,
    /// The monotonic clock jumps ahead.
    ClockForward,
    /// The process stands still: its network and its timers.
    Pause,
    /// The machine stands still, and its timers are late afterwards.
    Suspend,
    WatchCut,
    /// The watch is ended with a 410.
    WatchGone,
}

impl Fault {
    pub(crate) const ALL: [Self; 31] = [
        Self::Loss,
        Self::LostAnswers,
        Self::Delay,
        Self::HeavyTail,
        Self::Doubled,
        Self::CutRequests,
        Self::CutAnswers,
        Self::Reset,
        Self::Refuse,
        Self::Throttled,
        Self::ServerError,
        Self::RetryAfter,
        Self::Unauthorized,
        Self::Forbidden,
        Self::Relabel,
        Self::Delete,
        Self::EditHolder,
        Self::EraseHolder,
        Self::EraseRecord,
        Self::CrashSame,
        Self::CrashNew,
        Self::StepDown,
        Self::Rolling,
        Self::ClockRate,
        Self::WallStep,
        Self::ClockBack,
        Self::ClockForward,
        Self::Pause,
        Self::Suspend,
        Self::WatchCut,
        Self::WatchGone,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Loss => "loss",
            Self::LostAnswers => "lost answers",
            Self::Delay => "delay",
            Self::HeavyTail => "heavy tail",
            Self::Doubled => "doubled",
            Self::CutRequests => "cut requests",
            Self::CutAnswers => "cut answers",
            Self::Reset => "reset",
            Self::Refuse => "refuse",
            Self::Throttled => "429",
            Self::ServerError => "500",
            Self::RetryAfter => "503 Retry-After",
            Self::Unauthorized => "401",
            Self::Forbidden => "403",
            Self::Relabel => "metadata edit",
            Self::Delete => "deletion",
            Self::EditHolder => "holder edit",
            Self::EraseHolder => "holder erased",
            Self::EraseRecord => "record erased",
            Self::CrashSame => "crash, same name",
            Self::CrashNew => "crash, new name",
            Self::StepDown => "step-down",
            Self::Rolling => "rolling restart",
            Self::ClockRate => "clock rate",
            Self::WallStep => "wall clock step",
            Self::ClockBack => "clock back",
            Self::ClockForward => "clock forward",
            Self::Pause => "pause",
            Self::Suspend => "suspend",
            Self::WatchCut => "watch cut",
            Self::WatchGone => "watch 410",
        }
    }

    /// Says why this fault can't strike a replica in this phase, if that is so.
    pub(crate) const fn impossible(self, phase: Phase) -> Option<&'static str> {
        match (self, phase) {
            (Self::WatchCut | Self::WatchGone, Phase::Releasing) => {
                Some("the watch is closed when a term ends")
            }
            (Self::StepDown | Self::Rolling, Phase::Releasing | Phase::Withdrawing) => {
                Some("it is ending already, and the request to end is consumed")
            }
            _ => None,
        }
    }

    /// Tells whether it is a condition of the network of one replica, which lasts for a while.
    pub(crate) const fn is_of_network(self) -> bool {
        matches!(
            self,
            Self::Loss
                | Self::LostAnswers
                | Self::Delay
                | Self::HeavyTail
                | Self::Doubled
                | Self::CutRequests
                | Self::CutAnswers
                | Self::Reset
                | Self::Refuse
                | Self::Throttled
                | Self::ServerError
                | Self::RetryAfter
                | Self::Unauthorized
                | Self::Forbidden
        )
    }
}
