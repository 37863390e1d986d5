//! One call of `handle`, as a value that lives as long as the call.

use alloc::boxed::Box;
use core::time::Duration;

use super::{
    attempts::Attempts,
    in_flight::{InFlight, Purpose},
    memory::Memory,
};
use crate::{
    leadership::Leadership,
    lease::Lease,
    notice::Notice,
    pace::Pace,
    request::{Attempt, Request},
    step::Step,
    time::{ClockReading, Instant, Timestamp},
    timing::TimingConfig,
};

/// What the elector remembers, what its clocks say, and the step that is being put together.
pub(super) struct Turn<'a> {
    pub(super) memory: &'a mut Memory,
    pub(super) step: Step,
    reading: ClockReading,
    went_back: bool,
}

impl<'a> Turn<'a> {
    pub(super) fn new(memory: &'a mut Memory, reading: ClockReading) -> Self {
        let went_back = memory.advance(reading.monotonic);
        Self { memory, step: Step::default(), reading, went_back }
    }

    pub(super) const fn now(&self) -> Instant {
        self.reading.monotonic
    }

    pub(super) const fn reading(&self) -> ClockReading {
        self.reading
    }

    /// Tells whether the monotonic clock shows less than at the last call.
    pub(super) const fn clock_went_back(&self) -> bool {
        self.went_back
    }

    pub(super) const fn config(&self) -> &TimingConfig {
        self.memory.config()
    }

    /// Returns the instant that is so much later than now, less some jitter.
    pub(super) fn jittered(&mut self, wait: Duration) -> Instant {
        self.now().after(self.memory.jitter.draw(wait))
    }

    /// Rule O1: tells whether an outage is likely that will be over soon.
    pub(super) fn presses(&self) -> bool {
        self.memory.retake.presses(self.now(), self.config())
    }

    pub(super) fn publish(&mut self, leadership: Leadership) {
        self.step.publish(leadership);
    }

    /// Publishes the holder that is followed. The end of a term in the same step stays (rule 16).
    pub(super) fn publish_following(&mut self) {
        let memory = &*self.memory;
        self.step.publish.get_or_insert_with(|| memory.following());
    }

    pub(super) fn notice(&mut self, notice: Notice) {
        self.step.notices.push(notice);
    }

    /// Sends a request, and keeps it until it is answered, replaced or void.
    pub(super) fn send(
        &mut self,
        attempts: &mut Attempts,
        purpose: Purpose,
        request: Request,
        pace: Pace,
    ) {
        let now = self.now();
        let id = self.memory.next_id;
        self.memory.next_id = id.next();
        let contact = &mut self.memory.contact;
        // Rule 10: by half of what is left, a second attempt has as much time as the first.
        let hedge_after = contact.hedge_after(self.memory.timing.config());
        let hedge_at = now.after(hedge_after.min(pace.deadline.since(now) / 2));
        let pace = pace.with_latency(contact.latency);
        let new = InFlight::new(id, purpose, request.clone(), now);
        let beside = attempts.unproved().filter(|other| other.is_like(&new)).count();
        let new = InFlight {
            hedge_at,
            kept_until: pace.kept_until(beside, now),
            followed_from: pace.followed_from(now),
            ..new
        };
        attempts.push(new, &mut self.step);
        let connection = contact.sent();
        self.step.send = Some(Attempt { id, request, connection });
    }

    /// Adopts a Lease that was read, and reports it if it shows somebody else under our name.
    pub(super) fn adopt_shown(&mut self, lease: Lease) {
        let memory = &mut *self.memory;
        let renewed = memory.view.shows_renewal(&lease);
        let acquire_time = &lease.record.acquire_time;
        // Rule 9: a term under our identity that this elector never tried to begin.
        if renewed
            && memory.writer.is_named_in(&lease.record)
            && !memory.own_terms.contain(&lease)
            && memory.reported != *acquire_time
        {
            memory.reported = acquire_time.clone();
            self.step.notices.push(Notice::IdentityCollision);
        }
        memory.grace.shown(&lease, self.reading.monotonic);
        memory.news.shown(&lease.record);
        memory.retake.shown(&lease, memory.writer.identity());
        memory.view.adopt_shown(lease, self.reading.monotonic, memory.next_id);
    }

    /// Adopts a Lease that we wrote.
    pub(super) fn adopt_own(&mut self, lease: Lease) {
        let now = self.now();
        self.memory.news.shown(&lease.record);
        self.memory.view.adopt_own(lease, now, self.memory.next_id);
    }

    /// Rule C4: remembers a death, unless it is our own.
    pub(super) fn told_dead(&mut self, holder: Box<str>, acquire_time: Timestamp) {
        let memory = &mut *self.memory;
        if *holder == *memory.writer.identity() && memory.own_terms.tried(acquire_time) {
            self.notice(Notice::ToldDead);
        } else {
            memory.news.told(holder, acquire_time);
        }
    }

    /// Rule 13: forgets all that the server has forgotten.
    pub(super) fn rewind(&mut self, from: u64, to: u64) {
        self.memory.view.forget();
        let until = self.now().after(self.config().lease_duration);
        self.memory.own_terms.forget();
        self.memory.retake.forget();
        self.memory.news.doubt_until(until);
        self.notice(Notice::Rewound { from, to });
    }
}
