//! One Lease behind an API server, in memory: what kube-apiserver does with it, and nothing else.

use std::num::NonZeroU64;

use kunobi_ha_core::{CreateVia, Lease, LeaseRecord, Outcome, Request, Uid, Version};

pub(crate) type Stored = Option<(Version, LeaseRecord)>;

#[derive(Debug)]
pub(crate) struct Server {
    versions: u64,
    uids: u64,
    /// Every state there was, newest last; a stale read shows an older one.
    history: Vec<Stored>,
    /// Whether a PUT on a missing Lease creates it.
    pub(crate) creates_on_put: bool,
    /// A planted bug: writes are not compared with what they replace.
    pub(crate) unguarded: bool,
}

impl Server {
    pub(crate) fn new(first_version: u64) -> Self {
        Self {
            versions: first_version,
            uids: 0,
            history: vec![None],
            creates_on_put: true,
            unguarded: false,
        }
    }

    pub(crate) fn stored(&self) -> &Stored {
        self.history.last().unwrap()
    }

    /// Answers a request; `age` is how many states a read lags behind.
    pub(crate) fn handle(&mut self, request: &Request, age: usize) -> Outcome {
        match request {
            Request::Read => self.get(age),
            Request::Create { record, via } => self.create(record, *via),
            Request::Update { version, record } => self.update(version, record),
        }
    }

    fn get(&self, age: usize) -> Outcome {
        let newest = self.history.len() - 1;
        match &self.history[newest - age.min(newest)] {
            Some((version, record)) => {
                Outcome::Found(Lease { version: version.clone(), record: record.clone() })
            }
            None => Outcome::Absent,
        }
    }

    fn create(&mut self, record: &LeaseRecord, via: CreateVia) -> Outcome {
        match via {
            CreateVia::Put if !self.creates_on_put && self.stored().is_none() => {
                Outcome::MethodNotAllowed
            }
            CreateVia::Put | CreateVia::Post if self.stored().is_some() => Outcome::Conflict,
            CreateVia::Put | CreateVia::Post => self.replace(record.clone()),
        }
    }

    /// Makes a new object.
    pub(crate) fn replace(&mut self, record: LeaseRecord) -> Outcome {
        self.uids += 1;
        let uid = Uid::new(&format!("uid-{}", self.uids)).unwrap();
        self.store(uid, record, true)
    }

    fn update(&mut self, guard: &Version, record: &LeaseRecord) -> Outcome {
        match self.stored() {
            None => Outcome::Conflict,
            Some((stored, _)) if stored != guard && !self.unguarded => Outcome::Conflict,
            Some((stored, old)) if old == record => Outcome::Written {
                lease: Lease { version: stored.clone(), record: record.clone() },
                created: false,
            },
            Some((stored, _)) => self.store(stored.uid.clone(), record.clone(), false),
        }
    }

    fn store(&mut self, uid: Uid, record: LeaseRecord, created: bool) -> Outcome {
        let version = self.next_version(uid);
        self.history.push(Some((version.clone(), record.clone())));
        Outcome::Written { lease: Lease { version, record }, created }
    }

    fn next_version(&mut self, uid: Uid) -> Version {
        self.versions += 1;
        Version { uid, resource_version: NonZeroU64::new(self.versions).unwrap() }
    }

    /// Somebody sets a label: a new version of the same record.
    pub(crate) fn edit_metadata(&mut self) {
        if let Some((version, record)) = self.stored().clone() {
            let version = self.next_version(version.uid);
            self.history.push(Some((version, record)));
        }
    }

    /// Somebody writes anything.
    pub(crate) fn edit(&mut self, edit: impl FnOnce(&mut LeaseRecord)) {
        if let Some((version, mut record)) = self.stored().clone() {
            edit(&mut record);
            let version = self.next_version(version.uid);
            self.history.push(Some((version, record)));
        }
    }

    pub(crate) fn delete(&mut self) {
        if self.stored().is_some() {
            self.versions += 1;
            self.history.push(None);
        }
    }

    /// Goes back to an older state and counts versions from there again.
    pub(crate) fn restore(&mut self, age: usize) {
        let kept = self.history.len().saturating_sub(age).max(1);
        self.history.truncate(kept);
        if let Some((version, _)) = self.stored() {
            self.versions = version.resource_version.get();
        }
    }
}
