//! The server: one Lease, and what it says to a request.

use std::num::NonZeroU64;

use kunobi_ha_core::{
    CreateVia, Lease, LeaseRecord, LeaseTime, Outcome, Request, Successor, Uid, Version,
};

use super::{Register, author};
use crate::{
    marks::{Mark, Marks},
    setup::Setup,
};

/// What came of a request.
pub(super) struct Handled {
    pub(super) outcome: Outcome,
    /// Whether it has changed the Lease, as it was asked to.
    pub(super) applied: bool,
    /// The record that it has replaced.
    pub(super) over: Option<LeaseRecord>,
}

impl Register {
    pub(super) fn handle(&mut self, request: Request, setup: &Setup) -> Handled {
        let marks = &setup.marks;
        match (request, &self.lease) {
            (Request::Read, Some(lease)) => Handled::only(Outcome::Found(lease.clone())),
            (Request::Read, None) => Handled::only(Outcome::Absent),
            (Request::Create { via: CreateVia::Put, .. }, None) if setup.faults.posts => {
                Handled::only(Outcome::MethodNotAllowed)
            }
            (Request::Create { record, via }, None) => {
                marks.set_if(Mark::Posted, via == CreateVia::Post);
                self.uids += 1;
                let uid = Uid::new(&self.uids.to_string()).expect("not empty");
                self.write(uid, record, None, true, setup)
            }
            (Request::Update { version, record }, Some(lease)) if lease.version == version => {
                if lease.record == record {
                    let lease = lease.clone();
                    return Handled::only(Outcome::Written { lease, created: false });
                }
                let over = lease.record.clone();
                note(&over, &record, marks);
                self.write(version.uid, record, Some(over), false, setup)
            }
            (Request::Create { record, via: CreateVia::Put }, Some(lease))
                if setup.faults.overwrites =>
            {
                marks.set(Mark::Overwrote);
                let lease = self.store(lease.version.uid.clone(), record, setup);
                Handled::only(Outcome::Written { lease, created: false })
            }
            (Request::Create { .. }, Some(_)) | (Request::Update { .. }, Some(_) | None) => {
                marks.set(Mark::Conflict);
                Handled::only(Outcome::Conflict)
            }
        }
    }

    fn write(
        &mut self,
        uid: Uid,
        record: LeaseRecord,
        over: Option<LeaseRecord>,
        created: bool,
        setup: &Setup,
    ) -> Handled {
        let lease = self.store(uid, record, setup);
        Handled { outcome: Outcome::Written { lease, created }, applied: true, over }
    }

    pub(super) fn store(&mut self, uid: Uid, record: LeaseRecord, setup: &Setup) -> Lease {
        self.version += 1;
        let resource_version = NonZeroU64::new(self.version).expect("it counts from one");
        let mut lease = Lease::new(Version { uid, resource_version }, record);
        lease.hints.successor = successor(&lease.record, setup);
        let before = self.lease.replace(lease.clone());
        self.previous = before.filter(|_| setup.faults.stale);
        lease
    }

    pub(super) fn can_be_edited(&self) -> bool {
        self.lease.as_ref().is_some_and(|lease| lease.record.holder.as_deref() != Some(EDITED))
    }

    /// Somebody writes another holder into the record.
    pub(super) fn edit(&mut self, setup: &Setup) {
        if let Some(Lease { version, mut record, .. }) = self.lease.clone() {
            record.holder = Some(EDITED.into());
            self.store(version.uid, record, setup);
        }
    }

    /// Tells whether this write can't be applied any more.
    pub(super) fn has_passed(&self, request: &Request, setup: &Setup) -> bool {
        match request {
            Request::Read => false,
            Request::Create { .. } => {
                let deletions = setup.faults.deletions > 0 && self.deletions_left > 0;
                self.lease.is_some() && !deletions && !setup.faults.overwrites
            }
            Request::Update { version, .. } => {
                self.lease.as_ref().is_none_or(|lease| lease.version != *version)
            }
        }
    }
}

impl Handled {
    const fn only(outcome: Outcome) -> Self {
        Self { outcome, applied: false, over: None }
    }
}

/// A release names one (rule P1).
fn successor(record: &LeaseRecord, setup: &Setup) -> Option<Successor> {
    let identity = setup.faults.successor.filter(|_| record.is_free())?.into();
    match record.acquire_time {
        LeaseTime::At(released) => Some(Successor { identity, released }),
        LeaseTime::Absent | LeaseTime::Text(_) => None,
    }
}

fn note(over: &LeaseRecord, record: &LeaseRecord, marks: &Marks) {
    let taken = author(over) != author(record) && !record.is_free();
    marks.set_if(Mark::TakenFree, taken && over.is_free());
    marks.set_if(Mark::Aged, taken && !over.is_free());
}

/// No replica has this name.
const EDITED: &str = "edited";
