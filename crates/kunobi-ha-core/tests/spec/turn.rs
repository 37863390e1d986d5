//! What a call has shown before the monitor reads what it published.

/// What one call has shown so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Turn {
    /// A write of ours succeeded; whether a read proved it.
    pub(super) success: Option<bool>,
    /// Why an answer that looks like a success does not count.
    pub(super) refused: Option<(&'static str, &'static str)>,
    /// Why the term of a leader ended.
    pub(super) ended: Option<Why>,
    /// Probation was lost.
    pub(super) lost: bool,
    pub(super) finished: Option<Ending>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Why {
    Asked,
    Clock,
    Deadline,
    Holder,
    Recreation,
    Rewind,
}

/// How a phase without a term came to its end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Ending {
    Released,
    NotOurs,
    StillHeld,
    Withdrawn,
}

impl Why {
    pub(super) const fn rule(self) -> &'static str {
        match self {
            Self::Asked => "16",
            Self::Clock => "3",
            Self::Deadline => "2",
            Self::Holder | Self::Recreation => "14",
            Self::Rewind => "13",
        }
    }
}
