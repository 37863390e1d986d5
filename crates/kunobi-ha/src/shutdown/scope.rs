//! Where work belongs, and which part of it is meant.

/// Where work belongs.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
#[cfg_attr(not(feature = "operator"), allow(dead_code))] // Only the operator has terms.
pub(crate) enum Scope {
    /// It runs on every replica, and nothing is held for it.
    #[default]
    Always,
    /// It runs on every replica, and what this one holds is kept until it has ended.
    BeforeRelease,
    /// It runs in the term with this number.
    Term(u64),
}

/// A part of the work that can be waited for, and aborted, alone.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(not(feature = "operator"), allow(dead_code))] // Only the operator has terms.
pub(crate) enum Part {
    All,
    /// What has to end before this replica gives up what it holds.
    Holding,
    Of(Scope),
}

impl Part {
    pub(super) fn has(self, scope: Scope) -> bool {
        match self {
            Self::All => true,
            Self::Holding => match scope {
                Scope::Always => false,
                Scope::BeforeRelease | Scope::Term(_) => true,
            },
            Self::Of(one) => one == scope,
        }
    }
}
