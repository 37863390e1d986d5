//! The create grace: the creator of a Lease may find that somebody still believes in the one that
//! was deleted, so it renews for a while before it believes.
//!
//! The grace belongs to the Lease, and outlives the contending phases and terms that come and go
//! meanwhile.

use alloc::vec::Vec;
use core::time::Duration;

use super::own_terms::MOST_TERMS;
use crate::{
    lease::{Lease, Uid},
    record::LeaseTime,
    time::{Instant, Timestamp},
};

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct CreateGrace {
    /// Zero where there is none.
    length: Duration,
    running: Option<Running>,
    /// The acquireTimes of creates whose Lease was not seen yet, newest last.
    creates: Vec<Timestamp>,
}

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
struct Running {
    uid: Uid,
    /// Belief begins with a write that is sent at this instant or later.
    until: Instant,
}

impl CreateGrace {
    pub(super) const fn new(length: Duration) -> Self {
        Self { length, running: None, creates: Vec::new() }
    }

    /// An elector that does not believe sends a create with this acquireTime.
    pub(super) fn create_sent(&mut self, acquire_time: Timestamp) {
        if self.length.is_zero() || self.creates.contains(&acquire_time) {
            return;
        }
        if self.creates.len() >= MOST_TERMS {
            self.creates.remove(0);
        }
        self.creates.push(acquire_time);
    }

    /// This elector has created this Lease.
    pub(super) fn created(&mut self, uid: &Uid, acquire_time: &LeaseTime, now: Instant) {
        self.creates.retain(|time| *acquire_time != LeaseTime::At(*time));
        if !self.length.is_zero() {
            self.running = Some(Running { uid: uid.clone(), until: now.after(self.length) });
        }
    }

    /// This Lease was read: if it shows a create whose answer was lost, the grace counts from here.
    pub(super) fn shown(&mut self, lease: &Lease, now: Instant) {
        let acquire_time = &lease.record.acquire_time;
        let created = self.creates.iter().any(|time| *acquire_time == LeaseTime::At(*time));
        if created && !self.covers(&lease.version.uid) {
            self.created(&lease.version.uid, acquire_time, now);
        }
    }

    /// A write to this Lease that was sent then has succeeded, which ends a grace that is over.
    pub(super) fn written(&mut self, uid: &Uid, sent: Instant) {
        self.running.take_if(|running| running.uid == *uid && sent >= running.until);
    }

    /// Belief has begun: no create of this term asks for a grace any more.
    pub(super) fn over(&mut self, acquire_time: Timestamp) {
        self.creates.retain(|time| *time != acquire_time);
    }

    /// Tells whether the holder of this Lease may not believe yet.
    pub(super) fn covers(&self, uid: &Uid) -> bool {
        self.running.as_ref().is_some_and(|running| running.uid == *uid)
    }

    /// Begins again: the clock that it was measured by went back.
    pub(super) fn restart(&mut self, now: Instant) {
        if let Some(running) = &mut self.running {
            running.until = now.after(self.length);
        }
    }
}

#[cfg(feature = "model")]
impl CreateGrace {
    /// A write that is older than `horizon` makes no leader.
    pub(super) fn canonical(&mut self, horizon: Duration, frame: &crate::model::Frame) {
        if let Some(running) = &mut self.running {
            running.until = frame.within(horizon, running.until);
        }
    }

    pub(super) fn rename(&mut self, names: &mut dyn crate::model::Rename) {
        for time in &mut self.creates {
            names.acquire_time(time);
        }
    }
}
