//! One Lease behind an API server, in memory: what kube-apiserver does with it, and nothing else.

use std::{collections::BTreeMap, num::NonZeroU64};

use kunobi_ha_core::{
    CreateVia, Hints, Lease, LeaseRecord, LeaseTime, Outcome, Request, Successor, Timestamp, Uid,
    Version,
};

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
    /// What annotations say at a version, where they say anything.
    hints: BTreeMap<NonZeroU64, Hints>,
    /// What the driver of the next write does with annotations.
    pub(crate) driver: Driver,
}

/// A driver drops the hints of another term, and may name a successor in a release.
#[derive(Clone, Debug, Default)]
pub(crate) struct Driver {
    /// This one keeps all of them, as other implementations do.
    pub(crate) keeps: bool,
    pub(crate) names: Option<Box<str>>,
    /// The successor was named for another release.
    pub(crate) is_stale: bool,
}

impl Server {
    pub(crate) fn new(first_version: u64) -> Self {
        Self {
            versions: first_version,
            uids: 0,
            history: vec![None],
            creates_on_put: true,
            unguarded: false,
            hints: BTreeMap::new(),
            driver: Driver::default(),
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
            Some((version, record)) => Outcome::Found(self.lease(version.clone(), record.clone())),
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
                lease: self.lease(stored.clone(), record.clone()),
                created: false,
            },
            Some((stored, _)) => self.store(stored.uid.clone(), record.clone(), false),
        }
    }

    fn store(&mut self, uid: Uid, record: LeaseRecord, created: bool) -> Outcome {
        let hints = self.driver.hints(&record, self.stored().as_ref(), self.hints_now());
        let version = self.next_version(uid);
        self.annotate(&version, hints);
        self.history.push(Some((version.clone(), record.clone())));
        Outcome::Written { lease: self.lease(version, record), created }
    }

    /// Returns this state with what its annotations say.
    pub(crate) fn lease(&self, version: Version, record: LeaseRecord) -> Lease {
        let hints = self.hints_at(&version).cloned().unwrap_or_default();
        Lease { version, record, hints }
    }

    pub(crate) fn hints_at(&self, version: &Version) -> Option<&Hints> {
        self.hints.get(&version.resource_version)
    }

    fn hints_now(&self) -> Hints {
        let version = self.stored().as_ref().map(|(version, _)| version);
        version.and_then(|version| self.hints_at(version)).cloned().unwrap_or_default()
    }

    fn annotate(&mut self, version: &Version, hints: Hints) {
        if hints == Hints::default() {
            self.hints.remove(&version.resource_version);
        } else {
            self.hints.insert(version.resource_version, hints);
        }
    }

    /// Somebody writes down who is to lead, or that nobody in particular is.
    pub(crate) fn wish(&mut self, wish: Option<Box<str>>) {
        let hints = Hints { wish, ..self.hints_now() };
        self.next_state(hints, |_| ());
    }

    fn next_state(&mut self, hints: Hints, edit: impl FnOnce(&mut LeaseRecord)) {
        if let Some((version, mut record)) = self.stored().clone() {
            edit(&mut record);
            let version = self.next_version(version.uid);
            self.annotate(&version, hints);
            self.history.push(Some((version, record)));
        }
    }

    fn next_version(&mut self, uid: Uid) -> Version {
        self.versions += 1;
        Version { uid, resource_version: NonZeroU64::new(self.versions).unwrap() }
    }

    /// Somebody sets a label: a new version of the same record.
    pub(crate) fn edit_metadata(&mut self) {
        self.next_state(self.hints_now(), |_| ());
    }

    /// Somebody writes anything.
    pub(crate) fn edit(&mut self, edit: impl FnOnce(&mut LeaseRecord)) {
        self.next_state(self.hints_now(), edit);
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

impl Driver {
    /// Returns what the annotations say after this write.
    fn hints(
        &self,
        record: &LeaseRecord,
        over: Option<&(Version, LeaseRecord)>,
        before: Hints,
    ) -> Hints {
        let same_term = over.is_some_and(|(_, old)| old.acquire_time == record.acquire_time);
        let kept = if same_term || self.keeps { before } else { Hints::default() };
        let LeaseTime::At(released) = record.acquire_time else { return kept };
        let released = if self.is_stale { Timestamp::from_unix_micros(1) } else { released };
        let named = self.names.clone().filter(|_| record.is_free());
        match named.map(|identity| Successor { identity, released }) {
            Some(successor) => Hints { successor: Some(successor), ..kept },
            None => kept,
        }
    }
}
