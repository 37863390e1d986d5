//! What the table "Outside the theorem" of PROTOCOL.md allows after a fault that is excluded.

use std::time::Duration;

/// Lets one former leader lead, or work, beside the next one.
///
/// It concerns the term that a replica had, or was about to hear of, when the fault struck. It is over with
/// the replica's next write that is applied, and with the deadline of its last write before the fault, which
/// is at most D away by its own clock. A former leader whose next write is refused ends its term by itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Excuse {
    /// By the clock of the replica.
    leads_until: Duration,
    /// The time to stop work comes after that: nobody was to lead meanwhile.
    works_until: Duration,
}

impl Excuse {
    /// Begins now, for a replica whose last write gives belief until `backing`, if that is ahead. Its
    /// work has another `margin` to stop.
    pub(super) fn new(now: Duration, backing: Option<Duration>, margin: Duration) -> Self {
        // Work may run without a belief: it has not heard yet that a clock went back.
        let leads_until = backing.unwrap_or(now);
        Self { leads_until, works_until: leads_until + margin }
    }

    pub(super) fn may_lead(&self, now: Duration) -> bool {
        now < self.leads_until
    }

    pub(super) fn may_work(&self, now: Duration) -> bool {
        now < self.works_until
    }

    /// The clock that it is measured by went back.
    pub(super) fn go_back(&mut self, step: Duration) {
        self.leads_until = self.leads_until.saturating_sub(step);
        self.works_until = self.works_until.saturating_sub(step);
    }

    /// The clock that it is measured by jumped ahead. That ends the belief, but work hears of it at the next
    /// wake-up of the election only (rule 3), and timers don't follow the clock.
    pub(super) fn go_ahead(&mut self, step: Duration) {
        self.works_until += step;
    }
}
