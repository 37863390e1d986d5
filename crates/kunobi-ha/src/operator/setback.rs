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
    kind: Kind,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    /// The program is wrong.
    Lasting,
    /// By the API server, or by what is served: right after a start an administrator must change
    /// that, and later it may be about to be changed.
    Refused,
    /// Nothing that was asked led anywhere for the observe timeout.
    TimedOut,
}

impl Setback {
    /// To be called where the user's code may run: the error may be the client's own.
    pub(super) fn of(error: &Error) -> Self {
        Self { why: user_code::text(error), kind: Kind::of(error) }
    }

    /// Tells whether another candidacy may do better; `first` says whether this was the first one
    /// of the process, and no leader was followed in it.
    pub(super) const fn may_pass(&self, first: bool, exits_on_timeout: bool) -> bool {
        match self.kind {
            Kind::Lasting => false,
            Kind::Refused => !first,
            Kind::TimedOut => !exits_on_timeout,
        }
    }

    /// Returns how long to wait after this many others in a row: 1, 2, 4 … 60 s.
    pub(super) const fn backoff(others: u32) -> Duration {
        match others {
            0..=5 => Duration::from_secs(1 << others),
            _ => LONGEST_BACKOFF,
        }
    }
}

impl Kind {
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
            let told = [Kind::Lasting, Kind::Refused, Kind::TimedOut]
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
