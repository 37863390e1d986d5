//! What one run is made of: each seed draws its own mix of settings and faults.

mod faults;

use std::time::Duration;

use kunobi_ha_core::{Timing, TimingConfig};

use crate::simulation::{clock::SECOND, rng::Rng};

/// What somebody that is not an elector does to the Lease.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Vandal {
    /// Nothing that the theorem excludes.
    None,
    /// Deletes the Lease once; all creators observe a grace.
    DeletesOnce,
    /// Frees the Lease under its holder, in front of everybody's eyes.
    Frees,
    /// Deletes, edits, replaces and restores.
    DoesAnything,
}

/// What is told of processes that have ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum News {
    /// Nothing; nobody has wishes either.
    None,
    /// What is so.
    True,
    /// What is not so: two may believe at once.
    False,
}

/// Who else has a part in a run.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Setting {
    pub(crate) vandal: Vandal,
    pub(crate) news: News,
}

/// Shares are per mille.
#[derive(Clone, Debug)]
pub(crate) struct Profile {
    pub(crate) timings: Vec<Timing>,
    pub(crate) twins: bool,
    pub(crate) watching: bool,
    /// The largest error of a clock's rate, in parts per million.
    pub(crate) rate_error: i64,
    pub(crate) creates_on_put: bool,
    pub(crate) faults: Faults,
    /// For how long faults happen.
    pub(crate) stormy_for: u64,
    pub(crate) vandal: Vandal,
    pub(crate) news: News,
}

#[derive(Clone, Debug)]
pub(crate) struct Faults {
    pub(crate) latency: u64,
    pub(crate) slow: u64,
    pub(crate) slow_by: u64,
    pub(crate) lost_before: u64,
    pub(crate) lost_after: u64,
    pub(crate) doubled: u64,
    pub(crate) unknown: u64,
    pub(crate) rejected: u64,
    /// Writes that are answered with 409 whatever they carry.
    pub(crate) conflicted: u64,
    pub(crate) refused: u64,
    pub(crate) stale_reads: u64,
    pub(crate) watch_lost: u64,
    pub(crate) watch_late: u64,
    /// How many timers are late: a busy process takes an answer first.
    pub(crate) late_timers: u64,
    pub(crate) timer_delay: u64,
    /// How often something happens to a replica or the Lease, on average.
    pub(crate) incident_every: u64,
    pub(crate) weights: Weights,
}

/// How likely each kind of incident is, relative to the others.
#[derive(Clone, Debug, Default)]
pub(crate) struct Weights {
    pub(crate) crash: u64,
    pub(crate) cut: u64,
    pub(crate) pause: u64,
    pub(crate) step_down: u64,
    pub(crate) stop: u64,
    pub(crate) relabel: u64,
    pub(crate) drift: u64,
    pub(crate) step_back: u64,
    pub(crate) delete: u64,
    pub(crate) edit: u64,
    pub(crate) free: u64,
    pub(crate) replace: u64,
    pub(crate) restore: u64,
    pub(crate) rumour: u64,
    pub(crate) wish: u64,
}

impl From<Vandal> for Setting {
    fn from(vandal: Vandal) -> Self {
        Self { vandal, news: News::None }
    }
}

impl Profile {
    pub(crate) fn draw(rng: &mut Rng, setting: Setting) -> Self {
        let Setting { vandal, news } = setting;
        let replicas = rng.between(2, 4);
        let mut timings: Vec<_> = draw_configs(rng, replicas, vandal);
        if vandal == Vandal::DeletesOnce {
            for timing in &mut timings {
                timing.create_grace = timing.lease_duration;
            }
        }
        let timings: Vec<_> =
            timings.into_iter().map(|config| Timing::new(config).unwrap()).collect();
        let bounds = timings.iter().map(|t| t.bounds().clock_rate_ppm);
        let tolerated = i64::from(bounds.min().unwrap()) - 1;
        let rate_error = rng.pick(&[0, tolerated / 2, tolerated, tolerated]);
        let lease = longest_lease(&timings);
        let mut faults = Faults::draw(rng, lease);
        if rng.chance(100) {
            faults = faults.sluggish(rng);
        }
        faults.suit(rng, vandal);
        faults.tell(rng, news);
        Self {
            twins: rng.chance(250),
            watching: rng.chance(350),
            rate_error,
            creates_on_put: rng.chance(850),
            faults,
            stormy_for: lease * rng.between(3, 8),
            vandal,
            news,
            timings,
        }
    }

    /// Within what time somebody must lead once all faults have stopped.
    pub(crate) fn recovers_within(&self) -> u64 {
        let lease = longest_lease(&self.timings);
        let retry = self.timings.iter().map(|t| t.config().retry_period).max();
        let retry = u64::try_from(retry.unwrap().as_nanos()).unwrap();
        let grace = self.timings.iter().map(|t| t.config().create_grace).max();
        let grace = u64::try_from(grace.unwrap().as_nanos()).unwrap();
        // A clock may run slow, a Retry-After or a refusal may hold for 30 s, and the user may
        // be 3 s late to ask again.
        let local = 2 * lease + 2 * grace + 4 * retry + 35 * SECOND;
        let slowest = u64::try_from(1_000_000 - self.rate_error).unwrap();
        local / slowest * 1_000_000
    }
}

fn draw_configs(rng: &mut Rng, replicas: u64, vandal: Vandal) -> Vec<TimingConfig> {
    // A grace is as long as the lease of its creator, and what was cleared is waited out as the
    // record that was read before: both protect among equals.
    let among_equals = matches!(vandal, Vandal::DeletesOnce | Vandal::Frees);
    let mixed = rng.chance(250) && !among_equals;
    let shared = rng.pick(&TIMINGS);
    let watchful = rng.chance(200);
    let request_timeout = rng.pick(&[None, None, None, Some(50), Some(300), Some(900)]);
    let graced = rng.chance(400);
    let release = rng.pick(&[3_000, 3_000, 500, 0]);
    let mut draw = || {
        let (lease, deadline, retry) = if mixed { rng.pick(&TIMINGS) } else { shared };
        TimingConfig::default()
            .lease_duration(Duration::from_millis(lease))
            .renew_deadline(Duration::from_millis(deadline))
            .retry_period(Duration::from_millis(retry))
            .renew_request_timeout(
                request_timeout.map(|ms| Duration::from_millis(ms.min(deadline))),
            )
            .observe_timeout(Duration::from_secs(if watchful { 20 } else { 300 }))
            .create_grace(Duration::from_millis(if graced { lease } else { 0 }))
            .release_timeout(Duration::from_millis(release))
    };
    (0..replicas).map(|_| draw()).collect()
}

fn longest_lease(timings: &[Timing]) -> u64 {
    let longest = timings.iter().map(|t| t.config().lease_duration).max();
    u64::try_from(longest.unwrap().as_nanos()).unwrap()
}

/// Lease duration, renew deadline and retry period, in milliseconds.
const TIMINGS: [(u64, u64, u64); 7] = [
    (15_000, 10_000, 2_000),
    (15_000, 10_000, 2_000),
    (5_000, 3_000, 1_000),
    (60_000, 40_000, 10_000),
    (3_000, 2_000, 500),
    (10_000, 9_000, 2_000),
    (2_000, 1_900, 400),
];
