//! What one run is made of: everything follows from its seed.

mod profile;

use std::time::Duration;

pub use self::profile::Profile;
use crate::{fault::Fault, phase::Phase, random::Random};

/// A run: its settings, and what goes wrong when.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What all of it was drawn from.
    pub seed: u64,
    /// For how long it runs.
    pub length: Duration,
    pub(crate) profile: Profile,
    pub(crate) incidents: Vec<Incident>,
}

/// One fault.
#[derive(Clone, Debug)]
pub(crate) struct Incident {
    pub(crate) at: Duration,
    pub(crate) fault: Fault,
    /// The replica that it strikes, unless another one is in the phase that it is aimed at.
    pub(crate) who: usize,
    pub(crate) aim: Option<Phase>,
    /// What its details are drawn from.
    pub(crate) seed: u64,
}

impl Plan {
    /// Draws a run.
    #[must_use]
    pub fn draw(seed: u64, length: Duration) -> Self {
        let mut random = Random::new(seed);
        let profile = Profile::draw(&mut random);
        let incidents = draw_incidents(&mut random, &profile, length);
        Self { seed, length, profile, incidents }
    }

    /// Returns how many faults happen in it.
    #[must_use]
    pub fn incidents(&self) -> usize {
        self.incidents.len()
    }

    /// Keeps these incidents only, by their numbers.
    #[must_use]
    pub fn keeping(&self, kept: &[usize]) -> Self {
        let incidents = kept.iter().filter_map(|index| self.incidents.get(*index).cloned());
        Self { incidents: incidents.collect(), ..self.clone() }
    }

    /// Returns the same faults in a run of another length.
    #[must_use]
    pub fn lasting(&self, length: Duration) -> Self {
        Self { length, ..self.clone() }
    }
}

/// Faults happen in the stormy part of each cycle. The rest is for the healing.
fn draw_incidents(random: &mut Random, profile: &Profile, length: Duration) -> Vec<Incident> {
    let mut incidents = Vec::new();
    let mut begin = Duration::ZERO;
    while begin < length {
        let storm_end = begin + profile.storm;
        let mut at = begin;
        loop {
            at += random.up_to(profile.pace * 2);
            if at >= storm_end {
                break;
            }
            let fault = random.pick(&profile.faults);
            let aim = random.chance(profile.aimed).then(|| random.pick(&Phase::ALL));
            let aim = aim.filter(|phase| fault.impossible(*phase).is_none());
            let who = usize::try_from(random.between(0, profile.replicas as u64 - 1));
            let seed = random.seed();
            incidents.push(Incident { at, fault, who: who.unwrap_or_default(), aim, seed });
        }
        begin += profile.cycle();
    }
    incidents
}
