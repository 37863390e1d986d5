//! What the durations of an election promise.

use core::{fmt, time::Duration};

use crate::{
    pace::most_requests,
    timing::{Timing, TimingConfig},
};

/// How long something takes at most, as a function of the latency: see [`at`](Self::at).
///
/// ```
/// use core::time::Duration;
/// use kunobi_ha_core::{Timing, TimingConfig};
///
/// let release = Timing::new(TimingConfig::default())?.bounds().release_polling;
/// assert_eq!(release.at(Duration::ZERO), Duration::from_secs(2));
/// assert_eq!(release.at(Duration::from_secs(1)), Duration::from_secs(2 + 4));
/// // A replica that waits 3 s for an answer can't read every 2 s.
/// assert_eq!(release.at(Duration::from_secs(3)), Duration::from_secs(3 + 4 * 3));
/// assert_eq!(release.to_string(), "2s and 4 requests, or 5 requests if that is longer");
/// # Ok::<(), kunobi_ha_core::InvalidConfig>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Bound {
    /// The part that the configuration decides: the bound where requests take no time.
    pub duration: Duration,
    /// How many requests come on top, one after the other.
    pub requests: u32,
    fixed: Duration,
    /// The shorter of these ends first.
    waits: [Wait; 2],
}

/// A wait that becomes longer where requests are slow.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
struct Wait {
    least: Duration,
    /// As long as this many requests, if that is longer …
    requests: u32,
    /// … but never longer than this.
    most: Duration,
}

/// What a [`Timing`] promises.
///
/// Each holds for candidates that all have these timings, while every request takes less than
/// [`steady_latency`](Self::steady_latency), and nothing else goes wrong than what it names.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub struct Bounds {
    /// Send of the last write of a crashed leader to the next leader, when followers poll.
    pub crash_polling: Bound,
    /// Send of the last write of a crashed leader to the next leader, when followers watch, and
    /// an event takes no longer than half a request.
    pub crash_watching: Bound,
    /// Send of the last write of a leader whose process has ended to the next leader, where news of
    /// the end come within this time and followers poll. News that come later cost their own time
    /// and one request. The followers have known the term for longer than a lease duration.
    pub death_polling: Bound,
    /// The same, when followers watch the Lease, and an event takes no longer than half a request.
    pub death_watching: Bound,
    /// End of an outage of the API server to the former leader's next term, where requests were
    /// refused at once meanwhile, an answer takes no longer than an eighth of `renew_deadline`, the
    /// term had lasted four lease durations, its end is not longer ago than one, and no other
    /// outage has cost this replica its Lease within the last hour.
    pub outage: Bound,
    /// Call of step-down to the next leader, when followers poll.
    ///
    /// A release takes up to three requests, for which `release_timeout` has to leave time. Two
    /// requests fewer if no renewal is under way; two more if this is longer than
    /// `lease_duration`, when followers have begun to bid for what is being released.
    pub release_polling: Bound,
    /// Call of step-down to the next leader, when followers watch, and an event takes no longer
    /// than half a request; `release_timeout` as above. Two requests fewer if no renewal is under
    /// way.
    pub release_watching: Bound,
    /// Send of a create that is applied, and never answered, to the first leader, also where nobody
    /// else contends.
    pub lost_create: Bound,
    /// The same, where others contend.
    pub lost_create_among_several: Bound,
    /// Send of the last successful renewal to the end of belief.
    pub belief: Duration,
    /// End of belief to the earliest takeover, L − D: the time to stop work in.
    ///
    /// It is exact for clocks of equal rates. If they may differ from real time by a share ρ, what is
    /// left is L/(1 + ρ) − D/(1 − ρ): with the defaults 4.99 s of 5 s at 500 ppm, and 4.75 s at 1 %.
    pub time_to_stop: Duration,
    /// Answer times below this lose nothing.
    pub steady_latency: Duration,
    /// Answer times below this lose nothing when one request hangs.
    pub hung_request_latency: Duration,
    /// Answer times below this lose nothing when one answer is lost.
    pub lost_answer_latency: Duration,
    /// How many dead connections in the pool of its client a leader survives, if new ones work and
    /// answer within a quarter of `retry_period`, or a twentieth of `renew_deadline` if that is
    /// longer (0.5 s by default).
    ///
    /// A node of the control plane that loses power leaves such connections behind, one for each
    /// that was open to it. A request that is dropped unanswered takes the one that it waits on
    /// along: how often that is done before the deadline is what is counted here. Where a driver
    /// opens a new connection when [`Attempt::connection`](crate::Attempt::connection) asks for it,
    /// there is no limit. A candidate gets rid of two in each half of `renew_deadline`.
    pub dead_connections: u32,
    /// The error of clock rates that is tolerated, in parts per million.
    pub clock_rate_ppm: u32,
}

