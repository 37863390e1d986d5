//! What a replica is about, as its faults are counted.

/// A phase of PROTOCOL.md in which a fault can strike a replica.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Phase {
    Contending,
    Probation,
    Leading,
    Releasing,
    Withdrawing,
}

impl Phase {
    pub(crate) const ALL: [Self; 5] =
        [Self::Contending, Self::Probation, Self::Leading, Self::Releasing, Self::Withdrawing];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Contending => "contending",
            Self::Probation => "probation",
            Self::Leading => "leading",
            Self::Releasing => "releasing",
            Self::Withdrawing => "withdrawing",
        }
    }
}
