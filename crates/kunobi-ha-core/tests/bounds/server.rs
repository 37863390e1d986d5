//! One Lease behind an API server that never fails.

use std::num::NonZeroU64;

use kunobi_ha_core::{Lease, LeaseRecord, Observed, Outcome, Request, Uid, Version};

#[derive(Debug, Default)]
pub(crate) struct Server {
    versions: u64,
    stored: Option<(Version, LeaseRecord)>,
}

impl Server {
    pub(crate) fn handle(&mut self, request: &Request) -> Outcome {
        match (request, self.stored.clone()) {
            (Request::Read, None) => Outcome::Absent,
            (Request::Read, Some((version, record))) => Outcome::Found(Lease::new(version, record)),
            (Request::Create { record, .. }, None) => {
                let uid = Uid::new(&format!("uid-{}", self.versions)).unwrap();
                self.store(uid, record.clone(), true)
            }
            (Request::Update { version, record }, Some((stored, _))) if *version == stored => {
                self.store(stored.uid, record.clone(), false)
            }
            (Request::Create { .. } | Request::Update { .. }, _) => Outcome::Conflict,
        }
    }

    fn store(&mut self, uid: Uid, record: LeaseRecord, created: bool) -> Outcome {
        self.versions += 1;
        let resource_version = NonZeroU64::new(self.versions).unwrap();
        let version = Version { uid, resource_version };
        self.stored = Some((version.clone(), record.clone()));
        Outcome::Written { lease: Lease::new(version, record), created }
    }

    pub(crate) fn delete(&mut self) {
        self.versions += 1;
        self.stored = None;
    }

    pub(crate) fn record(&self) -> LeaseRecord {
        self.stored.clone().map(|(_, record)| record).unwrap_or_default()
    }

    /// What a watch says of the Lease as it is now.
    pub(crate) fn event(&self) -> Observed {
        match self.stored.clone() {
            Some((version, record)) => Observed::Found(Lease::new(version, record)),
            None => Observed::Deleted,
        }
    }
}
