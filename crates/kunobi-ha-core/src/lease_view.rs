//! What an elector knows of the Lease, and since when by its own clock.

use core::time::Duration;

use crate::{
    lease::{Lease, Version},
    record::{LeaseRecord, LeaseTime},
    request::AttemptId,
    time::Instant,
};

/// A Lease, and when *our* clock first saw exactly its record.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Observation {
    pub(crate) lease: Lease,
    pub(crate) since: Instant,
    /// When our clock first saw a record of this term in this Lease (rule C7).
    pub(crate) term_since: Instant,
    /// How long the record must stay as it is before it may be taken.
    wait: Duration,
}

/// The last thing that was said about the Lease.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub(crate) enum Known {
    #[default]
    Nothing,
    Absent {
        since: Instant,
        /// How long a create has to wait: nobody who once held the Lease may still believe.
        wait: Duration,
    },
    Present(Observation),
}

/// What is known, and what keeps it from going back in time.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) struct LeaseView {
    pub(crate) known: Known,
    /// Our own lease duration.
    lease_duration: Duration,
    newest: u64,
    /// Attempts with smaller ids were sent before the newest version had arrived.
    first_after_newest: AttemptId,
    /// The wait that a deletion asks for, if a record was ever seen.
    wait_after_404: Option<Duration>,
    /// The last holder that was seen, unless it released.
    holder: Option<Holder>,
}

/// What is known of the last holder, who may still lead when the record is free.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
struct Holder {
    transitions: i32,
    wait: Duration,
}

/// What has shown a Lease to us.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ShownBy {
    /// The answer to this read.
    Read(AttemptId),
    /// A watch event.
    Event,
}

/// What a Lease that was shown means for what is known.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Freshness {
    /// It is the newest.
    Current,
    /// It says nothing.
    Stale,
    /// The server went back: everything known is void.
    Rewound { from: u64, to: u64 },
}

impl LeaseView {
    /// Knows nothing yet.
    pub(crate) const fn new(lease_duration: Duration) -> Self {
        Self {
            known: Known::Nothing,
            lease_duration,
            newest: 0,
            first_after_newest: AttemptId(0),
            wait_after_404: None,
            holder: None,
        }
    }

    /// Rule 13: judges a version that was shown; changes nothing.
    pub(crate) fn judge(&self, shown_by: ShownBy, version: &Version) -> Freshness {
        let shown = version.resource_version.get();
        let sent_after = match shown_by {
            ShownBy::Read(id) => self.was_sent_after_newest(id),
            ShownBy::Event => false,
        };
        if shown > self.newest || (shown == self.newest && sent_after) {
            Freshness::Current
        } else if sent_after {
            Freshness::Rewound { from: self.newest, to: shown }
        } else {
            Freshness::Stale
        }
    }

    /// Rule 13: tells whether this read was sent after the newest version had arrived, so that a 404
    /// to it is news.
    pub(crate) fn was_sent_after_newest(&self, read: AttemptId) -> bool {
        read >= self.first_after_newest
    }

    /// Tells whether this Lease has the term that is known, and another renewTime.
    pub(crate) fn shows_renewal(&self, lease: &Lease) -> bool {
        self.present().is_some_and(|seen| {
            let known = &seen.lease;
            known.version.uid == lease.version.uid
                && known.record.acquire_time == lease.record.acquire_time
                && known.record.renew_time != lease.record.renew_time
        })
    }

    /// Rule 4: tells whether this Lease shows exactly the record that is known.
    pub(crate) fn shows_same_record(&self, lease: &Lease) -> bool {
        self.present().is_some_and(|seen| {
            seen.lease.version.uid == lease.version.uid && seen.lease.record == lease.record
        })
    }

    /// Tells whether another Lease, or another record in this one, was seen at a later version.
    pub(crate) fn has_passed(&self, lease: &Lease) -> bool {
        self.version().is_some_and(|seen| {
            seen.resource_version > lease.version.resource_version && !self.shows_same_record(lease)
        })
    }

    /// Adopts a Lease that was shown; requests from `next_id` on are sent later.
    ///
    /// Rule 4: the same record ages on, whatever else in the Lease has changed.
    pub(crate) fn adopt_shown(&mut self, lease: Lease, now: Instant, next_id: AttemptId) {
        let term_since = self.term_since(&lease).unwrap_or(now);
        let (since, wait) = match &self.known {
            Known::Present(seen) if self.shows_same_record(&lease) => (seen.since, seen.wait),
            // Rule 5: while nobody holds the Lease, edits make the wait neither longer nor shorter.
            Known::Present(seen) if seen.lease.record.is_free() && lease.record.is_free() => {
                (seen.since, seen.wait)
            }
            Known::Nothing | Known::Absent { .. } | Known::Present(_) => {
                (now, self.wait_for(&lease.record))
            }
        };
        self.adopt(Observation { lease, since, term_since, wait }, next_id);
    }

    /// Adopts what we wrote ourselves.
    ///
    /// Rule 5: it ages from its answer.
    pub(crate) fn adopt_own(&mut self, lease: Lease, now: Instant, next_id: AttemptId) {
        let term_since = self.term_since(&lease).unwrap_or(now);
        let Lease { version, record, hints } = lease;
        let wait = self.wait_for(&record);
        // A new label or hint may have been seen on it before its answer came.
        let newer = |seen: &&Observation| {
            let Version { uid, resource_version } = &seen.lease.version;
            *uid == version.uid && *resource_version > version.resource_version
        };
        let lease = match self.present().filter(newer) {
            Some(Observation { lease: Lease { version, hints, .. }, .. }) => {
                Lease { version: version.clone(), record, hints: hints.clone() }
            }
            None => Lease { version, record, hints },
        };
        self.adopt(Observation { lease, since: now, term_since, wait }, next_id);
    }

