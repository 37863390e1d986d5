//! What a publication does to the world, and what the oracle says to it.

use kunobi_ha_core::{Input, Instant, Leadership, StepDownReason, Term};

use crate::simulation::{
    bugs::Bug,
    clock::SECOND,
    oracle::{Belief, Broken, Promise},
    profile::{News, Vandal},
    world::{Happening, World},
};

impl World {
    pub(crate) fn begins(&mut self, index: usize, term: Term) -> Result<(), Broken> {
        self.stats.terms += 1;
        let belief = self.replicas[index].witness.belief.as_ref();
        let place = belief.and_then(|belief| belief.rests_on).unwrap_or_default();
        let last = self.fence.replace((term.fence(), place));
        let back = last.is_some_and(|(fence, before)| {
            fence >= term.fence() && !self.is_excused(Some(before), Some(place))
        });
        self.watched
            .deny(Promise::Backwards, back, || format!("the fence went from {last:?} to {term}"))
    }

    pub(crate) fn publish(&mut self, index: usize, published: &Leadership) -> Result<(), Broken> {
        if let Leadership::Ended { reason, .. } = published {
            self.stats.lost += u64::from(*reason != StepDownReason::Cancelled);
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

    pub(crate) fn believe_without_term(
        &mut self,
        index: usize,
        valid_until: Instant,
    ) -> Result<(), Broken> {
        let belief = &mut self.replicas[index].witness.belief;
        let term = belief.as_ref().and_then(|belief| belief.term);
        *belief = Some(Belief { term, valid_until, uid: None, rests_on: None });
        self.check_overlap(index)
    }

    /// Belief begins at publications only, so that an overlap must show at one.
    fn check_overlap(&mut self, index: usize) -> Result<(), Broken> {
        self.set_rate(index);
        let beliefs = self.replicas.iter().enumerate().filter_map(|(of, replica)| {
            let belief = replica.witness.belief.as_ref()?;
            belief.holds_at(&replica.clock, self.now).then_some((of, belief))
        });
        let (own, others): (Vec<_>, Vec<_>) = beliefs.partition(|(of, _)| *of == index);
        let Some((_, own)) = own.first() else {
            return Ok(());
        };
        let rival = others.iter().find(|(_, other)| !self.is_excused(own.rests_on, other.rests_on));
        // Rumours are outside of what is assumed.
        let excused = self.profile.news == News::False && self.bug != Some(Bug::RumoursTold);
        let rival = rival.filter(|_| !excused);
        self.watched.deny(Promise::Overlap, rival.is_some(), || {
            format!("replicas {index} and {:?} believe at once", rival.map(|(of, _)| of))
        })
    }

    /// What two terms owe each other is void if a vandal came between the writes that they rest
    /// on, unless it is one that the rules provide for.
    fn is_excused(&self, one: Option<usize>, other: Option<usize>) -> bool {
        match self.profile.vandal {
            Vandal::None | Vandal::DeletesOnce | Vandal::Frees => false,
            // From a restore on, versions come again.
            Vandal::DoesAnything => {
                self.ledger.restored
                    || self.clocks_went_back
                    || one
                        .zip(other)
                        .is_some_and(|(one, other)| self.ledger.interfered_between(one, other))
            }
        }
    }

    /// A leader that is awake must come back before its deadline has passed.
    pub(crate) fn check_deadline(&self, index: usize) -> Result<(), Broken> {
        let replica = &self.replicas[index];
        let until = replica.witness.belief.as_ref().map(|belief| belief.valid_until);
        let late = until.is_some_and(|until| replica.wake_at.is_none_or(|wake| wake > until));
        self.watched.deny(Promise::Belief, late, || "a leader wakes after its deadline".into())
    }

    pub(crate) fn set_timer(&mut self, index: usize) {
        self.next_timer += 1;
        let replica = &mut self.replicas[index];
        replica.timer = self.next_timer;
        if let Some(wake) = replica.wake_at {
            let mut at = replica.clock.real_when(wake.as_nanos());
            if self.rng.chance(self.faults.late_timers) {
                at = at.saturating_add(self.rng.below(self.faults.timer_delay));
            }
            let event = Happening::Timer { of: index, timer: self.next_timer };
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
