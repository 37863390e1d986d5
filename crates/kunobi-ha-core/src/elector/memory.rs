//! What an elector remembers from one phase to the next.

use core::time::Duration;

use super::{
    contact::Contact, grace::CreateGrace, jitter::Jitter, news::News, own_terms::OwnTerms,
    retake::Retake, writer::Writer,
};
use crate::{
    leadership::Leadership,
    lease_view::LeaseView,
    record::LeaseTime,
    request::AttemptId,
    time::Instant,
    timing::{Timing, TimingConfig},
};

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct Memory {
    pub(super) timing: Timing,
    pub(super) view: LeaseView,
    pub(super) contact: Contact,
    pub(super) writer: Writer,
    pub(super) own_terms: OwnTerms,
    pub(super) grace: CreateGrace,
    pub(super) news: News,
    pub(super) retake: Retake,
    pub(super) jitter: Jitter,
    /// Rule 16: nothing is sent to contend before this, for a release must hand over.
    pub(super) contend_from: Instant,
    /// How many terms in a row were lost within one lease duration.
    pub(super) flaps: u32,
    /// The term under our name, but not ours, that was reported last.
    pub(super) reported: LeaseTime,
    /// The next request gets this id.
    pub(super) next_id: AttemptId,
    /// The last instant that was read.
    now: Instant,
}

impl Memory {
    pub(super) fn new(identity: &str, timing: Timing, seed: u64) -> Self {
        Self {
            view: LeaseView::new(timing.config().lease_duration),
            contact: Contact::default(),
            writer: Writer::new(identity, &timing),
            own_terms: OwnTerms::default(),
            grace: CreateGrace::new(timing.config().create_grace),
            news: News::default(),
            retake: Retake::default(),
            jitter: Jitter::new(seed),
            contend_from: Instant::from_nanos(0),
            flaps: 0,
            reported: LeaseTime::Absent,
            next_id: AttemptId(0),
            now: Instant::from_nanos(0),
            timing,
        }
    }

    pub(super) const fn config(&self) -> &TimingConfig {
        self.timing.config()
    }

    /// Takes the instant that was read; tells whether the clock went back.
    pub(super) fn advance(&mut self, now: Instant) -> bool {
        let went_back = now < self.now;
        self.now = now;
        if went_back {
            self.restart(now);
        }
        went_back
    }

    /// Rule 3: forgets what the monotonic clock measured, because it went back.
    fn restart(&mut self, now: Instant) {
        self.view.restart(now);
        self.contact.restart();
        self.grace.restart(now);
        self.retake.restart(now);
        self.contend_later(now);
    }

    /// Rule 16: an elector that releases and contends at once would mostly win again.
    pub(super) fn contend_later(&mut self, now: Instant) {
        self.contend_from = now.after(self.config().retry_period * 2);
    }

    /// What a follower shows to its readers.
    pub(super) fn following(&self) -> Leadership {
        let holder = self.view.present().and_then(|seen| seen.lease.record.holder.clone());
        Leadership::Following { holder }
    }

    /// Returns how long to wait after that many flaps.
    pub(super) fn flap_backoff(&self) -> Duration {
        match self.flaps {
            0 => Duration::ZERO,
            flaps @ 1..=6 => Duration::from_secs(1 << (flaps - 1)),
            _ => LONGEST_BACKOFF,
        }
    }
}

const LONGEST_BACKOFF: Duration = Duration::from_secs(60);

#[cfg(feature = "model")]
impl Memory {
    pub(super) fn canonical(
        &mut self,
        reads: impl Iterator<Item = AttemptId> + Clone,
        frame: &crate::model::Frame,
    ) {
        let config = self.timing.config();
        self.view.canonical(reads, self.next_id, config, frame);
        self.contact.canonical(config, frame);
        self.grace.canonical(config.renew_deadline, frame);
        self.news.canonical(frame);
        self.retake.canonical(config.lease_duration, frame);
        // Without news only a notice depends on what is ours, and only the caller's patience on the
        // flaps.
        if !frame.deaths {
            self.own_terms.forget();
        }
        self.reported = LeaseTime::Absent;
        self.flaps = 0;
        self.jitter = Jitter::new(FULL_WAIT);
        self.contend_from = frame.due(self.contend_from);
        self.now = frame.shown_as;
    }

    pub(super) fn rename(&mut self, names: &mut dyn crate::model::Rename) {
        self.view.rename(names);
        self.writer.rename(names);
        self.own_terms.rename(names);
        self.grace.rename(names);
        self.news.rename(names);
        self.retake.rename(names);
        self.next_id.rename(names);
    }
}

/// With this seed the next draw takes nothing off.
#[cfg(feature = "model")]
const FULL_WAIT: u64 = 566;
