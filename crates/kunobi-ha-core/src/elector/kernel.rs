//! What all phases of an elector share: its knowledge, its requests, its draws.

use alloc::{boxed::Box, vec::Vec};
use core::time::Duration;

use super::{
    attempts::{Attempts, Kind, Try},
    contact::Contact,
    pace::Pace,
};
use crate::{
    observation::Sight,
    record::{LeaseRecord, LeaseTime, Uid, Version},
    step::{Attempt, AttemptId, CreateVia, Notice, Request, Step},
    time::{ClockReading, Instant, Timestamp},
    timing::{Timing, TimingConfig},
};

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct Kernel {
    pub(super) identity: Box<str>,
    pub(super) timing: Timing,
    pub(super) sight: Sight,
    next_id: u64,
    pub(super) create_via: CreateVia,
    pub(super) contact: Contact,
    /// Nothing is sent for a candidacy before this: a release must hand over.
    pub(super) contend_from: Instant,
    pub(super) flaps: u32,
    grace: Option<Grace>,
    /// The acquireTimes of creates whose Lease was not seen yet, newest last.
    creates: Vec<Timestamp>,
    seed: u64,
    last_renew_time: Timestamp,
    /// The terms that this elector tried to begin, newest last.
    ours: Vec<(Uid, Timestamp)>,
    reported: LeaseTime,
}

/// Who created a Lease may find that somebody still believes in the one that was deleted. So the
/// grace belongs to the Lease, and outlives whatever candidacies and terms come and go meanwhile.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
struct Grace {
    uid: Uid,
    /// Belief begins with a write that is sent at this instant or later.
    until: Instant,
}

impl Kernel {
    pub(super) fn new(identity: &str, timing: Timing, seed: u64) -> Self {
        Self {
            identity: identity.into(),
            timing,
            sight: Sight::default(),
            next_id: 0,
            create_via: CreateVia::default(),
            contact: Contact::default(),
            contend_from: Instant::from_nanos(0),
            flaps: 0,
            grace: None,
            creates: Vec::new(),
            seed,
            last_renew_time: Timestamp::from_unix_micros(0),
            ours: Vec::new(),
            reported: LeaseTime::Absent,
        }
    }

    pub(super) const fn config(&self) -> &TimingConfig {
        self.timing.config()
    }

    pub(super) fn send(
        &mut self,
        attempts: &mut Attempts,
        kind: Kind,
        request: Request,
        now: Instant,
        pace: Pace,
        step: &mut Step,
    ) {
        let patience = self.patience().min(pace.deadline.since(now) / 2);
        let pace = pace.with_latency(self.contact.latency);
        let (base, record) = match &request {
            Request::Get => (None, None),
            Request::Create { record, .. } => (None, Some(record.clone())),
            Request::Update { version, record } => (Some(version.clone()), Some(record.clone())),
        };
        let id = AttemptId(self.next_id);
        self.next_id += 1;
        let beside = attempts.open().filter(|t| t.kind.is_like(kind)).count();
        let new = Try {
            id,
            kind,
            sent: now,
            join_at: now.after(patience),
            kept_until: pace.kept_until(beside, now),
            followed_from: pace.followed_from(now),
            base,
            record,
            settled: false,
        };
        attempts.push(new, step);
        let connection = self.contact.sent();
        step.send = Some(Attempt { id, request, connection });
    }

    fn patience(&self) -> Duration {
        let config = self.config();
        config.renew_request_timeout.unwrap_or_else(|| {
            (config.renew_deadline / 4).max(self.contact.latency.saturating_mul(2))
        })
    }

    pub(super) fn look(
        &mut self,
        attempts: &mut Attempts,
        now: Instant,
        pace: Pace,
        step: &mut Step,
    ) {
        self.send(attempts, Kind::Look, Request::Get, now, pace, step);
    }

    /// Adopts a record that was read, and reports it if it shows somebody else under our name.
    pub(super) fn read(
        &mut self,
        version: Version,
        record: LeaseRecord,
        now: Instant,
        step: &mut Step,
    ) {
        let renewed = self.sight.present().is_some_and(|seen| {
            seen.version.uid == version.uid
                && seen.record.acquire_time == record.acquire_time
                && seen.record.renew_time != record.renew_time
        });
        if renewed
            && self.is_impostor(&version.uid, &record)
            && self.reported != record.acquire_time
        {
            self.reported = record.acquire_time.clone();
            step.notices.push(Notice::IdentityCollision);
        }
        // The answer to the create was lost: the grace counts from here.
        let runs = self.grace.as_ref().is_some_and(|grace| grace.uid == version.uid);
        let ours = |time: &Timestamp| record.acquire_time == LeaseTime::At(*time);
        if !runs && self.creates.iter().any(ours) {
            self.created(&version.uid, &record.acquire_time, now);
        }
        let lease = self.config().lease_duration;
        self.sight.read(version, record, now, self.next_id, lease);
    }

