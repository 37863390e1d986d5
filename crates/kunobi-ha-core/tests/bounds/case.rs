//! What is drawn for one case: timings that fit together, and how long every request takes.

use std::time::Duration;

use kunobi_ha_core::{Bound, Bounds, Timing, TimingConfig};

use crate::bounds::rng::Rng;

pub(crate) const MILLI: u64 = 1_000_000;
pub(crate) const SECOND: u64 = 1_000 * MILLI;

#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) seed: u64,
    pub(crate) timing: Timing,
    /// From the send of a request to its answer; half of it on each way.
    pub(crate) latency: u64,
    pub(crate) replicas: usize,
    pub(crate) watching: bool,
}

/// Who takes part.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cast {
    pub(crate) least: u64,
    pub(crate) most: u64,
    pub(crate) watching: bool,
}

impl Case {
    pub(crate) fn draw(seed: u64, cast: Cast) -> Self {
        let mut rng = Rng::new(seed);
        let mut config = draw_timings(&mut rng);
        let bounds = parse(&config).bounds();
        let steady = nanos(bounds.steady_latency) * 97 / 100;
        let retry = nanos(config.retry_period);
        let latency = match rng.between(0, 4) {
            0 => 0,
            1 => rng.between(0, steady / 20),
            2 => rng.between(0, steady.min(retry)),
            _ => rng.between(0, steady),
        };
        let replicas = usize::try_from(rng.between(cast.least, cast.most)).unwrap();
        // The least that a release needs where every request is slow, or the default.
        let needed = Duration::from_nanos((3 * latency).max(MILLI));
        if rng.coin() || needed > config.release_timeout {
            config.release_timeout = needed;
        }
        let timing = parse(&config);
        Self { seed, timing, latency: latency / 2 * 2, replicas, watching: cast.watching }
    }

    /// The same, with another latency.
    pub(crate) fn with_latency(mut self, latency: Duration) -> Self {
        self.latency = nanos(latency) / 2 * 2;
        self
    }

    /// The same, where a second request comes as late as it may.
    pub(crate) fn with_a_late_second_request(mut self) -> Self {
        let config = self.timing.config().clone();
        let renew_request_timeout = Some(config.renew_deadline);
        self.timing = parse(&config.renew_request_timeout(renew_request_timeout));
        self
    }

    pub(crate) fn bounds(&self) -> Bounds {
        self.timing.bounds()
    }

    /// What a bound comes to in this case.
    pub(crate) fn at(&self, bound: impl Fn(Bounds) -> Bound) -> u64 {
        nanos(bound(self.bounds()).at(Duration::from_nanos(self.latency)))
    }

    pub(crate) fn lease(&self) -> u64 {
        nanos(self.timing.config().lease_duration)
    }

    pub(crate) fn retry(&self) -> u64 {
        nanos(self.timing.config().retry_period)
    }

    /// Followers may see so little of a leader that they bid for its lease, in vain.
    pub(crate) fn polls_rarely(&self) -> bool {
        2 * self.retry() > self.lease()
    }

    /// At most this lies between two renewals, and between two reads of one follower.
    pub(crate) fn period(&self) -> u64 {
        self.retry().max(self.latency)
    }
}

fn draw_timings(rng: &mut Rng) -> TimingConfig {
    let lease = rng.between(1, 60) * SECOND;
    let renew = rng.between(lease * 3 / 10, lease - MILLI);
    let retry = match rng.between(0, 3) {
        0 | 1 => rng.between(renew / 30, renew / 5),
        2 => rng.between(renew / 5, renew / 2),
        _ => rng.between(renew / 2, renew * 9 / 10),
    };
    let timeout = match rng.between(0, 3) {
        0 | 1 => None,
        2 => Some(rng.between(1, renew / 10)),
        _ => Some(rng.between(1, renew)),
    };
    TimingConfig::default()
        .lease_duration(Duration::from_nanos(lease))
        .renew_deadline(Duration::from_nanos(renew))
        .retry_period(Duration::from_nanos(retry))
        .renew_request_timeout(timeout.map(Duration::from_nanos))
}

fn parse(config: &TimingConfig) -> Timing {
    Timing::new(config.clone()).expect("drawn to fit together")
}

pub(crate) fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).expect("no longer than a run")
}
