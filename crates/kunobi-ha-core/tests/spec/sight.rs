//! What the monitor keeps of the Lease beside the abstract state: the record and version that stand
//! behind the numbers, and how long they must be waited for.
//!
//! rule 4: a duration that is not positive counts as our own, a long one as an hour
//! rule 5: the longer duration is waited for; who was erased may still lead

use std::time::Duration;

use kunobi_ha_core::{AttemptId, Lease, LeaseRecord, LeaseTime, Uid};

use super::monitor::nanos;

#[derive(Clone, Debug, Default)]
pub(super) struct Sight {
    pub(super) seen: Option<Lease>,
    pub(super) last_sent: Option<AttemptId>,
    /// The last attempt that was sent when the newest version arrived.
    newest_after: Option<AttemptId>,
    /// The transitions of the last holder that was seen, and how long it is waited for.
    holder: Option<(i32, i64)>,
    /// What a 404 asks for, if a record was ever seen.
    after_404: Option<i64>,
    /// The Lease that is in a create grace, and until when.
    pub(super) grace: Option<(Uid, i64)>,
    /// The creates that no Lease was seen of.
    pub(super) creates: Vec<LeaseTime>,
}

impl Sight {
    /// Rule 13: tells whether this read was sent after the newest version had arrived.
    pub(super) fn is_after(&self, read: AttemptId) -> bool {
        self.newest_after.is_none_or(|newest| read > newest)
    }

    /// The newest version arrives.
    pub(super) fn arrives(&mut self) {
        self.newest_after = self.last_sent;
    }

    pub(super) fn wait_for(&self, record: &LeaseRecord, lease: i64) -> i64 {
        if record.is_free() {
            let released = |transitions: i32| {
                record.renew_time != LeaseTime::Absent && record.transitions() >= transitions
            };
            let erased = self.holder.filter(|(transitions, _)| !released(*transitions));
            return erased.map_or(0, |(_, wait)| wait);
        }
        let asked = record.duration().map_or(lease, nanos);
        asked.min(nanos(AN_HOUR)).max(lease)
    }

    pub(super) fn wait_for_absence(&self) -> i64 {
        self.after_404.unwrap_or(0)
    }

    /// Remembers what is known now; it is waited for during `wait`.
    pub(super) fn keep(&mut self, lease: Lease, wait: i64, own: i64) {
        self.after_404 = Some(wait.max(own));
        if !lease.record.is_free() {
            self.holder = Some((lease.record.transitions(), wait));
        } else if wait == 0 {
            self.holder = None;
        }
        self.seen = Some(lease);
    }

    /// A write of ours was answered. A new label may have been seen on it before.
    pub(super) fn keep_own(&mut self, lease: Lease, wait: i64, own: i64) {
        let newer = self.seen.as_ref().map(|seen| &seen.version).filter(|seen| {
            seen.uid == lease.version.uid && seen.resource_version > lease.version.resource_version
        });
        let version = newer.unwrap_or(&lease.version).clone();
        self.keep(Lease::new(version, lease.record), wait, own);
    }

    pub(super) fn forget(&mut self) {
        let (grace, creates) = (self.grace.take(), std::mem::take(&mut self.creates));
        *self = Self { last_sent: self.last_sent, grace, creates, ..Self::default() };
    }

    /// Tells whether another Lease, or another record in this one, is known at a later version.
    pub(super) fn has_passed(&self, lease: &Lease) -> bool {
        self.seen.as_ref().is_some_and(|Lease { version, record, .. }| {
            version.resource_version > lease.version.resource_version
                && (version.uid != lease.version.uid || *record != lease.record)
        })
    }

    pub(super) fn grace_of(&self, uid: &Uid) -> i64 {
        self.grace.as_ref().filter(|(graced, _)| graced == uid).map_or(0, |(_, until)| *until)
    }
}

const AN_HOUR: Duration = Duration::from_secs(3600);
