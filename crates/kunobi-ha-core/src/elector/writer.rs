//! The records that this elector writes, and how it creates a Lease.

use alloc::boxed::Box;

use crate::{
    lease::{Lease, Term},
    record::{LeaseRecord, LeaseTime},
    request::{CreateVia, Request},
    time::{ClockReading, Timestamp},
    timing::Timing,
};

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct Writer {
    identity: Box<str>,
    lease_seconds: i64,
    last_renew_time: Timestamp,
    /// How the next create goes out.
    pub(super) create_via: CreateVia,
}

/// What a record says of its term.
#[derive(Clone, Copy, Debug)]
pub(super) struct TermFields {
    pub(super) transitions: i32,
    pub(super) acquire_time: Timestamp,
}

impl Writer {
    pub(super) fn new(identity: &str, timing: &Timing) -> Self {
        Self {
            identity: identity.into(),
            lease_seconds: timing.lease_seconds(),
            last_renew_time: Timestamp::EPOCH,
            create_via: CreateVia::default(),
        }
    }

    pub(super) fn identity(&self) -> &str {
        &self.identity
    }

    /// Tells whether this record names us as the holder.
    pub(super) fn is_named_in(&self, record: &LeaseRecord) -> bool {
        record.holder.as_deref() == Some(&*self.identity)
    }

    /// Builds the record of a term of ours, over this one if there is one.
    pub(super) fn record(
        &mut self,
        term: TermFields,
        over: Option<&LeaseRecord>,
        reading: ClockReading,
    ) -> LeaseRecord {
        LeaseRecord {
            holder: Some(self.identity.clone()),
            duration_seconds: Some(self.lease_seconds),
            acquire_time: LeaseTime::At(term.acquire_time),
            renew_time: LeaseTime::At(self.draw_renew_time(reading)),
            transitions: Some(i64::from(term.transitions)),
            strategy: over.and_then(|record| record.strategy.clone()),
            preferred_holder: over.and_then(|record| record.preferred_holder.clone()),
        }
    }

    /// Builds the record that releases this Lease.
    pub(super) fn release(&mut self, held: &Lease, reading: ClockReading) -> LeaseRecord {
        LeaseRecord {
            holder: None,
            duration_seconds: Some(1),
            acquire_time: LeaseTime::At(reading.wall),
            renew_time: LeaseTime::At(self.draw_renew_time(reading)),
            transitions: Some(i64::from(held.record.transitions())),
            strategy: held.record.strategy.clone(),
            preferred_holder: held.record.preferred_holder.clone(),
        }
    }

    /// Rule 9: each renewTime is later than the last, or a read could not tell which attempt it
    /// proves.
    fn draw_renew_time(&mut self, reading: ClockReading) -> Timestamp {
        self.last_renew_time = reading.wall.max(self.last_renew_time.next());
        self.last_renew_time
    }

    /// Rule 7: a server that creates nothing on PUT is asked with a POST.
    pub(super) const fn create_with_post(&mut self) {
        self.create_via = CreateVia::Post;
    }

    /// This write has failed. Rule 7: a POST that failed is followed by a PUT.
    pub(super) const fn create_failed(&mut self, request: &Request) {
        if let Request::Create { via: CreateVia::Post, .. } = request {
            self.create_via = CreateVia::Put;
        }
    }
}

impl From<Term> for TermFields {
    fn from(term: Term) -> Self {
        Self { transitions: term.transitions(), acquire_time: term.acquire_time() }
    }
}

#[cfg(feature = "model")]
impl Writer {
    pub(super) fn rename(&mut self, names: &mut dyn crate::model::Rename) {
        names.last_renew_time(&mut self.last_renew_time);
    }
}
