//! What one run is made of: each seed draws its own mix of settings and faults.

use std::time::Duration;

use kunobi_ha_core::{Timing, TimingConfig};

use crate::simulation::{
    clock::{MILLI, SECOND},
    rng::Rng,
};

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
#[derive(Clone, Debug)]
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
}

impl Profile {
    pub(crate) fn draw(rng: &mut Rng, vandal: Vandal) -> Self {
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
        Self {
            twins: rng.chance(250),
            watching: rng.chance(350),
            rate_error,
            creates_on_put: rng.chance(850),
            faults,
            stormy_for: lease * rng.between(3, 8),
            vandal,
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

impl Faults {
    fn draw(rng: &mut Rng, lease: u64) -> Self {
        let rare = |rng: &mut Rng| rng.pick(&[0, 0, 0, 0, 20, 100, 300, 300, 900]);
        Self {
            latency: rng.pick(&[MILLI, 20 * MILLI, 300 * MILLI, lease / 20, lease / 8]),
            slow: rare(rng),
            slow_by: lease / 3 * 4,
            lost_before: rare(rng),
            lost_after: rare(rng),
            doubled: rare(rng),
            unknown: rare(rng),
            rejected: rare(rng),
            conflicted: rng.pick(&[0, 0, 0, 0, 0, 0, 0, 0, 300, 1000]),
            refused: rng.pick(&[0, 0, 0, 0, 5, 30]),
            stale_reads: rng.pick(&[0, 0, 0, 50, 300]),
            watch_lost: rare(rng),
            watch_late: rare(rng),
            late_timers: rare(rng),
            timer_delay: lease / rng.pick(&[50, 8, 2]),
            incident_every: lease / rng.between(1, 6),
            weights: Weights {
                crash: rng.below(4),
                cut: rng.below(6),
                pause: rng.below(4),
                step_down: rng.below(4),
                stop: rng.below(2),
                relabel: rng.below(3),
                drift: rng.below(4),
                step_back: 0,
                delete: 0,
                edit: 0,
                free: 0,
                replace: 0,
                restore: 0,
            },
        }
    }

    /// Everything arrives in the end, and nearly everything too late.
    fn sluggish(self, rng: &mut Rng) -> Self {
        Self {
            slow: rng.pick(&[300, 600, 900]),
            lost_before: 0,
            rejected: 0,
            conflicted: 0,
            refused: 0,
            late_timers: 900,
            timer_delay: self.slow_by / 4,
            ..self
        }
    }

    /// Leaves out what the vandal makes harmful, and adds what it does.
    fn suit(&mut self, rng: &mut Rng, vandal: Vandal) {
        let weights = &mut self.weights;
        match vandal {
            Vandal::None | Vandal::DeletesOnce => {}
            Vandal::Frees => {
                // Who remembers no holder, or the release of one, takes what is free at once.
                weights.crash = 0;
                weights.step_down = 0;
                weights.free = rng.between(1, 4);
                // They would pass for a rewind, after which everything is forgotten.
                self.stale_reads = 0;
            }
            Vandal::DoesAnything => {
                weights.delete = rng.below(3);
                weights.edit = rng.below(3);
                weights.free = rng.below(2);
                weights.replace = rng.below(2);
                weights.restore = rng.pick(&[0, 0, 1]);
                weights.step_back = rng.pick(&[0, 0, 1]);
            }
        }
    }

    /// A network and processes that work.
    pub(crate) fn none() -> Self {
        Self {
            latency: MILLI,
            slow: 0,
            slow_by: 1,
            lost_before: 0,
            lost_after: 0,
            doubled: 0,
            unknown: 0,
            rejected: 0,
            conflicted: 0,
            refused: 0,
            stale_reads: 0,
            watch_lost: 0,
            watch_late: 0,
            late_timers: 0,
            timer_delay: 1,
            incident_every: u64::MAX,
            weights: Weights {
                crash: 0,
                cut: 0,
                pause: 0,
                step_down: 0,
                stop: 0,
                relabel: 0,
                drift: 0,
                step_back: 0,
                delete: 0,
                edit: 0,
                free: 0,
                replace: 0,
                restore: 0,
            },
        }
    }
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