impl Timing {
    /// Returns what these durations promise.
    ///
    /// ```
    /// use core::time::Duration;
    /// use kunobi_ha_core::{Timing, TimingConfig};
    ///
    /// let bounds = Timing::new(TimingConfig::default())?.bounds();
    /// assert_eq!(bounds.crash_polling.duration, Duration::from_secs(17));
    /// assert_eq!(bounds.release_polling.at(Duration::from_millis(100)).as_millis(), 2_400);
    /// assert_eq!(bounds.time_to_stop, Duration::from_secs(5));
    /// assert_eq!(bounds.clock_rate_ppm, 200_000);
    /// # Ok::<(), kunobi_ha_core::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn bounds(&self) -> Bounds {
        Bounds::of(self.config())
    }
}

impl Bound {
    fn new(fixed: Duration, waits: [Wait; 2], requests: u32) -> Self {
        let mut bound = Self { duration: fixed, requests, fixed, waits };
        bound.duration = bound.at(Duration::ZERO);
        bound
    }

    /// Returns the bound where no request takes longer than `latency` from its send to its answer.
    ///
    /// It holds below [`Bounds::steady_latency`]: where requests are slower than that, no leader
    /// lasts.
    #[must_use]
    pub fn at(&self, latency: Duration) -> Duration {
        let [one, other] = self.waits.map(|wait| wait.at(latency));
        let requests = latency.saturating_mul(self.requests);
        self.fixed.saturating_add(one.min(other)).saturating_add(requests)
    }

    /// The wait that ends first where requests are quick.
    fn usual_wait(&self) -> Wait {
        let [one, other] = self.waits;
        if one.at(Duration::ZERO) <= other.at(Duration::ZERO) { one } else { other }
    }
}

impl Wait {
    const NONE: Self = Self { least: Duration::ZERO, requests: 0, most: Duration::ZERO };

    /// From one read to the next: one that waits for its answer is not replaced.
    const fn between_reads(config: &TimingConfig) -> Self {
        Self { least: config.retry_period, requests: 1, most: Duration::MAX }
    }

    /// From a request that hangs to the one that joins it.
    fn for_a_second_request(config: &TimingConfig) -> Self {
        let most = config.renew_deadline / 2;
        match config.renew_request_timeout {
            Some(timeout) => Self { least: timeout.min(most), requests: 0, most },
            None => Self { least: config.renew_deadline / 4, requests: 2, most },
        }
    }

    fn at(self, latency: Duration) -> Duration {
        latency.saturating_mul(self.requests).max(self.least).min(self.most)
    }
}

