//! What a candidacy that failed means for a program that does other things as well.

use std::time::Duration;

use crate::{
    error::Error,
    user_code::{self, Ours},
};

/// Why a candidacy failed.
#[derive(Debug)]
pub(super) struct Setback {
    pub(super) why: String,
    kind: SetbackKind,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum SetbackKind {
    /// The program itself has to be changed.
    Lasting,
    /// The API server refused it, or serves something else under that name. Right after a start, an
    /// administrator has to change that; later on, somebody may be changing it.
    Refused,
    /// No request made progress for the observe timeout.
    TimedOut,
}

impl Setback {
    /// Call it where the user's code may run: the error may be the client's own.
    pub(super) fn of(error: &Error) -> Self {
        Self { why: user_code::text(error), kind: SetbackKind::of(error) }
    }

    /// Tells whether another candidacy may do better. `first`: this was the first one of its
    /// election in this process, and it has not followed a leader.
    pub(super) const fn may_pass(&self, first: bool, exits_on_timeout: bool) -> bool {
        match self.kind {
            SetbackKind::Lasting => false,
            SetbackKind::Refused => !first,
            SetbackKind::TimedOut => !exits_on_timeout,
        }
    }

    /// Returns how long to wait after a setback that follows this many others: 1, 2, 4 … 60 s.
    pub(super) const fn backoff(others: u32) -> Duration {
        match others {
            0..=5 => Duration::from_secs(1 << others),
            _ => LONGEST_BACKOFF,
        }
    }
}

impl SetbackKind {
    const fn of(error: &Error) -> Self {
        match error {
            Error::AlreadyLeading
            | Error::InvalidConfig(_)
            | Error::LeaseNameUnknown
            | Error::NamespaceUnknown => Self::Lasting,
            Error::Api { .. }
            | Error::Denied { .. }
            | Error::Forbidden { .. }
            | Error::NamespaceMissing { .. }
            | Error::NotALease { .. }
            | Error::Unauthorized { .. } => Self::Refused,
            Error::ObserveTimeout(..) => Self::TimedOut,
        }
    }
}

impl Ours for Setback {}

const LONGEST_BACKOFF: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_pass_is_waited_out() {
        // Whether it was the first, whether a timeout ends the program, and what may pass.
        for (first, exits, passes) in [
            (true, false, [false, false, true]),
            (false, false, [false, true, true]),
            (true, true, [false, false, false]),
            (false, true, [false, true, false]),
        ] {
            let told = [SetbackKind::Lasting, SetbackKind::Refused, SetbackKind::TimedOut]
                .map(|kind| Setback { why: String::new(), kind }.may_pass(first, exits));
            assert_eq!(told, passes, "{first} {exits}");
        }
    }

    #[test]
    fn pauses_grow_up_to_a_minute() {
        let pauses: Vec<_> = (0..8).map(|others| Setback::backoff(others).as_secs()).collect();
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(Setback::backoff(u32::MAX), LONGEST_BACKOFF);
    }
}
