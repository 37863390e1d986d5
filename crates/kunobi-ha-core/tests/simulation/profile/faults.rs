//! The faults of a run, and how they are drawn.

use super::{Faults, News, Vandal, Weights};
use crate::simulation::{clock::MILLI, rng::Rng};

impl Faults {
    pub(super) fn draw(rng: &mut Rng, lease: u64) -> Self {
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
                rumour: 0,
                wish: 0,
            },
        }
    }

    /// Everything arrives in the end, and nearly everything too late.
    pub(super) fn sluggish(self, rng: &mut Rng) -> Self {
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
    pub(super) fn suit(&mut self, rng: &mut Rng, vandal: Vandal) {
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

    /// What is told is drawn last, and not at all where nothing is.
    pub(super) fn tell(&mut self, rng: &mut Rng, news: News) {
        let weights = &mut self.weights;
        match news {
            News::None => return,
            News::True => weights.crash = rng.between(2, 6),
            News::False => weights.rumour = rng.between(1, 4),
        }
        weights.wish = rng.below(3);
        weights.step_down = rng.below(4);
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
            weights: Weights::default(),
        }
    }
}
