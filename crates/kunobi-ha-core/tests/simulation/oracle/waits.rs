//! An elector that takes a held Lease has seen that very record, in that very object, for long
//! enough; one that creates a Lease that it has seen before has missed it for as long.
//!
//! rule 4: the record that is taken was seen for its own duration, under its uid
//! rule 5: and for our own, if that is longer
//! rule P2: a free Lease that names somebody else as its next holder is seen for 1.5 R

use std::time::Duration;

use kunobi_ha_core::{Attempt, Instant, LeaseRecord, Request, Uid};

use super::{Broken, Promise, Scene, Witness, hints::yields_until, order::Order, written};

/// What this elector knows of the Lease, and since when.
#[derive(Debug, Default)]
pub(super) enum LeaseView {
    #[default]
    Nothing,
    Absent {
        since: Instant,
        wait: Duration,
    },
    Present(Seen),
}

/// A Lease as this elector knows it.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) uid: Uid,
    pub(super) record: LeaseRecord,
    pub(super) since: Instant,
    /// Since when a record of this holder and acquireTime is known in it.
    pub(super) term_since: Instant,
}

impl LeaseView {
    pub(super) fn restart(&mut self, now: Instant) {
        match self {
            Self::Nothing => {}
            Self::Absent { since, .. } => *since = now,
            Self::Present(seen) => (seen.since, seen.term_since) = (now, now),
        }
    }

    pub(super) const fn seen(&self) -> Option<&Seen> {
        match self {
            Self::Nothing | Self::Absent { .. } => None,
            Self::Present(seen) => Some(seen),
        }
    }
}

impl Witness {
    pub(super) fn see(&mut self, scene: &Scene) {
        let seen = scene.known.and_then(|known| Some((known, scene.ledger.record_at(known)?)));
        match (&self.view, seen) {
            (LeaseView::Nothing | LeaseView::Absent { .. }, None) => {}
            (LeaseView::Present(Seen { record, .. }), None) => {
                // Nobody ever led in what we created and what was deleted before we knew.
                let unborn = self.order == Order::Contending && self.created(record);
                let wait = if unborn { Duration::ZERO } else { wait_for(scene, record) };
                self.view = LeaseView::Absent { since: scene.now, wait };
            }
            (LeaseView::Present(Seen { uid, record, .. }), Some((known, found)))
                if *uid == known.uid && record == found => {}
            (view, Some((known, found))) => {
                let (uid, record) = (known.uid.clone(), found.clone());
                let term_since = view.seen().filter(|seen| {
                    seen.uid == uid
                        && seen.record.holder == record.holder
                        && seen.record.acquire_time == record.acquire_time
                });
                let term_since = term_since.map_or(scene.now, |seen| seen.term_since);
                let seen = Seen { uid, record, since: scene.now, term_since };
                self.view = LeaseView::Present(seen);
            }
        }
    }

    pub(super) fn check_wait(&mut self, scene: &Scene, attempt: &Attempt) -> Result<(), Broken> {
        let from = match (&attempt.request, &self.view) {
            (Request::Update { record: ours, .. }, LeaseView::Present(seen))
                if !seen.record.is_free() && ours.acquire_time != seen.record.acquire_time =>
            {
                Some(seen.since.after(wait_for(scene, &seen.record)))
            }
            (Request::Update { record: ours, .. }, LeaseView::Present(seen))
                if !ours.is_free() && seen.record.is_free() =>
            {
                yields_until(scene, seen)
            }
            (Request::Create { record, .. }, LeaseView::Absent { since, wait })
                if !self.holds(record) =>
            {
                Some(since.after(*wait))
            }
            (Request::Read | Request::Create { .. } | Request::Update { .. }, _) => None,
        };
        // From a restore on, a version does not tell which record it is.
        let early = self.order == Order::Contending
            && from.is_some_and(|from| scene.now < from)
            && !scene.ledger.restored
            && !written(&attempt.request).is_some_and(|bid| self.may_come_early(scene, bid));
        self.watched.deny(Promise::Wait, early, || format!("{:?} was taken", self.view))
    }
}

/// A Lease that is free when it is deleted is missed for our own lease duration.
fn wait_for(scene: &Scene, record: &LeaseRecord) -> Duration {
    let own = scene.config.lease_duration;
    let asked = record.duration().filter(|_| !record.is_free()).unwrap_or(own);
    asked.min(AN_HOUR).max(own)
}

const AN_HOUR: Duration = Duration::from_secs(3600);
