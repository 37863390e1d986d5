//! What a publication does to the world, and what the oracle says to it.

use kunobi_ha_core::{Input, Instant, Leadership, StepDownReason};

use crate::simulation::{
    bugs::Bug,
    clock::SECOND,
    oracle::Belief,
    profile::Vandal,
    world::{Event, World},
};

impl World {
    pub(crate) fn publish(&mut self, index: usize, published: &Leadership) -> Result<(), String> {
        let begun = self.replicas[index].witness.publish(published)?;
        if let Leadership::Ended { reason, .. } = published {
            self.stats.lost += u64::from(*reason != StepDownReason::Cancelled);
        }
        if let Some(term) = begun {
            self.stats.terms += 1;
            let last = self.fence.replace(term.fence());
            if last >= Some(term.fence()) && self.is_strict() {
                return Err(format!("the fence went from {last:?} to {term}"));
            }
        }
        let again = match published {
            Leadership::Leading { .. } => return self.check_overlap(index),
            Leadership::Following { .. } => false,
            Leadership::Ended { .. }
            | Leadership::Released(_)
            | Leadership::Failed(_)
            | Leadership::Withdrawn => true,
        };
        self.set_rate(index);
        if again {
            let delay = self.rng.below(3 * SECOND);
            self.tell_later(index, delay, Input::Acquire);
        }
        Ok(())
    }

    /// A planted bug is to be found by what it leads to, and a restore makes versions repeat.
    pub(crate) fn is_strict(&self) -> bool {
        self.bug.is_none() && self.profile.vandal != Vandal::DoesAnything
    }

    pub(crate) fn believe_without_term(
        &mut self,
        index: usize,
        valid_until: Instant,
    ) -> Result<(), String> {
        let belief = &mut self.replicas[index].witness.belief;
        let term = belief.and_then(|belief| belief.term);
        *belief = Some(Belief { term, valid_until });
        self.check_overlap(index)
    }

    /// Belief begins at publications only, so that an overlap must show at one.
    fn check_overlap(&mut self, index: usize) -> Result<(), String> {
        self.set_rate(index);
        if self.profile.vandal == Vandal::DoesAnything {
            return Ok(());
        }
        let believes = |index: &usize| {
            let replica = &self.replicas[*index];
            let belief = replica.witness.belief;
            belief.is_some_and(|belief| belief.holds_at(&replica.clock, self.now))
        };
        let mut others = (0..self.replicas.len()).filter(|other| *other != index);
        match others.find(believes) {
            Some(other) if believes(&index) => {
                Err(format!("replicas {index} and {other} believe at once"))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// A leader that is awake must come back before its deadline has passed.
    pub(crate) fn check_deadline(&self, index: usize) -> Result<(), String> {
        let replica = &self.replicas[index];
        match (replica.witness.belief, replica.wake_at) {
            (Some(_), _) if self.bug.is_some() => Ok(()),
            (Some(belief), Some(wake)) if wake > belief.valid_until => {
                Err("a leader wakes after its deadline".into())
            }
            (Some(_), None) => Err("a leader never wakes".into()),
            (Some(_), Some(_)) | (None, _) => Ok(()),
        }
    }

    pub(crate) fn set_timer(&mut self, index: usize) {
        self.next_timer += 1;
        let replica = &mut self.replicas[index];
        replica.timer = self.next_timer;
        if let Some(wake) = replica.wake_at {
            let at = replica.clock.real_when(wake.as_nanos());
            let event = Event::Timer { of: index, timer: self.next_timer };
            self.schedule(at.saturating_sub(self.now), event);
        }
    }

    /// Some planted bugs sit in the clock.
    pub(crate) fn set_rate(&mut self, index: usize) {
        let replica = &mut self.replicas[index];
        let paused = replica.paused_until > self.now;
        let leading = replica.witness.belief.is_some();
        let error = match self.bug {
            Some(Bug::HalfTheWait) if leading => 0,
            Some(Bug::HalfTheWait) => 1_000_000,
            Some(Bug::ClockStopsInPauses) if paused => -1_000_000,
            Some(Bug::ClockStopsInPauses) => 0,
            Some(_) | None => return,
        };
        if replica.clock.error() != error {
            replica.clock.run_at(self.now, error);
            self.set_timer(index);
        }
    }
}