    pub(super) fn wrote(&mut self, version: Version, record: LeaseRecord, now: Instant) {
        let lease = self.config().lease_duration;
        self.sight.wrote(version, record, now, self.next_id, lease);
    }

    /// Forgets all that the server has forgotten.
    pub(super) fn rewind(&mut self, from: u64, to: u64, step: &mut Step) {
        self.sight.forget();
        self.ours.clear();
        step.notices.push(Notice::Rewound { from, to });
    }

    /// Forgets what the monotonic clock measured, for it went back.
    pub(super) fn restart(&mut self, now: Instant) {
        let config = self.timing.config();
        self.sight.restart(now);
        self.contend_from = now.after(config.retry_period * 2);
        self.contact.restart();
        if let Some(grace) = &mut self.grace {
            grace.until = now.after(config.create_grace);
        }
    }

    /// Notes that an elector that does not believe sends a create of that acquireTime.
    pub(super) fn creates(&mut self, acquire_time: Timestamp) {
        if self.config().create_grace.is_zero() || self.creates.contains(&acquire_time) {
            return;
        }
        if self.creates.len() >= MOST_OURS {
            self.creates.remove(0);
        }
        self.creates.push(acquire_time);
    }

    /// Notes that this elector has created the Lease of that uid.
    pub(super) fn created(&mut self, uid: &Uid, acquire_time: &LeaseTime, now: Instant) {
        self.creates.retain(|time| *acquire_time != LeaseTime::At(*time));
        let grace = self.config().create_grace;
        if !grace.is_zero() {
            self.grace = Some(Grace { uid: uid.clone(), until: now.after(grace) });
        }
    }

    /// Tells whether a write that was sent then may make a leader, which ends the grace.
    pub(super) fn may_believe(&mut self, uid: &Uid, sent: Instant) -> bool {
        self.grace.take_if(|grace| grace.uid == *uid && sent >= grace.until);
        self.grace.as_ref().is_none_or(|grace| grace.uid != *uid)
    }

    fn is_impostor(&self, uid: &Uid, record: &LeaseRecord) -> bool {
        let ours = |(tried, time): &(Uid, Timestamp)| {
            tried == uid && record.acquire_time == LeaseTime::At(*time)
        };
        self.is_under_our_name(record) && !self.ours.iter().any(ours)
    }

    pub(super) fn is_under_our_name(&self, record: &LeaseRecord) -> bool {
        record.holder.as_deref() == Some(&*self.identity)
    }

    pub(super) fn claim(&mut self, uid: &Uid, acquire_time: Timestamp) {
        if self.ours.iter().any(|(known, time)| known == uid && *time == acquire_time) {
            return;
        }
        if self.ours.len() >= MOST_OURS {
            self.ours.remove(0);
        }
        self.ours.push((uid.clone(), acquire_time));
    }

    /// Builds the record of a term of ours.
    pub(super) fn record(
        &mut self,
        transitions: i32,
        acquire_time: Timestamp,
        onto: Option<&LeaseRecord>,
        reading: ClockReading,
    ) -> LeaseRecord {
        LeaseRecord {
            holder: Some(self.identity.clone()),
            duration_seconds: Some(self.timing.lease_seconds()),
            acquire_time: LeaseTime::At(acquire_time),
            renew_time: LeaseTime::At(self.draw_renew_time(reading)),
            transitions: Some(i64::from(transitions)),
            strategy: onto.and_then(|record| record.strategy.clone()),
            preferred_holder: onto.and_then(|record| record.preferred_holder.clone()),
        }
    }

    /// Builds the record that releases the one that was read.
    pub(super) fn release_record(
        &mut self,
        read: &LeaseRecord,
        reading: ClockReading,
    ) -> LeaseRecord {
        LeaseRecord {
            holder: None,
            duration_seconds: Some(1),
            acquire_time: LeaseTime::At(reading.wall),
            renew_time: LeaseTime::At(self.draw_renew_time(reading)),
            transitions: Some(i64::from(read.transitions())),
            strategy: read.strategy.clone(),
            preferred_holder: read.preferred_holder.clone(),
        }
    }

    /// Each is greater than the last, or a read could not tell which attempt it proves.
    fn draw_renew_time(&mut self, reading: ClockReading) -> Timestamp {
        self.last_renew_time = reading.wall.max(self.last_renew_time.next());
        self.last_renew_time
    }

    /// Returns `duration` times a factor that is uniform in [0.8, 1].
    pub(super) fn jitter(&mut self, duration: Duration) -> Duration {
        self.seed = self.seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.seed;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let part = u32::try_from((z ^ (z >> 31)) % 2_001).unwrap_or(0);
        duration / 10_000 * (8_000 + part)
    }
}

/// Older ones can't be renewed under our name any more: their takeovers are long decided.
const MOST_OURS: usize = 8;
