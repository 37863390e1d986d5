//! News of deaths: what the kubelet says of the process that holds the Lease.

use alloc::boxed::Box;

use crate::{
    lease_view::Observation,
    record::{LeaseRecord, LeaseTime},
    time::{Instant, Timestamp},
    timing::TimingConfig,
};

/// What was told, and from when on it counts.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct News {
    dead: Option<Dead>,
    /// Rule C4: nothing that was told counts before this, because the server went back.
    counts_from: Instant,
}

/// A term whose process has ended.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
struct Dead {
    holder: Box<str>,
    acquire_time: Timestamp,
}

impl Default for News {
    fn default() -> Self {
        Self { dead: None, counts_from: Instant::from_nanos(0) }
    }
}

impl News {
    /// Rule C4: the news applies to each record of this term, until one of another term is read.
    pub(super) fn told(&mut self, holder: Box<str>, acquire_time: Timestamp) {
        self.dead = Some(Dead { holder, acquire_time });
    }

    /// This record was read or written.
    pub(super) fn shown(&mut self, record: &LeaseRecord) {
        self.dead.take_if(|dead| !dead.held(record));
    }

    /// Rule C4: what the kubelet says may be of a later time than what the server shows now.
    pub(super) fn doubt_until(&mut self, until: Instant) {
        self.counts_from = until;
    }

    /// Returns from when on this Lease may be taken from a holder that has died (rule C7), if that is
    /// known; `names_us`: it died under our identity.
    pub(super) fn takeable_from(
        &self,
        seen: &Observation,
        names_us: bool,
        config: &TimingConfig,
    ) -> Option<Instant> {
        self.dead.as_ref().filter(|dead| dead.held(&seen.lease.record))?;
        // Rule C7 (a): a leader that renews is never overthrown, even by news that are false.
        let unchanged = seen.since.after(config.retry_period * 3 / 2);
        // Rule C5: a container that was started again need not wait for its own last run.
        let restarted = names_us && config.create_grace.is_zero();
        // Rule C7 (b): a leader that a create grace waits for may still believe.
        let settled =
            if restarted { seen.term_since } else { seen.term_since.after(config.lease_duration) };
        Some(unchanged.max(settled).max(self.counts_from))
    }
}

impl Dead {
    fn held(&self, record: &LeaseRecord) -> bool {
        record.holder.as_ref() == Some(&self.holder)
            && record.acquire_time == LeaseTime::At(self.acquire_time)
    }
}

#[cfg(feature = "model")]
impl News {
    pub(super) fn canonical(&mut self, frame: &crate::model::Frame) {
        let doubted = frame.deaths && self.counts_from > frame.now;
        self.counts_from =
            if doubted { frame.moved(self.counts_from) } else { Instant::from_nanos(0) };
    }

    pub(super) fn rename(&mut self, names: &mut dyn crate::model::Rename) {
        // Terms that no record can show are all one.
        if let Some(dead) = &mut self.dead
            && !names.remembered(&mut dead.acquire_time)
        {
            dead.acquire_time = Timestamp::EPOCH;
        }
    }

    pub(super) fn forget(&mut self) {
        self.dead = None;
    }
}
