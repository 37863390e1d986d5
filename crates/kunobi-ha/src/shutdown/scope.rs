//! Where work belongs, and which part of it is meant.

/// Where work belongs.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
#[cfg_attr(not(feature = "operator"), allow(dead_code))] // Only the operator has terms.
pub(crate) enum Scope {
    /// It runs on every replica, and nothing is held for it.
    #[default]
    Always,
    /// It runs in the term with this number.
    Term(u64),
}

/// A part of the work that can be waited for, and aborted, alone.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(not(feature = "operator"), allow(dead_code))] // Only the operator has terms.
pub(crate) enum Part {
    All,
    Of(Scope),
}

impl Part {
    pub(super) fn has(self, scope: Scope) -> bool {
        match self {
            Self::All => true,
            Self::Of(one) => one == scope,
        }
    }
}
