//! How long to wait before a watch is opened again.

use std::time::Duration;

use tokio::time::Instant;

/// Pauses that double while watches fail, or end before they were of use.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    /// When the next attempt may begin, and how long the pause before it is.
    pause: Option<(Instant, Duration)>,
    /// From when on the open watch counts as one that was of use.
    useful: Option<Instant>,
}

impl Backoff {
    /// Returns when the next attempt may begin, if not at once.
    pub(super) fn until(&self) -> Option<Instant> {
        self.pause.map(|(until, _)| until)
    }

    /// A watch was opened.
    pub(super) fn opened(&mut self, now: Instant) {
        self.useful = Some(now + LONGEST_PAUSE);
    }

    /// The watch told a change. A bookmark is none: a server that ends watches at once may send one in each.
    pub(super) fn told(&mut self, now: Instant) {
        self.useful = Some(now);
        self.pause = None;
    }

    /// The watch ended in good order, or its version is forgotten.
    pub(super) fn ended(&mut self, now: Instant) {
        if !self.was_useful(now) {
            self.wait(now);
        }
    }

    /// An attempt or the watch failed.
    pub(super) fn failed(&mut self, now: Instant) {
        self.was_useful(now);
        self.wait(now);
    }

    /// Whether the watch that is over told a change or lived long. If it did, the pauses begin with the first one.
    fn was_useful(&mut self, now: Instant) -> bool {
        let useful = self.useful.take().is_some_and(|from| now >= from);
        if useful {
            self.pause = None;
        }
        useful
    }

    fn wait(&mut self, now: Instant) {
        let pause = self.pause.map_or(FIRST_PAUSE, |(_, before)| (before * 2).min(LONGEST_PAUSE));
        self.pause = Some((now + pause, pause));
    }
}

const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(8);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn watches_that_end_at_once_are_opened_with_growing_pauses() {
        let mut now = Instant::now();
        let mut backoff = Backoff::default();
        let mut pauses = Vec::new();
        for _ in 0..7 {
            backoff.opened(now);
            backoff.ended(now);
            let until = backoff.until().unwrap();
            pauses.push((until - now).as_millis());
            now = until;
        }
        assert_eq!(pauses, [500, 1000, 2000, 4000, 8000, 8000, 8000]);
    }

    #[test]
    fn a_watch_that_lived_or_told_a_change_is_opened_again_at_once() {
        let now = Instant::now();
        for (told, lived) in [(true, Duration::ZERO), (false, LONGEST_PAUSE)] {
            let mut backoff = Backoff::default();
            backoff.failed(now);
            backoff.failed(now);
            backoff.opened(now);
            if told {
                backoff.told(now);
            }
            backoff.ended(now + lived);
            assert_eq!(backoff.until(), None);
            backoff.failed(now + lived);
            assert_eq!(backoff.until(), Some(now + lived + FIRST_PAUSE));
        }
    }

    #[test]
    fn a_watch_that_breaks_after_a_long_life_is_opened_after_the_first_pause() {
        let now = Instant::now();
        let mut backoff = Backoff::default();
        backoff.failed(now);
        backoff.failed(now);
        backoff.opened(now);
        let broken = now + LONGEST_PAUSE * 2;
        backoff.failed(broken);
        assert_eq!(backoff.until(), Some(broken + FIRST_PAUSE));
    }
}
