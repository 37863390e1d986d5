//! The numbers by which the abstract state knows records and terms.

use std::collections::HashMap;

use kunobi_ha_core::{Lease, LeaseRecord, LeaseTime, Uid};

use super::state::{FOREIGN, FREE};

#[derive(Clone, Debug, Default)]
pub(super) struct Book {
    records: HashMap<(Uid, LeaseRecord), i64>,
    uids: HashMap<Uid, i64>,
    /// Newest last; a term has its place + 1 as its number.
    terms: Vec<OwnTerm>,
    /// The terms of others, by holder and acquireTime.
    others: HashMap<(Box<str>, LeaseTime), i64>,
}

/// A term that this elector bids for, or has held.
#[derive(Clone, Debug)]
pub(super) struct OwnTerm {
    /// Rule 9: a create has none, so its record is ours from its own success on.
    pub(super) uid: Option<Uid>,
    pub(super) acquire_time: LeaseTime,
    pub(super) transitions: i32,
    /// The version of the write that began it, or of its proof.
    pub(super) fence: u64,
}

impl Book {
    pub(super) fn record(&mut self, uid: &Uid, record: &LeaseRecord) -> i64 {
        let next = number(self.records.len());
        *self.records.entry((uid.clone(), record.clone())).or_insert(next)
    }

    pub(super) fn uid(&mut self, uid: &Uid) -> i64 {
        let next = number(self.uids.len());
        *self.uids.entry(uid.clone()).or_insert(next)
    }

    /// Returns the number of the term that this Lease shows, whosever it is; `now` is the term that is
    /// held.
    pub(super) fn seen(&mut self, lease: &Lease, identity: &str, now: i64) -> i64 {
        let LeaseRecord { holder, acquire_time, .. } = &lease.record;
        let owner = self.owner(lease, identity, now);
        match holder {
            Some(holder) if owner == FOREIGN => self.named(holder, acquire_time, identity),
            Some(_) | None => owner,
        }
    }

    /// Returns the number of the term of this holder and acquireTime, in whichever Lease.
    pub(super) fn named(&mut self, holder: &str, time: &LeaseTime, identity: &str) -> i64 {
        let own = self.terms.iter().rposition(|term| term.acquire_time == *time);
        if let Some(place) = own.filter(|_| holder == identity) {
            return number(place);
        }
        let next = OTHERS + number(self.others.len());
        *self.others.entry((holder.into(), time.clone())).or_insert(next)
    }

    /// Returns the number of the term that a write of this record bids for.
    pub(super) fn bid(&mut self, uid: Option<&Uid>, record: &LeaseRecord) -> i64 {
        let known = self.terms.iter().rposition(|term| {
            term.uid.as_ref() == uid
                && term.acquire_time == record.acquire_time
                && term.transitions == record.transitions()
        });
        let place = known.unwrap_or_else(|| {
            self.terms.push(OwnTerm {
                uid: uid.cloned(),
                acquire_time: record.acquire_time.clone(),
                transitions: record.transitions(),
                fence: 0,
            });
            self.terms.len() - 1
        });
        number(place)
    }

    pub(super) fn term(&mut self, id: i64) -> Option<&mut OwnTerm> {
        self.terms.get_mut(usize::try_from(id - 1).ok()?)
    }

    /// Returns whose record this is; `now` is the term that is held.
    pub(super) fn owner(&self, lease: &Lease, identity: &str, now: i64) -> i64 {
        if lease.record.is_free() {
            return FREE;
        }
        let shown = |term: &OwnTerm| {
            lease.record.holder.as_deref() == Some(identity)
                && term.uid.as_ref() == Some(&lease.version.uid)
                && term.acquire_time == lease.record.acquire_time
                && term.transitions == lease.record.transitions()
        };
        let held = usize::try_from(now - 1).ok().and_then(|place| self.terms.get(place));
        if held.is_some_and(shown) {
            return now;
        }
        self.terms.iter().rposition(shown).map_or(FOREIGN, number)
    }
}

/// The numbers of others' terms begin here.
const OTHERS: i64 = 1 << 32;

fn number(place: usize) -> i64 {
    i64::try_from(place).unwrap_or(i64::MAX - 1) + 1
}
