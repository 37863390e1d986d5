//! After the storm: a leader is there in time, and the next one after it, as the bounds say.

use std::time::Duration;

use tokio::time::{sleep, timeout};

use super::Fleet;
use crate::{
    fault::Fault,
    phase::Phase,
    promise::{Planted, Promise},
};

/// What a bound of `Timing::bounds()` is about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Handover {
    Crash,
    StepDown,
}

impl Fleet {
    /// Ends all faults. Then a leader has to be there, and a new one after a crash and a step-down.
    pub(super) async fn heal(&self) {
        self.heal_the_network();
        if self.world.has(Planted::Unhealed) {
            for machine in self.machines.iter() {
                self.world.link(machine.index).begin(Fault::CutRequests, 1_000);
            }
        }
        self.world.note("healed", 0, 0, 0);
        let profile = &self.world.plan.profile;
        let calm = self.world.now() + profile.calm();
        if timeout(profile.calm(), self.wait_for(Phase::Leading, 0)).await.is_err() {
            let waited = profile.calm();
            self.world.deny(Promise::Liveness, || format!("nobody leads {waited:?} after healing"));
            return;
        }
        // What was backed off from before the healing is over by then.
        self.sleep_until(calm).await;
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
        let (handover, began) = self.end_leading(leader, handover).await;
        let terms = self.world.checker().terms;
        let bound = self.bound(handover);
        let left = (began + bound).saturating_sub(self.world.now());
        let next = timeout(left, self.next_term(terms)).await;
        let took = self.world.now().saturating_sub(began);
        self.world.note("handover", leader, u64::from(next.is_ok()), 0);
        if next.is_err() {
            self.world.deny(Promise::Liveness, || {
                format!("nobody leads {took:?} after the {handover:?} of {leader}")
            });
        }
        if !self.machines[leader].runs() {
            self.machines[leader].start(true);
        }
    }

    /// Ends the leader; returns what kind of an end that is, and from when on it counts.
    async fn end_leading(&self, leader: usize, handover: Handover) -> (Handover, Duration) {
        let last_sent = |fleet: &Self| fleet.world.checker().witnesses[leader].last_sent();
        match handover {
            Handover::Crash => {
                let sent = last_sent(self);
                self.machines[leader].kill();
                (handover, sent)
            }
            Handover::StepDown => {
                self.machines[leader].ask_to_end();
                // Its work drains first.
                let over = async {
                    loop {
                        let moved = self.world.moved.notified();
                        if self.world.checker().phase(leader) != Some(Phase::Leading) {
                            return;
                        }
                        moved.await;
                    }
                };
                let _ = timeout(LONGEST_DRAIN, over).await;
                if self.machines[leader].is_stubborn() {
                    (Handover::Crash, last_sent(self))
                } else {
                    (handover, self.world.now())
                }
            }
        }
    }

    async fn next_term(&self, before: u64) {
        loop {
            let moved = self.world.moved.notified();
            if self.world.checker().terms > before {
                return;
            }
            moved.await;
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
        profile.by_slowest(bound)
    }
}

/// The runner's drain and abort budgets are within it.
const LONGEST_DRAIN: Duration = Duration::from_secs(25);
