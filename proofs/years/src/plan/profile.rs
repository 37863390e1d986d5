//! The settings of one run, and the faults that it knows.

use std::time::Duration;

use kunobi_ha::leader::{Bounds, Timing, TimingConfig};

use crate::{fault::Fault, random::Random};

/// The settings of one run.
#[derive(Clone, Debug)]
pub struct Profile {
    pub(crate) replicas: usize,
    /// One for all, or one for each replica.
    pub(crate) timings: Vec<TimingConfig>,
    pub(crate) watch: bool,
    /// Whether the runner owns the election, or a program that has none.
    pub(crate) operator: bool,
    /// Whether all replicas have the same identity.
    pub(crate) twins: bool,
    /// The largest error of a clock's rate.
    pub(crate) rate_error: i32,
    /// The shortest and the longest way of a request or an answer.
    pub(crate) way: (Duration, Duration),
    pub(crate) faults: Vec<Fault>,
    /// How many of a thousand faults wait for a phase.
    pub(crate) aimed: u64,
    /// The mean time between two faults.
    pub(crate) pace: Duration,
    /// How long faults happen in a cycle.
    pub(crate) storm: Duration,
}

impl Profile {
    pub(super) fn draw(random: &mut Random) -> Self {
        let replicas = usize::try_from(random.pick(&[2, 2, 3, 3, 3, 4, 5])).unwrap_or(3);
        let timings = draw_timings(random, replicas);
        let operator = random.chance(300);
        let tolerated =
            timings.iter().filter_map(|config| bounds(config).map(|b| b.clock_rate_ppm));
        let tolerated = i32::try_from(tolerated.min().unwrap_or(0)).unwrap_or(0) - 1;
        let rate_error = random.pick(&[0, 100, tolerated / 2, tolerated]);
        let longest = random.pick(&[2, 10, 60, 150]);
        let way = (Duration::from_micros(500), Duration::from_millis(longest));
        let mut faults: Vec<Fault> =
            Fault::ALL.into_iter().filter(|_| random.chance(400)).collect();
        let watch = random.chance(400);
        if !watch {
            faults.retain(|fault| !matches!(fault, Fault::WatchCut | Fault::WatchGone));
        }
        if operator {
            // The runner's own timers are tokio's, and can't be held.
            faults.retain(|fault| !matches!(fault, Fault::Pause | Fault::Suspend));
        }
        if faults.is_empty() {
            faults.push(Fault::Loss);
        }
        Self {
            replicas,
            watch,
            operator,
            twins: random.chance(100),
            rate_error,
            way,
            faults,
            aimed: 500,
            pace: random.millis(4_000, 45_000),
            storm: random.millis(240_000, 1_200_000),
            timings,
        }
    }

    pub(crate) fn timing(&self, replica: usize) -> &TimingConfig {
        &self.timings[replica % self.timings.len()]
    }

    /// Tells whether a Lease that is deleted may be taken at once by a replica that never saw it.
    pub(crate) fn is_graced(&self) -> bool {
        let first = &self.timings[0];
        let equal = self.timings.iter().all(|config| config == first);
        equal && first.create_grace >= first.lease_duration
    }

    pub(crate) fn longest_lease(&self) -> Duration {
        self.timings.iter().map(|config| config.lease_duration).max().unwrap_or_default()
    }

    pub(crate) fn longest_retry(&self) -> Duration {
        self.timings.iter().map(|config| config.retry_period).max().unwrap_or_default()
    }

    pub(crate) fn longest_grace(&self) -> Duration {
        self.timings.iter().map(|config| config.create_grace).max().unwrap_or_default()
    }

    /// The longest time from the send of a request to its answer, while nothing goes wrong.
    pub(crate) fn latency(&self) -> Duration {
        // Timers of tokio end at whole milliseconds.
        self.way.1 * 2 + Duration::from_millis(4)
    }

    /// Converts a time by the slowest clock.
    pub(crate) fn by_slowest(&self, time: Duration) -> Duration {
        let slowest = 1.0 - f64::from(self.rate_error) / 1_000_000.0;
        time.div_f64(slowest)
    }

    /// Returns how long work may take to stop after a loss, although clocks run at different rates.
    pub(crate) fn time_to_stop(&self, replica: usize) -> Duration {
        let config = self.timing(replica);
        let error = f64::from(self.rate_error) / 1_000_000.0;
        let taken = config.lease_duration.div_f64(1.0 + error);
        taken.saturating_sub(config.renew_deadline.div_f64(1.0 - error))
    }

    /// Returns what is left of that, if so much is left by the clock of this replica.
    pub(crate) fn time_left_to_stop(&self, replica: usize, left: Duration) -> Duration {
        let config = self.timing(replica);
        let margin = config.lease_duration.saturating_sub(config.renew_deadline);
        let passed = self.by_slowest(margin.saturating_sub(left));
        self.time_to_stop(replica).saturating_sub(passed + TIMER)
    }

    /// What may still be waited out from before the healing: a refusal, a Retry-After, a restart.
    pub(crate) fn calm(&self) -> Duration {
        let grace = self.longest_grace();
        let carried = if self.watch { WATCH_CARRIED } else { CARRIED };
        self.by_slowest(carried + self.longest_lease() * 2 + grace * 2 + self.longest_retry() * 4)
    }

    /// A storm, its healing, and the checks of the bounds.
    pub(crate) fn cycle(&self) -> Duration {
        let checks = self.by_slowest(self.longest_lease() * 3 + self.longest_retry() * 8);
        self.storm + self.calm() + checks + Duration::from_secs(30)
    }

    /// Returns the bounds of the slowest timing, for all figures.
    pub(crate) fn bounds(&self) -> Vec<Bounds> {
        self.timings.iter().filter_map(bounds).collect()
    }
}

fn bounds(config: &TimingConfig) -> Option<Bounds> {
    Some(Timing::new(config.clone()).ok()?.bounds())
}

fn draw_timings(random: &mut Random, replicas: usize) -> Vec<TimingConfig> {
    let mixed = random.chance(200);
    let graced = random.chance(400);
    let shared = random.pick(&TIMINGS);
    let timeout = random.pick(&[None, None, Some(300), Some(900)]);
    let observe = random.pick(&[20, 300]);
    let mut draw = || {
        let (lease, deadline, retry) = if mixed { random.pick(&TIMINGS) } else { shared };
        TimingConfig::default()
            .lease_duration(Duration::from_millis(lease))
            .renew_deadline(Duration::from_millis(deadline))
            .retry_period(Duration::from_millis(retry))
            .renew_request_timeout(timeout.map(Duration::from_millis))
            .observe_timeout(Duration::from_secs(observe))
            .create_grace(Duration::from_millis(if graced { lease } else { 0 }))
    };
    (0..if mixed { replicas } else { 1 }).map(|_| draw()).collect()
}

/// Lease duration, renew deadline and retry period, in milliseconds.
const TIMINGS: [(u64, u64, u64); 6] = [
    (15_000, 10_000, 2_000),
    (15_000, 10_000, 2_000),
    (15_000, 10_000, 2_000),
    (30_000, 20_000, 5_000),
    (60_000, 40_000, 10_000),
    (8_000, 5_000, 1_000),
];
/// The runner contends again after up to 60 s, and so does a replica whose terms were lost early.
const CARRIED: Duration = Duration::from_secs(65);
/// A watch that is silent is opened again after 90 s and a pause of up to 30 s.
const WATCH_CARRIED: Duration = Duration::from_secs(125);
/// Timers of tokio end at whole milliseconds.
const TIMER: Duration = Duration::from_millis(2);
