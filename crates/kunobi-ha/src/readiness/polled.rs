//! What the results of a polled check come to. It is decided here, without a clock of its own.

use std::time::Duration;

use tokio::time::Instant;

/// How checks are polled.
#[derive(Clone, Copy, Debug)]
pub(super) struct Settings {
    pub(super) every: Duration,
    pub(super) timeout: Duration,
    /// Failures in a row until a check that was well has failed.
    pub(super) fail_after: u32,
    /// Successes in a row until a check that has failed is well.
    pub(super) recover_after: u32,
}

/// What is known of one polled check.
#[derive(Clone, Debug)]
pub(super) struct Polled {
    settings: Settings,
    verdict: LastResult,
    /// Results in a row that speak against the verdict.
    against: u32,
    /// When the last result came; `None` before the first one.
    heard: Option<Instant>,
}

#[derive(Clone, Debug)]
enum LastResult {
    NotYetChecked,
    Well,
    Failed(String),
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            every: Duration::from_secs(10),
            timeout: Duration::from_secs(1),
            fail_after: 3,
            recover_after: 1,
        }
    }
}

impl Settings {
    /// Returns settings whose durations can be added to any instant: longer ones never end either.
    pub(super) fn bounded(self) -> Self {
        Self { every: self.every.min(NEVER), timeout: self.timeout.min(NEVER), ..self }
    }

    /// Returns the age at which a result no longer counts, because polling has evidently stopped. A
    /// check is asked once at a time, so one that may take longer than the period is asked less often.
    fn stale_after(&self) -> Duration {
        self.every.max(self.timeout) * STALE_PERIODS
    }
}

impl Polled {
    pub(super) const fn new(settings: Settings) -> Self {
        Self { settings, verdict: LastResult::NotYetChecked, against: 0, heard: None }
    }

    /// Takes the result of a poll.
    pub(super) fn record(&mut self, result: Result<(), String>, now: Instant) {
        self.heard = Some(now);
        let (needed, verdict) = match (&self.verdict, result) {
            (LastResult::NotYetChecked, Ok(())) => (1, LastResult::Well),
            (LastResult::NotYetChecked, Err(why)) => (1, LastResult::Failed(why)),
            (LastResult::Well, Err(why)) => (self.settings.fail_after, LastResult::Failed(why)),
            (LastResult::Failed(_), Ok(())) => (self.settings.recover_after, LastResult::Well),
            (LastResult::Well, Ok(())) => {
                self.against = 0;
                return;
            }
            (LastResult::Failed(_), Err(why)) => {
                self.against = 0;
                self.verdict = LastResult::Failed(why);
                return;
            }
        };
        self.against += 1;
        if self.against >= needed {
            self.verdict = verdict;
            self.against = 0;
        }
    }

    pub(super) fn status(&self, now: Instant) -> Result<(), String> {
        let stale_after = self.settings.stale_after();
        let age = self.heard.map(|heard| now.saturating_duration_since(heard));
        if let Some(age) = age.filter(|age| *age > stale_after) {
            return Err(format!("its last result is {age:?} old, more than {stale_after:?}"));
        }
        match &self.verdict {
            LastResult::NotYetChecked => Err("it was not checked yet".into()),
            LastResult::Well => Ok(()),
            LastResult::Failed(why) => Err(why.clone()),
        }
    }
}

const STALE_PERIODS: u32 = 3;
/// Ten years, longer than any process lives.
const NEVER: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_fails_after_three_and_recovers_after_one() {
        let now = Instant::now();
        let mut check = Polled::new(Settings::default());
        assert!(check.status(now).is_err(), "not checked yet");
        check.record(Ok(()), now);
        for _ in 0..2 {
            check.record(Err("away".into()), now);
            assert!(check.status(now).is_ok());
        }
        check.record(Ok(()), now);
        for failures in 1..=3 {
            check.record(Err("away".into()), now);
            assert_eq!(check.status(now).is_ok(), failures < 3, "{failures}");
        }
        check.record(Err("still away".into()), now);
        assert_eq!(check.status(now), Err("still away".into()));
        check.record(Ok(()), now);
        assert!(check.status(now).is_ok());
    }

    #[test]
    fn the_first_failure_counts_at_once() {
        let now = Instant::now();
        let mut check = Polled::new(Settings::default());
        check.record(Err("no such host".into()), now);
        assert_eq!(check.status(now), Err("no such host".into()));
    }

    #[test]
    fn a_result_of_three_periods_ago_counts_as_failed() {
        let now = Instant::now();
        let mut check = Polled::new(Settings::default());
        check.record(Ok(()), now);
        assert!(check.status(now + Duration::from_secs(30)).is_ok());
        assert!(check.status(now + Duration::from_secs(31)).is_err());
    }

    #[test]
    fn a_period_is_as_long_as_a_question_may_take() {
        let now = Instant::now();
        let (every, timeout) = (Duration::from_millis(200), Duration::from_secs(5));
        let mut check = Polled::new(Settings { every, timeout, ..Settings::default() });
        check.record(Ok(()), now);
        assert!(check.status(now + timeout * 3).is_ok());
        assert!(check.status(now + timeout * 3 + every).is_err());
    }

    #[test]
    fn what_is_never_asked_again_never_goes_stale() {
        let now = Instant::now();
        let settings = Settings { every: Duration::MAX, ..Settings::default() }.bounded();
        let mut check = Polled::new(settings);
        check.record(Ok(()), now);
        assert!(check.status(now + settings.every).is_ok());
    }
}
