//! The grace: the creator of a Lease does not believe in it before the grace is over.

use std::time::Duration;

use kunobi_ha_core::{
    AttemptId, Input, Instant, Lease, LeaseRecord, LeaseTime, Outcome, Request, Uid, Version,
};

use super::{Broken, Promise, Scene, Sent, Witness};

/// The Leases that one elector created, and since when it knew.
#[derive(Debug, Default)]
pub(super) struct Graces {
    created: Vec<Created>,
}

#[derive(Debug)]
struct Created {
    uid: Uid,
    acquire_time: LeaseTime,
    /// `None`: by a leader that believed, and brought back what it held.
    since: Option<Instant>,
}

impl Witness {
    /// Notes the first sign that a create was applied: its 201, or a read of its record.
    pub(super) fn hear_of_creation(&mut self, scene: &Scene) {
        if scene.config.create_grace.is_zero() {
            return;
        }
        let (version, record) = match scene.input {
            Input::Answered {
                attempt,
                outcome: Outcome::Written { lease: Lease { version, record, .. }, created: true },
            } if self.must_hear(scene.input) && self.outstanding.contains_key(attempt) => {
                (version, record)
            }
            input => match self.shown(input) {
                Some((version, record)) if self.creates(record) => (version, record),
                Some(_) | None => return,
            },
        };
        if self.graces.find(version).is_some() {
            return;
        }
        // An elector that re-creates what it waits for goes on waiting: nobody else can believe in it.
        let first = self.graces.created.iter().find(|created| self.held(created, record));
        let since = match first {
            _ if self.recreates(record) => None,
            Some(first) => first.since,
            None => Some(scene.now),
        };
        self.graces.created.push(Created {
            uid: version.uid.clone(),
            acquire_time: record.acquire_time.clone(),
            since,
        });
    }

    /// Tells whether an outstanding create would write this, or one of a leader ever.
    fn creates(&self, record: &LeaseRecord) -> bool {
        let writes = |request: &Request| match request {
            Request::Create { record: ours, .. } => ours == record,
            Request::Read | Request::Update { .. } => false,
        };
        let awaited = |(id, sent): (&AttemptId, &Sent)| {
            sent.order == self.order && self.outstanding.contains_key(id)
        };
        let recreates = self.recreates(record);
        self.sent.iter().any(|sent| writes(&sent.1.request) && (recreates || awaited(sent)))
    }

    /// Tells whether the term of this record was held, in a Lease of our making or by a takeover:
    /// a candidate draws another acquireTime for what it creates.
    pub(super) fn holds(&self, record: &LeaseRecord) -> bool {
        self.graces.created.iter().any(|created| created.acquire_time == record.acquire_time)
            || self.updates(record, |_| true)
    }

    /// Tells whether the term of this record was to be held in that Lease.
    fn held(&self, created: &Created, record: &LeaseRecord) -> bool {
        created.acquire_time == record.acquire_time
            || self.updates(record, |version| version.uid == created.uid)
    }

    /// Tells whether an update of the term of this record went out onto such a version.
    fn updates(&self, record: &LeaseRecord, onto: impl Fn(&Version) -> bool) -> bool {
        self.sent.values().any(|sent| match &sent.request {
            Request::Update { version, record: ours } => {
                onto(version) && ours.acquire_time == record.acquire_time
            }
            Request::Read | Request::Create { .. } => false,
        })
    }

    /// A leader that believes brings back what it holds, and goes on believing.
    fn recreates(&self, record: &LeaseRecord) -> bool {
        let term = self.belief.as_ref().and_then(|belief| belief.term);
        term.is_some_and(|term| record.acquire_time == LeaseTime::At(term.acquire_time()))
    }

    pub(super) fn check_grace(&self, scene: &Scene, valid_until: Instant) -> Result<(), Broken> {
        let start = scene.known.and_then(|known| self.graces.find(known)?.since);
        let (grace, deadline) = (scene.config.create_grace, scene.config.renew_deadline);
        let early = start.is_some_and(|at| valid_until < at.after(grace).after(deadline));
        self.watched.deny(Promise::Grace, early, || {
            format!("belief until {valid_until:?} in a Lease that was created at {start:?}")
        })
    }
}

impl Graces {
    /// Tells whether one began less than this long ago.
    pub(super) fn runs(&self, now: Instant, grace: Duration) -> bool {
        let began = self.created.last().and_then(|created| created.since);
        began.is_some_and(|since| now.since(since) < grace)
    }

    fn find(&self, version: &Version) -> Option<&Created> {
        self.created.iter().find(|created| created.uid == version.uid)
    }
}
