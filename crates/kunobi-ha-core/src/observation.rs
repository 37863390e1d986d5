//! What an elector knows of the Lease, and since when by its own clock.

use core::time::Duration;

use crate::{
    record::{LeaseRecord, LeaseTime, Version},
    step::AttemptId,
    time::Instant,
};

/// A record, and when *our* clock first saw exactly that record.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Observation {
    pub(crate) version: Version,
    pub(crate) record: LeaseRecord,
    pub(crate) since: Instant,
    /// How long it must stay as it is before it may be taken.
    wait: Duration,
}

/// The last thing that was said about the Lease.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub(crate) enum View {
    #[default]
    Unknown,
    Absent {
        since: Instant,
        /// How long a create has to wait: nobody who once held the Lease may still believe.
        wait: Duration,
    },
    Present(Observation),
}

/// The view, and what keeps it from going back in time.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub(crate) struct Sight {
    pub(crate) view: View,
    newest: u64,
    /// Attempts with smaller ids were sent before the newest version had arrived.
    newest_before: u64,
    /// The wait that a deletion asks for, if a record was ever seen.
    remembered: Option<Duration>,
    /// The last holder that was seen, unless it released.
    holder: Option<Holder>,
}

/// What is remembered of a holder, who may still believe when the record is free.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
struct Holder {
    transitions: i32,
    wait: Duration,
}

/// Where a record was read.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Source {
    /// In the answer to this request.
    Answer(AttemptId),
    /// In a watch event.
    Watch,
}

/// What a record that was read means for what we know.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Freshness {
    /// It is the newest.
    Current,
    /// It says nothing.
    Stale,
    /// The server went back: everything known is void.
    Rewound { from: u64, to: u64 },
}

impl Sight {
    /// Judges a version that was read; changes nothing.
    pub(crate) fn judge(&self, source: Source, version: &Version) -> Freshness {
        let read = version.resource_version.get();
        let sent_after = match source {
            Source::Answer(id) => id.0 >= self.newest_before,
            Source::Watch => false,
        };
        if read > self.newest || (read == self.newest && sent_after) {
            Freshness::Current
        } else if sent_after {
            Freshness::Rewound { from: self.newest, to: read }
        } else {
            Freshness::Stale
        }
    }

    /// Tells whether a 404 to this request is news.
    pub(crate) fn heard_after_newest(&self, id: AttemptId) -> bool {
        id.0 >= self.newest_before
    }

    /// Adopts a record that was read: the same one ages on.
    pub(crate) fn read(
        &mut self,
        version: Version,
        record: LeaseRecord,
        now: Instant,
        next_id: u64,
        lease: Duration,
    ) {
        let (since, wait) = match &self.view {
            View::Present(seen) if seen.version.uid == version.uid && seen.record == record => {
                (seen.since, seen.wait)
            }
            // An edit of a Lease that nobody holds makes nobody wait longer, or less.
            View::Present(seen) if seen.record.is_free() && record.is_free() => {
                (seen.since, seen.wait)
            }
            View::Unknown | View::Absent { .. } | View::Present(_) => {
                (now, self.wait_for(&record, lease))
            }
        };
        self.adopt(Observation { version, record, since, wait }, next_id, lease);
    }

    /// Tells whether another object than this one was seen at a later version.
    pub(crate) fn has_passed(&self, version: &Version) -> bool {
        self.version().is_some_and(|seen| {
            seen.uid != version.uid && seen.resource_version > version.resource_version
        })
    }

    /// Adopts what we wrote ourselves: it ages from its answer.
    pub(crate) fn wrote(
        &mut self,
        version: Version,
        record: LeaseRecord,
        now: Instant,
        next_id: u64,
        lease: Duration,
    ) {
        let wait = self.wait_for(&record, lease);
        // A new label may have been seen on it before its answer came.
        let newer = |seen: &&Version| {
            seen.uid == version.uid && seen.resource_version > version.resource_version
        };
        let version = self.version().filter(newer).cloned().unwrap_or(version);
        self.adopt(Observation { version, record, since: now, wait }, next_id, lease);
    }

    /// Returns how long a record must stay unchanged before it may be taken: the longer of its own
    /// duration and ours, so that replicas with different settings are safe both ways; as long
    /// where its holder was taken away rather than released it, and may still believe.
    fn wait_for(&self, record: &LeaseRecord, lease: Duration) -> Duration {
        if record.is_free() {
            let robbed = self.holder.filter(|holder| !holder.is_released_by(record));
            return robbed.map_or(Duration::ZERO, |holder| holder.wait);
        }
        let asked = record.duration().unwrap_or(lease);
        asked.min(LONGEST_LEASE).max(lease)
    }

    fn adopt(&mut self, seen: Observation, next_id: u64, lease: Duration) {
        let version = seen.version.resource_version.get();
        if version > self.newest {
            self.newest = version;
            self.newest_before = next_id;
        }
        // Somebody may have taken a free Lease before it was deleted.
        self.remembered = Some(seen.wait.max(lease));
        if !seen.record.is_free() {
            let transitions = seen.record.transitions();
            self.holder = Some(Holder { transitions, wait: seen.wait });
        } else if seen.wait.is_zero() {
            self.holder = None;
        }
        self.view = View::Present(seen);
    }

    /// Adopts a 404.
    pub(crate) fn absent(&mut self, now: Instant) {
        if !matches!(self.view, View::Absent { .. }) {
            let wait = self.remembered.unwrap_or(Duration::ZERO);
            self.view = View::Absent { since: now, wait };
        }
    }

    /// Forgets everything, for the server has.
    pub(crate) fn forget(&mut self) {
        *self = Self::default();
    }

    /// Starts all waits again, because the clock that they were measured by went back.
    pub(crate) fn restart(&mut self, now: Instant) {
        match &mut self.view {
            View::Unknown => {}
            View::Absent { since, .. } | View::Present(Observation { since, .. }) => *since = now,
        }
    }

    /// Returns from when on the Lease may be taken, if it was seen at all.
    pub(crate) fn takeable_from(&self) -> Option<Instant> {
        match &self.view {
            View::Unknown => None,
            View::Absent { since, wait } | View::Present(Observation { since, wait, .. }) => {
                Some(since.after(*wait))
            }
        }
    }

    pub(crate) fn version(&self) -> Option<&Version> {
        self.present().map(|seen| &seen.version)
    }

    pub(crate) fn present(&self) -> Option<&Observation> {
        match &self.view {
            View::Present(seen) => Some(seen),
            View::Unknown | View::Absent { .. } => None,
        }
    }
}

impl Holder {
    /// A release as client-go's, ours or that of 0.6 leaves a renewTime, and no smaller transitions.
    fn is_released_by(self, free: &LeaseRecord) -> bool {
        free.renew_time != LeaseTime::Absent && free.transitions() >= self.transitions
    }
}

/// Longer ones count as this (or as our own): a slip of the pen must not lock everybody out.
const LONGEST_LEASE: Duration = Duration::from_secs(3600);
