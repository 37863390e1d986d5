//! Who believes when, and everything else that must hold at every step.

use std::collections::BTreeMap;

use kunobi_ha_core::{
    Attempt, AttemptId, Instant, Leadership, LeaseRecord, LeaseTime, Request, StepDownReason, Term,
    Timestamp, Version,
};

use crate::simulation::{clock::Monotonic, server::Stored};

/// What readers in one process see.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Belief {
    /// `None`: a planted bug believes without one.
    pub(crate) term: Option<Term>,
    pub(crate) valid_until: Instant,
}

/// One elector as the oracle sees it.
#[derive(Debug, Default)]
pub(crate) struct Witness {
    /// Overlap is all that is watched for when a bug was planted.
    pub(crate) lenient: bool,
    pub(crate) belief: Option<Belief>,
    ended: Option<StepDownReason>,
    ended_terms: Vec<Term>,
    pub(crate) outstanding: BTreeMap<AttemptId, Attempt>,
    last_renew_time: Option<Timestamp>,
    wakes: (u64, u32),
    requests: (u64, u32),
}

impl Belief {
    /// The clock may be read at any instant, in a stalled process too.
    pub(crate) fn holds_at(&self, clock: &Monotonic, real: u64) -> bool {
        clock.local_at(real) < self.valid_until.as_nanos()
    }
}

impl Witness {
    /// Returns the term that begins with this publication, if one does.
    pub(crate) fn publish(&mut self, published: &Leadership) -> Result<Option<Term>, String> {
        match published {
            Leadership::Leading { term, valid_until } => {
                let revived = self.ended_terms.contains(term);
                self.deny(revived, || format!("the ended term {term} was revived"))?;
                let running = self.belief.and_then(|belief| belief.term);
                let early = running.is_some_and(|running| running != *term);
                self.deny(early, || format!("term {term} began before its predecessor ended"))?;
                let begins = running.is_none();
                self.belief = Some(Belief { term: Some(*term), valid_until: *valid_until });
                Ok(begins.then_some(*term))
            }
            Leadership::Ended { term, reason } => {
                self.ended = Some(*reason);
                self.ended_terms.push(*term);
                self.belief = None;
                Ok(None)
            }
            Leadership::Following { .. }
            | Leadership::Released(_)
            | Leadership::Failed(_)
            | Leadership::Withdrawn => {
                self.belief = None;
                Ok(None)
            }
        }
    }

    pub(crate) fn send(&mut self, attempt: &Attempt, local: u64) -> Result<(), String> {
        let again = self.outstanding.insert(attempt.id, attempt.clone());
        self.deny(again.is_some(), || format!("{} was used twice", attempt.id.get()))?;
        let outstanding = self.outstanding.len();
        self.deny(outstanding > 2, || format!("{outstanding} attempts outstanding"))?;
        let busy = count(&mut self.requests, local);
        self.deny(busy, || "a busy loop of requests".into())?;
        let record = match &attempt.request {
            Request::Get => return Ok(()),
            Request::Create { record, .. } | Request::Update { record, .. } => record,
        };
        if record.is_free() {
            self.release(record)?;
        }
        let LeaseTime::At(time) = record.renew_time else {
            return Err("a renewTime that is no time was written".into());
        };
        let last = self.last_renew_time.replace(time);
        self.deny(last >= Some(time), || "the renewTime of an attempt did not increase".into())
    }

    fn release(&self, record: &LeaseRecord) -> Result<(), String> {
        self.deny(self.belief.is_some(), || {
            "a release was sent before the stop was published".into()
        })?;
        self.deny(self.ended != Some(StepDownReason::Cancelled), || {
            format!("released after {:?}", self.ended)
        })?;
        self.deny(record.duration_seconds != Some(1), || "a release must ask for one second".into())
    }

    pub(crate) fn wake(&mut self, local: u64) -> Result<(), String> {
        let busy = count(&mut self.wakes, local);
        self.deny(busy, || "a busy loop of wake-ups".into())
    }

    fn deny(&self, wrong: bool, what: impl FnOnce() -> String) -> Result<(), String> {
        if wrong && !self.lenient { Err(what()) } else { Ok(()) }
    }
}

/// A write that the server accepted must be a renewal, a takeover or a release, and nothing else.
pub(crate) fn check_written(
    before: &Stored,
    guard: Option<&Version>,
    new: &LeaseRecord,
) -> Result<(), String> {
    let Some((version, old)) = before else {
        return match guard {
            None => Ok(()),
            Some(_) => Err("an update created the Lease".into()),
        };
    };
    if guard != Some(version) {
        return Err("a write was accepted against another version".into());
    }
    let renews = new.holder == old.holder && new.acquire_time == old.acquire_time;
    let kept = new.transitions() == old.transitions();
    let raised = new.transitions() == old.transitions().saturating_add(1);
    if new.strategy != old.strategy || new.preferred_holder != old.preferred_holder {
        return Err("a write lost a field that is not ours".into());
    }
    match (new.is_free(), renews) {
        (true, _) | (false, true) if kept => Ok(()),
        (false, false) if raised => Ok(()),
        (true | false, _) => {
            Err(format!("transitions went from {} to {}", old.transitions(), new.transitions()))
        }
    }
}

/// Counts within one second of the elector's clock; tells whether that is too much.
fn count(bucket: &mut (u64, u32), local: u64) -> bool {
    let second = local / 1_000_000_000;
    if bucket.0 == second {
        bucket.1 += 1;
    } else {
        *bucket = (second, 1);
    }
    bucket.1 > MOST_PER_SECOND
}

const MOST_PER_SECOND: u32 = 60;