impl Bounds {
    pub(crate) fn of(config: &TimingConfig) -> Self {
        let &TimingConfig { lease_duration, renew_deadline, retry_period, .. } = config;
        let slack = renew_deadline.saturating_sub(retry_period);
        let reads = Wait::between_reads(config);
        let second = Wait::for_a_second_request(config);
        // A follower that reads less than twice a lease may bid, in vain, while the leader is well.
        let rarely = retry_period > lease_duration / 2;
        let unchanged = (retry_period * 3 / 2).min(lease_duration);
        Self {
            crash_polling: Bound::new(lease_duration, [reads; 2], if rarely { 4 } else { 3 }),
            crash_watching: Bound::new(lease_duration, [Wait::NONE; 2], 2),
            // A follower may bid, in vain, for the record before the last.
            death_polling: Bound::new(unchanged, [reads; 2], 4),
            death_watching: Bound::new(unchanged, [Wait::NONE; 2], 2),
            outage: Bound::new(retry_period / 8, [Wait::NONE; 2], 3),
            release_polling: Bound::new(Duration::ZERO, [reads; 2], 4),
            release_watching: Bound::new(Duration::ZERO, [Wait::NONE; 2], 4),
            lost_create: Bound::new(lease_duration, [second; 2], 3),
            lost_create_among_several: Bound::new(lease_duration, [second, reads], 3),
            belief: renew_deadline,
            time_to_stop: lease_duration.saturating_sub(renew_deadline),
            steady_latency: slack.min(renew_deadline / 2),
            hung_request_latency: (slack / 2).min(renew_deadline / 3),
            lost_answer_latency: (slack / 4).min(renew_deadline / 5),
            dead_connections: most_requests(config).saturating_sub(1),
            clock_rate_ppm: clock_rate_ppm(lease_duration, renew_deadline),
        }
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_sum(f, self.duration, self.requests)?;
        match self.usual_wait().requests {
            0 => Ok(()),
            more => {
                f.write_str(", or ")?;
                write_sum(f, self.fixed, self.requests + more)?;
                f.write_str(" if that is longer")
            }
        }
    }
}

fn write_sum(f: &mut fmt::Formatter<'_>, duration: Duration, requests: u32) -> fmt::Result {
    if !duration.is_zero() {
        write!(f, "{duration:?} and ")?;
    }
    write!(f, "{requests} requests")
}

impl fmt::Display for Bounds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "crash, polling         next leader within {}", self.crash_polling)?;
        writeln!(f, "crash, watching        next leader within {}", self.crash_watching)?;
        writeln!(f, "death told, polling    next leader within {}", self.death_polling)?;
        writeln!(f, "death told, watching   next leader within {}", self.death_watching)?;
        writeln!(f, "outage of the API      next leader within {}", self.outage)?;
        writeln!(f, "step-down, polling     next leader within {}", self.release_polling)?;
        writeln!(f, "step-down, watching    next leader within {}", self.release_watching)?;
        writeln!(f, "lost create            first leader within {}", self.lost_create)?;
        writeln!(
            f,
            "  among several        first leader within {}",
            self.lost_create_among_several
        )?;
        writeln!(f, "cut off from the API   belief ends after {:?}", self.belief)?;
        writeln!(f, "time to stop work      {:?}", self.time_to_stop)?;
        writeln!(f, "every request slow     nothing is lost below {:.1?}", self.steady_latency)?;
        writeln!(
            f,
            "one request hangs      nothing is lost below {:.1?}",
            self.hung_request_latency
        )?;
        writeln!(
            f,
            "one answer is lost     nothing is lost below {:.1?}",
            self.lost_answer_latency
        )?;
        writeln!(f, "dead connections       nothing is lost up to {}", self.dead_connections)?;
        let percent = (self.clock_rate_ppm / 10_000, self.clock_rate_ppm % 10_000 / 1_000);
        writeln!(f, "clock rate error       below {}.{} %", percent.0, percent.1)
    }
}

/// The largest rate error ρ with `D·(1+ρ) < L·(1−ρ)`.
fn clock_rate_ppm(lease: Duration, renew: Duration) -> u32 {
    let difference = lease.saturating_sub(renew).as_nanos();
    let sum = lease.as_nanos() + renew.as_nanos();
    u32::try_from(difference * 1_000_000 / sum).unwrap_or(u32::MAX)
}
