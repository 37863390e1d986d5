//! What a signal means after those before it.

use std::time::Duration;

use tokio::time::Instant;

use crate::shutdown::stop_signal::StopSignal;

/// The signals so far, as far as they decide what the next one does.
#[derive(Clone, Copy, Debug, Default)]
pub(super) enum History {
    #[default]
    Quiet,
    /// The first signal came at this time.
    Asked(Instant),
    /// The signal that hurried came at this time.
    Hurried(Instant),
    Over,
}

/// What a signal does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum SignalEffect {
    /// The shutdown begins, unless something else began it.
    Begin,
    /// Nothing: it repeats the signal before.
    Ignore,
    /// The budgets are cut.
    Hurry,
    /// The process ends at once.
    End,
}

impl History {
    /// Returns the history with one more signal, and what that signal does: the table of
    /// [`ShutdownBuilder::signals`].
    ///
    /// [`ShutdownBuilder::signals`]: crate::shutdown::ShutdownBuilder::signals
    pub(super) fn followed_by(self, signal: StopSignal, now: Instant) -> (Self, SignalEffect) {
        use StopSignal::{Hangup, Interrupt, Quit, Terminate, User1, User2};

        let soon = |since, span| now.saturating_duration_since(since) < span;
        match (self, signal) {
            (Self::Quiet, _) => (Self::Asked(now), SignalEffect::Begin),
            (Self::Asked(_) | Self::Hurried(_) | Self::Over, Interrupt)
            | (Self::Over, Hangup | Quit | Terminate | User1 | User2) => {
                (Self::Over, SignalEffect::End)
            }
            (Self::Asked(first), Hangup | Quit | Terminate | User1 | User2) => {
                if soon(first, REPEATED) {
                    (self, SignalEffect::Ignore)
                } else {
                    (Self::Hurried(now), SignalEffect::Hurry)
                }
            }
            (Self::Hurried(second), Hangup | Quit | Terminate | User1 | User2) => {
                if soon(second, ECHO) {
                    (self, SignalEffect::Ignore)
                } else {
                    (Self::Over, SignalEffect::End)
                }
            }
        }
    }
}

/// How long after the first signal another one is the same request. Kubelets, shells and `timeout`
/// repeat it within a second; the rest is for a busy machine.
const REPEATED: Duration = Duration::from_millis(1_250);
/// How long after the signal that hurried another one is its echo: `timeout` signals its child, then
/// its group.
const ECHO: Duration = Duration::from_millis(50);

#[cfg(test)]
mod tests {
    use super::{SignalEffect::*, StopSignal::*, *};

    #[test]
    fn each_signal_means_what_those_before_make_of_it() {
        // Milliseconds since the first, the signal, and what it comes to.
        let histories: [&[(u64, StopSignal, SignalEffect)]; 10] = [
            &[(0, Terminate, Begin), (0, Terminate, Ignore), (1_000, Terminate, Ignore)],
            &[(0, Terminate, Begin), (1_249, Terminate, Ignore), (1_250, Terminate, Hurry)],
            &[(0, Terminate, Begin), (5, Terminate, Ignore), (2_000, Terminate, Hurry)],
            &[(0, Terminate, Begin), (2_000, Terminate, Hurry), (2_050, Terminate, End)],
            &[(0, Quit, Begin), (2_000, Quit, Hurry), (2_049, Quit, Ignore), (2_100, Quit, End)],
            &[(0, Interrupt, Begin), (1, Interrupt, End)],
            &[(0, Terminate, Begin), (1, Interrupt, End)],
            &[(0, Terminate, Begin), (2_000, Terminate, Hurry), (2_001, Interrupt, End)],
            &[(0, Interrupt, Begin), (5, Terminate, Ignore), (5_000, Terminate, Hurry)],
            &[(0, Quit, Begin), (5, Terminate, Ignore), (3_000, Hangup, Hurry), (3_100, Quit, End)],
        ];
        let first = Instant::now();
        for signals in histories {
            let mut history = History::default();
            for (at, signal, verdict) in signals {
                let now = first + Duration::from_millis(*at);
                let (with_it, decided) = history.followed_by(*signal, now);
                assert_eq!(decided, *verdict, "{signal} at {at} ms of {signals:?}");
                history = with_it;
            }
        }
    }
}