    /// Returns when the term that this Lease shows was first seen in it, if it is the term that is
    /// known.
    fn term_since(&self, lease: &Lease) -> Option<Instant> {
        self.present().filter(|seen| seen.lease.shows_same_term(lease)).map(|seen| seen.term_since)
    }

    /// Returns how long a record must stay unchanged before it may be taken.
    ///
    /// Rule 5: the longer of its own duration and ours, so that replicas with different settings
    /// are safe both ways. If a holder was erased, its wait counts: it may still lead.
    fn wait_for(&self, record: &LeaseRecord) -> Duration {
        if record.is_free() {
            let erased = self.holder.filter(|holder| !holder.is_released_by(record));
            return erased.map_or(Duration::ZERO, |holder| holder.wait);
        }
        // Rule 4: a record without a positive duration counts with ours.
        let asked = record.duration().unwrap_or(self.lease_duration);
        asked.min(LONGEST_LEASE).max(self.lease_duration)
    }

    fn adopt(&mut self, seen: Observation, next_id: AttemptId) {
        let Lease { version, record, .. } = &seen.lease;
        let shown = version.resource_version.get();
        if shown > self.newest {
            self.newest = shown;
            self.first_after_newest = next_id;
        }
        // Rule 5: after a 404 the wait is at least L. Somebody may have taken the free Lease before
        // it was deleted.
        self.wait_after_404 = Some(seen.wait.max(self.lease_duration));
        if !record.is_free() {
            self.holder = Some(Holder { transitions: record.transitions(), wait: seen.wait });
        } else if seen.wait.is_zero() {
            self.holder = None;
        }
        self.known = Known::Present(seen);
    }

    /// Adopts a 404. Rule 5: the wait counts from the first one on.
    pub(crate) fn adopt_absence(&mut self, now: Instant) {
        if !matches!(self.known, Known::Absent { .. }) {
            let wait = self.wait_after_404.unwrap_or(Duration::ZERO);
            self.known = Known::Absent { since: now, wait };
        }
    }

    /// Forgets everything, because the server has forgotten it.
    pub(crate) fn forget(&mut self) {
        *self = Self::new(self.lease_duration);
    }

    /// Rule 3: begins all waits again, because their clock went back.
    pub(crate) fn restart(&mut self, now: Instant) {
        match &mut self.known {
            Known::Nothing => {}
            Known::Absent { since, .. } => *since = now,
            Known::Present(seen) => (seen.since, seen.term_since) = (now, now),
        }
    }

    /// Rule 5: returns from when on the Lease may be taken by its age, if anything is known of it.
    pub(crate) fn aged_at(&self) -> Option<Instant> {
        match &self.known {
            Known::Nothing => None,
            Known::Absent { since, wait } | Known::Present(Observation { since, wait, .. }) => {
                Some(since.after(*wait))
            }
        }
    }

    pub(crate) fn version(&self) -> Option<&Version> {
        self.present().map(|seen| &seen.lease.version)
    }

    pub(crate) const fn present(&self) -> Option<&Observation> {
        match &self.known {
            Known::Present(seen) => Some(seen),
            Known::Nothing | Known::Absent { .. } => None,
        }
    }
}

impl Holder {
    /// Rule 5: a release by client-go, by us or by version 0.6 has a renewTime, and its transitions
    /// are not smaller.
    fn is_released_by(self, free: &LeaseRecord) -> bool {
        free.renew_time != LeaseTime::Absent && free.transitions() >= self.transitions
    }
}

/// Rule 4: longer ones count as this (or as our own): a slip of the pen must not lock everybody
/// out.
const LONGEST_LEASE: Duration = Duration::from_secs(3600);

#[cfg(feature = "model")]
impl LeaseView {
    /// `reads` are outstanding: how each compares with `first_after_newest` is all that this tells.
    pub(crate) fn canonical(
        &mut self,
        reads: impl Iterator<Item = AttemptId> + Clone,
        next_id: AttemptId,
        config: &crate::timing::TimingConfig,
        frame: &crate::model::Frame,
    ) {
        match &mut self.known {
            Known::Nothing => {}
            Known::Absent { since, wait } => *since = frame.within(*wait, *since),
            Known::Present(seen) => {
                // Rules C7 (a) and P2 ask for less than two retry periods.
                let two = config.retry_period.saturating_mul(2).max(frame.tick);
                let least = if frame.deaths { two } else { Duration::ZERO };
                seen.since = frame.within(seen.wait.max(least), seen.since);
                let is_free = seen.lease.record.is_free();
                seen.term_since = if is_free && seen.lease.hints.successor.is_some() {
                    frame.within(two, seen.term_since)
                } else if !is_free && frame.deaths {
                    frame.within(self.lease_duration, seen.term_since)
                } else {
                    seen.since
                };
            }
        }
        let first = self.first_after_newest;
        self.first_after_newest = if reads.clone().all(|id| id >= first) {
            AttemptId(0)
        } else {
            reads.filter(|id| *id >= first).min().unwrap_or(next_id)
        };
    }

    pub(crate) fn rename(&mut self, names: &mut dyn crate::model::Rename) {
        if let Known::Present(seen) = &mut self.known {
            seen.lease.rename(names);
        }
        names.version(&mut self.newest);
        self.first_after_newest.rename(names);
        if let Some(holder) = &mut self.holder {
            crate::model::rename_small(&mut holder.transitions, names);
        }
    }
}
