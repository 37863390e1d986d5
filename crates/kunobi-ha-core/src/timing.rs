//! The durations of an election, valid by construction.

use core::time::Duration;

use crate::invalid_config::InvalidConfig;

/// The durations that a user may choose; [`Timing::new`] parses them.
///
/// ```
/// use core::time::Duration;
/// use kunobi_ha_core::TimingConfig;
///
/// let config = TimingConfig::default().retry_period(Duration::from_secs(1));
/// assert_eq!(config.retry_period.as_secs(), 1);
/// assert_eq!(config.lease_duration.as_secs(), 15);
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub struct TimingConfig {
    /// How long others wait for a silent leader: whole seconds. Default 15 s.
    pub lease_duration: Duration,
    /// How long a leader believes after its last successful renewal was sent. Default 10 s.
    pub renew_deadline: Duration,
    /// How often a leader renews, and at least how often a follower reads. Default 2 s.
    pub retry_period: Duration,
    /// After which an unanswered request is joined by a second one. Default: a quarter of the
    /// renew deadline, or twice the last answer's latency if that is longer.
    ///
    /// If that is not answered either, the older of the two is replaced after half of the renew
    /// deadline: see [`Bounds::dead_connections`](crate::Bounds::dead_connections).
    pub renew_request_timeout: Option<Duration>,
    /// How long a candidate goes on without progress, from the send of the first request without
    /// progress on: time in which nothing was asked does not count. Default 5 min.
    pub observe_timeout: Duration,
    /// How long the creator of a Lease renews before it believes. Default zero.
    pub create_grace: Duration,
    /// How long a release may take. Default 3 s.
    pub release_timeout: Duration,
}

/// The durations of an election that fit together.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Timing {
    config: TimingConfig,
}

impl Default for TimingConfig {
    fn default() -> Self {
        Self {
            lease_duration: Duration::from_secs(15),
            renew_deadline: Duration::from_secs(10),
            retry_period: Duration::from_secs(2),
            renew_request_timeout: None,
            observe_timeout: Duration::from_secs(300),
            create_grace: Duration::ZERO,
            release_timeout: Duration::from_secs(3),
        }
    }
}

impl TimingConfig {
    /// Sets how long others wait for a silent leader: whole seconds.
    #[must_use]
    pub const fn lease_duration(mut self, lease_duration: Duration) -> Self {
        self.lease_duration = lease_duration;
        self
    }

    /// Sets how long a leader believes after its last successful renewal was sent.
    #[must_use]
    pub const fn renew_deadline(mut self, renew_deadline: Duration) -> Self {
        self.renew_deadline = renew_deadline;
        self
    }

    /// Sets how often a leader renews, and at least how often a follower reads.
    #[must_use]
    pub const fn retry_period(mut self, retry_period: Duration) -> Self {
        self.retry_period = retry_period;
        self
    }

    /// Sets after what time an unanswered request is joined by a second one; `None` for the default.
    #[must_use]
    pub fn renew_request_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.renew_request_timeout = timeout.into();
        self
    }

    /// Sets how long a candidate goes on without progress.
    #[must_use]
    pub const fn observe_timeout(mut self, observe_timeout: Duration) -> Self {
        self.observe_timeout = observe_timeout;
        self
    }

    /// Sets how long the creator of a Lease renews before it believes.
    #[must_use]
    pub const fn create_grace(mut self, create_grace: Duration) -> Self {
        self.create_grace = create_grace;
        self
    }

    /// Sets how long a release may take.
    #[must_use]
    pub const fn release_timeout(mut self, release_timeout: Duration) -> Self {
        self.release_timeout = release_timeout;
        self
    }
}

impl Timing {
    /// Parses a configuration.
    ///
    /// # Errors
    ///
    /// The first rule that it breaks, with the offending values.
    pub fn new(config: TimingConfig) -> Result<Self, InvalidConfig> {
        let lease = config.lease_duration;
        let renew = config.renew_deadline;
        let retry = config.retry_period;
        if lease < Duration::from_secs(1) {
            return Err(InvalidConfig::LeaseDurationTooSmall { lease });
        }
        if lease.subsec_nanos() != 0 {
            return Err(InvalidConfig::LeaseDurationNotWholeSeconds { lease });
        }
        if lease.as_secs() > MAX_SECONDS {
            return Err(InvalidConfig::LeaseDurationTooLarge { lease, max_seconds: MAX_SECONDS });
        }
        if renew >= lease {
            return Err(InvalidConfig::RenewDeadlineNotLess { renew, lease });
        }
        if retry.is_zero() {
            return Err(InvalidConfig::RetryPeriodZero);
        }
        if retry > renew {
            return Err(InvalidConfig::RetryPeriodTooLong { retry, renew });
        }
        if config.observe_timeout.is_zero() {
            return Err(InvalidConfig::ObserveTimeoutZero);
        }
        match config.renew_request_timeout {
            Some(timeout) if timeout.is_zero() => Err(InvalidConfig::RenewRequestTimeoutZero),
            Some(timeout) if timeout > renew => {
                Err(InvalidConfig::RenewRequestTimeoutTooLong { timeout, renew })
            }
            Some(_) | None => Ok(Self { config }),
        }
    }

    /// Returns the durations as they were configured.
    #[must_use]
    pub const fn config(&self) -> &TimingConfig {
        &self.config
    }

    pub(crate) fn lease_seconds(&self) -> i64 {
        i64::try_from(self.config.lease_duration.as_secs()).unwrap_or(i64::MAX)
    }
}

const MAX_SECONDS: u64 = i32::MAX as u64;
