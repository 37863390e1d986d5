//! Taking a Lease back that a short outage has cost us (rule O1).

use core::time::Duration;

use crate::{
    lease::{Lease, Tenure},
    time::{Instant, Timestamp},
    timing::TimingConfig,
};

/// What an elector remembers of the term that it lost, and of when it took one back.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub(super) struct Retake {
    lost: Option<Lost>,
    /// When an early retake was sent last, and for which bid.
    last: Option<(Instant, Timestamp)>,
}

/// A long term that its deadline has ended.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
struct Lost {
    tenure: Tenure,
    at: Instant,
}

impl Retake {
    /// A term that was led for so long has ended by its deadline.
    pub(super) fn lapsed(
        &mut self,
        tenure: &Tenure,
        lasted: Duration,
        at: Instant,
        lease: Duration,
    ) {
        let long = lasted >= lease.saturating_mul(LONG_TERM);
        self.lost = long.then(|| Lost { tenure: tenure.clone(), at });
    }

    /// There is nothing to take back.
    pub(super) fn forget(&mut self) {
        self.lost = None;
    }

    /// This Lease was shown: another term in it leaves nothing to take back.
    pub(super) fn shown(&mut self, lease: &Lease, me: &str) {
        self.lost.take_if(|lost| !lost.tenure.is_shown_by(lease, me));
    }

    /// Tells whether this Lease shows the term that was lost.
    pub(super) fn is_shown_by(&self, lease: &Lease, me: &str) -> bool {
        self.lost.as_ref().is_some_and(|lost| lost.tenure.is_shown_by(lease, me))
    }

    /// Tells whether what fails is asked again soon, because an outage is likely that will be over
    /// soon.
    pub(super) fn presses(&self, now: Instant, config: &TimingConfig) -> bool {
        self.lost.as_ref().is_some_and(|lost| now < lost.at.after(config.lease_duration))
    }

    /// Returns from when on the bid with this acquireTime may take the Lease back early: an hour
    /// after the last one.
    pub(super) fn allowed_from(&self, bid: Option<Timestamp>) -> Instant {
        match self.last {
            Some((at, of)) if bid != Some(of) => at.after(BETWEEN_TWO),
            Some(_) | None => Instant::from_nanos(0),
        }
    }

    /// This bid is sent early.
    pub(super) fn sent(&mut self, bid: Timestamp, now: Instant) {
        self.last = Some((now, bid));
    }

    /// Begins again: the clock that it was measured by went back.
    pub(super) fn restart(&mut self, now: Instant) {
        self.lost = None;
        if let Some((at, _)) = &mut self.last {
            *at = now;
        }
    }
}

/// Shorter terms are not taken back early: in lease durations.
const LONG_TERM: u32 = 4;
/// A replica whose own network flaps would keep the Lease from healthy ones.
const BETWEEN_TWO: Duration = Duration::from_secs(3600);

#[cfg(feature = "model")]
impl Retake {
    /// The search either lets every term be taken back, or none.
    pub(super) fn suppose(&mut self, frame: &crate::model::Frame) {
        self.last = None;
        self.lost.take_if(|_| !frame.retakes);
    }

    /// What failed is asked again soon for so long.
    pub(super) fn canonical(&mut self, horizon: Duration, frame: &crate::model::Frame) {
        self.suppose(frame);
        if let Some(lost) = &mut self.lost {
            lost.at = frame.within(horizon, lost.at);
            // Only a holder publishes its fence.
            lost.tenure.forget_fence();
        }
    }

    pub(super) fn rename(&mut self, names: &mut dyn crate::model::Rename) {
        if let Some(lost) = &mut self.lost {
            lost.tenure.rename(names);
        }
    }
}
