//! The Lease, and what becomes of it by a request.

use std::num::NonZeroU64;

use kunobi_ha_core::{
    CreateVia, Lease, LeaseRecord, LeaseTime, Outcome, Request, Timestamp, Uid, Version,
};

use super::World;

impl World {
    pub(super) fn handle(&mut self, request: Request) -> Outcome {
        match (request, &self.stored) {
            (Request::Read, Some((version, record))) => {
                Outcome::Found(Lease::new(version.clone(), record.clone()))
            }
            (Request::Read, None) => Outcome::Absent,
            (Request::Create { record, via: CreateVia::Put | CreateVia::Post }, None) => {
                self.store(Uid::new("uid").unwrap(), record);
                self.written(true)
            }
            (Request::Update { version, record }, Some((stored, _))) if version == *stored => {
                self.store(version.uid, record);
                self.written(false)
            }
            (Request::Create { .. }, Some(_)) | (Request::Update { .. }, Some(_) | None) => {
                Outcome::Conflict
            }
        }
    }

    pub(super) fn store(&mut self, uid: Uid, record: LeaseRecord) {
        self.versions += 1;
        let resource_version = NonZeroU64::new(self.versions).unwrap();
        self.stored = Some((Version { uid, resource_version }, record));
    }

    fn written(&self, created: bool) -> Outcome {
        let (version, record) = self.stored.clone().unwrap();
        Outcome::Written { lease: Lease::new(version, record), created }
    }
}

/// Returns the acquireTime that a write gives to its term.
pub(super) fn bid_of(request: &Request) -> Option<Timestamp> {
    let (Request::Create { record, .. } | Request::Update { record, .. }) = request else {
        return None;
    };
    match record.acquire_time {
        LeaseTime::At(time) if !record.is_free() => Some(time),
        LeaseTime::At(_) | LeaseTime::Absent | LeaseTime::Text(_) => None,
    }
}
