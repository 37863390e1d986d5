//! Bugs in what an elector says.

use kunobi_ha_core::{Instant, Leadership, Release, Step, StepDownReason};

use super::{Bug, Disguise};

impl Disguise {
    pub(super) fn misstate(&mut self, bug: Bug, now: Instant, step: &mut Step) {
        match (bug, &mut step.publish) {
            (Bug::NoSleep, _) => step.wake_at = Some(now),
            (Bug::ShortenedBelief, Some(Leadership::Leading { valid_until, .. })) => {
                self.published += 1;
                let less = self.published.min(1_000) * 1_000_000_000;
                let until = valid_until.as_nanos().saturating_sub(less);
                *valid_until = Instant::from_nanos(until.max(now.as_nanos() + 1));
            }
            (
                Bug::UnconfirmedRelease,
                Some(Leadership::Released(said @ Release::StillHeld { .. })),
            ) => *said = Release::Released,
            (Bug::GuessedLoss, Some(Leadership::Released(said @ Release::StillHeld { .. }))) => {
                *said = Release::NotOurs;
            }
            (Bug::HeldTooShort, Some(Leadership::Released(Release::StillHeld { until }))) => {
                *until = now;
            }
            (Bug::OverwrittenEnd, Some(said @ Leadership::Ended { .. })) => {
                *said = Leadership::Released(Release::NotOurs);
            }
            (
                Bug::OverlookedEnd,
                Some(Leadership::Ended { reason: StepDownReason::HolderChanged, .. }),
            ) => step.publish = None,
            (_, Some(_) | None) => {}
        }
    }
}
