//! What is said of a release is so.
//!
//! rule 16: nothing is sent for 2 R after a release

use kunobi_ha_core::{Input, Instant, LeaseRecord, Release, StepDownReason, Term};

use super::{Belief, Broken, Promise, Scene, Witness, shows, written};
use crate::simulation::ledger::{Author, Entry};

/// The term that is being released.
#[derive(Debug, Default)]
pub(super) struct Releases {
    ending: Option<Ending>,
    /// When a candidate gave up with a write under way.
    given_up: Option<Instant>,
    /// Nothing is sent before, so that a release hands over.
    again_from: Option<Instant>,
}

#[derive(Debug)]
struct Ending {
    term: Term,
    belief: Belief,
    at: Instant,
    /// How many states of the Lease there were when the term ended.
    states: usize,
}

impl Witness {
    pub(super) fn begin_release(&mut self, scene: &Scene, term: Term, reason: StepDownReason) {
        let releases = reason == StepDownReason::Cancelled && *scene.input == Input::StepDown;
        let belief = self.belief.clone().filter(|_| releases);
        let (at, states) = (scene.now, scene.ledger.len());
        self.releases.ending = belief.map(|belief| Ending { term, belief, at, states });
    }

    pub(super) fn check_release(&mut self, scene: &Scene, said: &Release) -> Result<(), Broken> {
        let given_up = self.releases.given_up.take();
        let Some(ending) = self.releases.ending.take() else {
            let of_a_bid = given_up.filter(|_| *said != Release::NotHeld);
            return of_a_bid.map_or(Ok(()), |at| self.check_bid(scene, said, at));
        };
        self.releases.again_from = Some(scene.now.after(scene.config.retry_period * 2));
        let so = match said {
            Release::NotHeld => true,
            Release::Released => self.was_freed(scene, ending.at),
            // What was read of another time may pass for the Lease as it is.
            Release::NotOurs => {
                !scene.fresh_reads || scene.ledger.restored || Self::was_lost(scene, &ending)
            }
            Release::StillHeld { until } => self.is_held_until(scene, &ending, *until),
            _ => false,
        };
        self.watched.deny(Promise::Release, !so, || {
            format!("{said:?} was said of term {} ({:?})", ending.term, ending.belief.valid_until)
        })
    }

    pub(super) fn give_up(&mut self, scene: &Scene) {
        self.releases.given_up = Some(scene.now);
    }

    /// What is said of a bid that may have been won after it was given up.
    fn check_bid(&mut self, scene: &Scene, said: &Release, since: Instant) -> Result<(), Broken> {
        self.releases.again_from = Some(scene.now.after(scene.config.retry_period * 2));
        let lease = scene.config.lease_duration;
        let held = |until: Instant| {
            self.sent.values().any(|sent| {
                let holds = written(&sent.request).is_some_and(|record| !record.is_free());
                holds && sent.at <= since && sent.at.after(lease) == until
            })
        };
        let so = match said {
            Release::NotOurs => true,
            Release::Released => self.was_freed(scene, since),
            Release::StillHeld { until } => held(*until),
            _ => false,
        };
        self.watched.deny(Promise::Release, !so, || format!("{said:?} was said of a bid"))
    }

    pub(super) fn check_handover(&self, scene: &Scene) -> Result<(), Broken> {
        let early = self.releases.again_from > Some(scene.now);
        self.watched.deny(Promise::Release, early, || "it contends at once after a release".into())
    }

    /// A release of this elector stood in the Lease.
    fn was_freed(&self, scene: &Scene, since: Instant) -> bool {
        self.sent.iter().any(|(id, sent)| {
            sent.at >= since
                && written(&sent.request).is_some_and(LeaseRecord::is_free)
                && scene.ledger.applied(scene.who, *id).is_some()
        })
    }

    /// Since the term ended, the Lease was deleted, another object, or in other hands.
    fn was_lost(scene: &Scene, ending: &Ending) -> bool {
        let released = |entry: &Entry, record: &LeaseRecord| match entry.author {
            Author::Elector(sender, _) => sender == scene.who && record.is_free(),
            Author::Administrator | Author::Vandal => false,
        };
        let lost = |entry: &Entry| {
            entry.state.as_ref().is_none_or(|(version, record)| {
                ending.belief.uid.as_ref() != Some(&version.uid)
                    || !(shows(record, scene.identity, &ending.term) || released(entry, record))
            })
        };
        scene.ledger.since(ending.states).iter().any(lost)
    }

    /// Others wait for our lease duration from the last write of the term that may be applied.
    fn is_held_until(&self, scene: &Scene, ending: &Ending, until: Instant) -> bool {
        let lease = scene.config.lease_duration;
        let deadline = scene.config.renew_deadline;
        let writes = self.sent.iter().filter(|(_, sent)| {
            written(&sent.request).is_some_and(|record| shows(record, scene.identity, &ending.term))
        });
        let mut last = None;
        let mut applied = None;
        for (id, sent) in writes {
            last = last.max(Some(sent.at));
            let place = scene.ledger.applied(scene.who, *id);
            // A vandal may have done anything to it since.
            if place.is_some_and(|place| !scene.ledger.interfered_since(place)) {
                applied = applied.max(Some(sent.at));
            }
        }
        let known = ending.belief.valid_until.after(lease.saturating_sub(deadline));
        let earliest = applied.map_or(known, |sent| sent.after(lease).max(known));
        let latest = last.map_or(known, |sent| sent.after(lease).max(known));
        earliest <= until && until <= latest
    }
}
