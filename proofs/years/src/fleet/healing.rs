//! After the storm: a leader is there in time, and the next one after it, as the bounds say.

use std::time::Duration;

use tokio::time::sleep;

use super::Fleet;
use crate::{
    phase::Phase,
    promise::{Planted, Promise},
};

/// What a bound of `Timing::bounds()` is about.
#[derive(Clone, Copy, Debug)]
enum Handover {
    Crash,
    StepDown,
}

impl Fleet {
    /// Ends all faults. Then a leader has to be there, and a new one after a crash and a step-down.
    pub(super) async fn heal(&self) {
        if !self.world.has(Planted::Unhealed) {
            self.heal_the_network();
        }
        self.world.note("healed", 0, 0, 0);
        let profile = &self.world.plan.profile;
        if !self.wait_for_leader(profile.calm()).await {
            let waited = profile.calm();
            self.world.deny(Promise::Liveness, || format!("nobody leads {waited:?} after healing"));
            return;
        }
        // What was backed off from before the healing is over by then.
        self.sleep_until(self.world.now() + profile.calm()).await;
        self.check_handover(Handover::Crash).await;
        sleep(profile.by_slowest(profile.longest_retry() * 3)).await;
        self.check_handover(Handover::StepDown).await;
    }

    /// The leader ends, and the next one is there in time.
    async fn check_handover(&self, handover: Handover) {
        let Some(leader) = self.world.checker().find(Phase::Leading, 0) else {
            self.world.deny(Promise::Liveness, || format!("nobody leads before the {handover:?}"));
            return;
        };
        let began = self.world.now();
        match handover {
            Handover::Crash => self.machines[leader].kill(),
            Handover::StepDown => self.machines[leader].ask_to_end(),
        }
        self.world.checker().led_at = None;
        let bound = self.bound(handover);
        let took =
            if self.wait_for_next(bound).await { Some(self.world.now() - began) } else { None };
        self.world.note("handover", leader, u64::from(took.is_some()), 0);
        if took.is_none() {
            self.world.deny(Promise::Liveness, || {
                format!("nobody leads within {bound:?} after the {handover:?} of {leader}")
            });
        }
        if matches!(handover, Handover::Crash) {
            self.machines[leader].start(true);
        }
    }

    /// Returns what the bounds say, by the slowest clock and the slowest timing.
    fn bound(&self, handover: Handover) -> Duration {
        let profile = &self.world.plan.profile;
        let latency = profile.latency();
        let each = profile.bounds().into_iter().map(|bounds| match (handover, profile.watch) {
            (Handover::Crash, false) => bounds.crash_polling.at(latency),
            (Handover::Crash, true) => bounds.crash_watching.at(latency),
            (Handover::StepDown, false) => bounds.release_polling.at(latency),
            (Handover::StepDown, true) => bounds.release_watching.at(latency),
        });
        let bound = each.max().unwrap_or_default();
        // The program lets its work drain before it gives the Lease back.
        let drains = match handover {
            Handover::Crash => Duration::ZERO,
            Handover::StepDown => LONGEST_DRAIN,
        };
        profile.by_slowest(bound) + drains
    }

    async fn wait_for_leader(&self, longest: Duration) -> bool {
        self.wait_for_next(longest).await
    }

    async fn wait_for_next(&self, longest: Duration) -> bool {
        let leader = self.wait_for(Phase::Leading, 0);
        tokio::time::timeout(longest, leader).await.is_ok()
    }
}

/// Of both programs.
const LONGEST_DRAIN: Duration = Duration::from_secs(5);
