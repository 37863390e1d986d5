//! How long each phase may take.

mod hurry;

use std::{fmt, time::Duration};

pub(super) use self::hurry::{HURRY, Hurry, time_to_drain};

/// The longest grace period: a year. With it, no instant plus a budget overflows.
pub const LONGEST_GRACE_PERIOD: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// How long each phase may take; together they fit into the grace period.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Budgets {
    /// From the signal to SIGKILL.
    pub grace_period: Duration,
    /// How long everything goes on serving, while readiness fails.
    pub unready_delay: Duration,
    /// How long work may take to end by itself.
    pub drain: Duration,
    /// How long aborted work may take to end.
    pub abort: Duration,
    /// How long the release may take.
    pub release: Duration,
    /// How long the last hooks may take.
    pub stop: Duration,
}

/// Why budgets were refused. Nothing has changed then.
#[derive(Clone, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidBudgets {
    /// The phases take longer than the grace period.
    #[error(
        "the shutdown does not fit into the grace period of {grace_period:?}: unready delay \
         {unready_delay:?} + drain {drain:?} + abort {abort:?} + release {release:?} + stop \
         {stop:?} = {sum:?}; raise terminationGracePeriodSeconds or lower the budgets"
    )]
    #[expect(missing_docs, reason = "the fields are those of `Budgets`, and their sum")]
    ExceedGracePeriod {
        grace_period: Duration,
        unready_delay: Duration,
        drain: Duration,
        abort: Duration,
        release: Duration,
        stop: Duration,
        sum: Duration,
    },
    /// The other phases leave no time to drain.
    #[error(
        "a grace period of {grace_period:?} leaves no time to drain: unready delay, abort, release \
         and stop take {others:?}"
    )]
    NoTimeToDrain {
        /// The grace period.
        grace_period: Duration,
        /// What all other phases take together.
        others: Duration,
    },
    /// The grace period is longer than a year.
    #[error("a grace period of {grace_period:?} is too long: {max:?} at most")]
    GracePeriodTooLong {
        /// The grace period.
        grace_period: Duration,
        /// [`LONGEST_GRACE_PERIOD`].
        max: Duration,
    },
    /// An environment variable does not hold a whole number of seconds, a year at most.
    #[error(
        "{variable} is {value:?}, which is not a whole number of seconds, {} at most",
        LONGEST_GRACE_PERIOD.as_secs()
    )]
    NotSeconds {
        /// The name of the variable.
        variable: &'static str,
        /// Its value.
        value: String,
    },
}

/// Budgets as a builder collects them: they may not fit yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct BudgetConfig {
    pub(super) grace_period: Duration,
    pub(super) unready_delay: Duration,
    /// If this is not set, it is what the others leave of the grace period.
    pub(super) drain: Option<Duration>,
    pub(super) abort: Duration,
    pub(super) release: Duration,
    pub(super) stop: Duration,
}

impl Budgets {
    pub(super) fn new(config: &BudgetConfig) -> Result<Self, InvalidBudgets> {
        let BudgetConfig { grace_period, unready_delay, drain, abort, release, stop } = *config;
        let max = LONGEST_GRACE_PERIOD;
        if grace_period > max {
            return Err(InvalidBudgets::GracePeriodTooLong { grace_period, max });
        }
        let others = [unready_delay, abort, release, stop]
            .into_iter()
            .fold(Duration::ZERO, Duration::saturating_add);
        let drain = match drain {
            Some(drain) => drain,
            None => match grace_period.checked_sub(others) {
                Some(left) if !left.is_zero() => left,
                Some(_) | None => {
                    return Err(InvalidBudgets::NoTimeToDrain { grace_period, others });
                }
            },
        };
        let sum = others.saturating_add(drain);
        if sum > grace_period {
            return Err(InvalidBudgets::ExceedGracePeriod {
                grace_period,
                unready_delay,
                drain,
                abort,
                release,
                stop,
                sum,
            });
        }
        Ok(Self { grace_period, unready_delay, drain, abort, release, stop })
    }
}

/// Parses the value of an environment variable, if it is set.
pub(super) fn seconds(
    variable: &'static str,
    value: Option<String>,
) -> Result<Option<Duration>, InvalidBudgets> {
    let Some(value) = value else { return Ok(None) };
    match value.parse().map(Duration::from_secs) {
        Ok(duration) if duration <= LONGEST_GRACE_PERIOD => Ok(Some(duration)),
        Ok(_) | Err(_) => Err(InvalidBudgets::NotSeconds { variable, value }),
    }
}

/// The text of [`Display`](fmt::Display): a `main` that returns it prints its `Debug`.
impl fmt::Debug for InvalidBudgets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Default for BudgetConfig {
    fn default() -> Self {
        let Budgets { grace_period, unready_delay, drain: _, abort, release, stop } = DEFAULT;
        Self { grace_period, unready_delay, drain: None, abort, release, stop }
    }
}

/// What a [`Shutdown`](super::Shutdown) has if nothing is set.
impl Default for Budgets {
    fn default() -> Self {
        DEFAULT
    }
}

/// The grace period is that of Kubernetes; the drain has what the others leave.
const DEFAULT: Budgets = Budgets {
    grace_period: Duration::from_secs(30),
    unready_delay: Duration::ZERO,
    drain: Duration::from_secs(24),
    abort: Duration::from_secs(2),
    release: Duration::from_secs(3),
    stop: Duration::from_secs(1),
};

#[cfg(test)]
mod tests {
    use super::*;

    const fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn the_defaults_fit_and_drain_gets_what_is_left() {
        let budgets = Budgets::new(&BudgetConfig::default()).unwrap();
        assert_eq!(budgets, Budgets::default());
        let longer =
            BudgetConfig { grace_period: s(45), unready_delay: s(5), ..BudgetConfig::default() };
        assert_eq!(Budgets::new(&longer).unwrap().drain, s(34));
    }

    #[test]
    fn what_does_not_fit_is_refused_with_the_sum() {
        let long = BudgetConfig { drain: Some(s(25)), ..BudgetConfig::default() };
        let error = Budgets::new(&long).unwrap_err();
        assert!(error.to_string().contains("= 31s"), "{error}");
        let short = BudgetConfig { grace_period: s(6), ..BudgetConfig::default() };
        let error = Budgets::new(&short).unwrap_err();
        assert_eq!(error, InvalidBudgets::NoTimeToDrain { grace_period: s(6), others: s(6) });
    }

    #[test]
    fn a_variable_holds_whole_seconds_up_to_a_year() {
        let parse = |value: &str| seconds("V", Some(value.into()));
        assert_eq!(seconds("V", None), Ok(None));
        assert_eq!(parse("0"), Ok(Some(s(0))));
        assert_eq!(parse("31536000"), Ok(Some(LONGEST_GRACE_PERIOD)));
        for value in ["31536001", "18446744073709551615", "99999999999999999999", "-1", "1.5", "1s"]
        {
            let error = parse(value).unwrap_err().to_string();
            let told = "which is not a whole number of seconds, 31536000 at most";
            assert!(error.contains(&format!("V is {value:?}, {told}")), "{error}");
        }
    }
}
