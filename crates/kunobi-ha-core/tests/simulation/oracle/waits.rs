//! An elector that takes a held Lease has seen that very record, in that very object, for long
//! enough; one that creates a Lease that it has seen before has missed it for as long.
//!
//! rule 4: the record that is taken was seen for its own duration, under its uid
//! rule 5: and for our own, if that is longer

use std::time::Duration;

use kunobi_ha_core::{Attempt, Instant, LeaseRecord, Request, Uid};

use super::{Broken, Promise, Scene, Witness, order::Order};

/// What this elector knows of the Lease, and since when.
#[derive(Debug, Default)]
pub(super) enum LeaseView {
    #[default]
    Nothing,
    Absent {
        since: Instant,
        wait: Duration,
    },
    Present {
        uid: Uid,
        record: LeaseRecord,
        since: Instant,
    },
}

impl LeaseView {
    pub(super) fn restart(&mut self, now: Instant) {
        match self {
            Self::Nothing => {}
            Self::Absent { since, .. } | Self::Present { since, .. } => *since = now,
        }
    }
}

impl Witness {
    pub(super) fn see(&mut self, scene: &Scene) {
        let seen = scene.known.and_then(|known| Some((known, scene.ledger.record_at(known)?)));
        match (&self.view, seen) {
            (LeaseView::Nothing | LeaseView::Absent { .. }, None) => {}
            (LeaseView::Present { record, .. }, None) => {
                // Nobody ever led in what we created and what was deleted before we knew.
                let unborn = self.order == Order::Contending && self.created(record);
                let wait = if unborn { Duration::ZERO } else { wait_for(scene, record) };
                self.view = LeaseView::Absent { since: scene.now, wait };
            }
            (LeaseView::Present { uid, record, .. }, Some((known, found)))
                if *uid == known.uid && record == found => {}
            (_, Some((known, found))) => {
                let (uid, record) = (known.uid.clone(), found.clone());
                self.view = LeaseView::Present { uid, record, since: scene.now };
            }
        }
    }

    pub(super) fn check_wait(&self, scene: &Scene, attempt: &Attempt) -> Result<(), Broken> {
        let from = match (&attempt.request, &self.view) {
            (Request::Update { record: ours, .. }, LeaseView::Present { record, since, .. })
                if !record.is_free() && ours.acquire_time != record.acquire_time =>
            {
                Some(since.after(wait_for(scene, record)))
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
            && !scene.ledger.restored;
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
