//! How often an elector asks, and how often it wants to be woken.
//!
//! rule 11: not too many requests in ten retry periods, whatever fails

use std::{collections::VecDeque, time::Duration};

use kunobi_ha_core::{Input, Instant};

use super::{Broken, Promise, Scene, Witness, order::Order};

/// What was asked lately, and how often something happened at one and the same instant.
#[derive(Debug, Default)]
pub(super) struct Rates {
    contending: VecDeque<Instant>,
    holding: VecDeque<Instant>,
    requests: Repeated,
    wakes: Repeated,
}

#[derive(Debug, Default)]
struct Repeated {
    at: Option<Instant>,
    times: u32,
}

impl Witness {
    pub(super) fn count_wake(&mut self, scene: &Scene) -> Result<(), Broken> {
        if *scene.input != Input::Wake {
            return Ok(());
        }
        let times = self.rates.wakes.count(scene.now);
        self.watched.deny(Promise::Rate, times > MOST_WAKES_AT_ONCE, || {
            format!("woken {times} times at one instant")
        })
    }

    pub(super) fn count_request(&mut self, scene: &Scene) -> Result<(), Broken> {
        // A user that wants to lead again after a failure decides how often.
        if *scene.input == Input::Acquire {
            self.rates.contending.clear();
        }
        // What is told can be answered; what is asked of its own accord must take its time.
        let unasked = *scene.input == Input::Wake;
        let times = if unasked { self.rates.requests.count(scene.now) } else { 0 };
        self.watched.deny(Promise::Rate, times > MOST_REQUESTS_AT_ONCE, || {
            format!("{times} requests at one instant")
        })?;
        let window = scene.config.retry_period * PERIODS;
        // Who holds a Lease under a grace is seen as a candidate, and renews.
        let graced = !scene.config.create_grace.is_zero();
        let (asked, most) = if self.order == Order::Contending && !graced {
            (&mut self.rates.contending, most_of_candidate(scene, self.early.presses(scene)))
        } else {
            let most = if scene.false_conflicts { MOST_CONFLICTED } else { MOST_HOLDING };
            (&mut self.rates.holding, most)
        };
        let asked = count_within(asked, scene.now, window);
        self.watched.deny(Promise::Rate, asked > most, || {
            format!("{asked} requests in {PERIODS} retry periods as {:?}", self.order)
        })
    }
}

impl Repeated {
    fn count(&mut self, now: Instant) -> u32 {
        self.times = if self.at == Some(now) { self.times + 1 } else { 1 };
        self.at = Some(now);
        self.times
    }
}

/// Counts what happened in the time that ends now.
fn count_within(happened: &mut VecDeque<Instant>, now: Instant, window: Duration) -> usize {
    happened.push_back(now);
    while happened.front().is_some_and(|at| now.since(*at) >= window) {
        happened.pop_front();
    }
    happened.len()
}

/// A candidate reads a little more than once a period; where the user wants a second request after
/// a time that is shorter than an answer takes, each read is two.
fn most_of_candidate(scene: &Scene, presses: bool) -> usize {
    let reads = match scene.config.renew_request_timeout {
        None => 28,
        Some(_) => 40,
    };
    if presses {
        return reads + MOST_PRESSED;
    }
    // Its waits grow, but start again with each new record.
    if scene.false_conflicts { reads + 30 } else { reads }
}

/// All that follow are for this many retry periods.
const PERIODS: u32 = 10;
/// Rule O1: what fails is asked again after R/8.
const MOST_PRESSED: usize = 100;
const MOST_HOLDING: usize = 75;
/// A read and a write after each wait of a quarter.
const MOST_CONFLICTED: usize = 140;
const MOST_REQUESTS_AT_ONCE: u32 = 2;
const MOST_WAKES_AT_ONCE: u32 = 3;
