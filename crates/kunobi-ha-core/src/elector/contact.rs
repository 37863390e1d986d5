//! What the answers so far say of the way to the server.

use core::time::Duration;

use crate::{
    input::Refusal,
    request::{Connection, Verb},
    time::Instant,
    timing::TimingConfig,
};

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct Contact {
    /// The verbs that ever had a usable answer.
    usable: Usable,
    /// How long the last answer took.
    pub(super) latency: Duration,
    /// Whether a request was answered since the last one was sent.
    heard: bool,
}

#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
struct Usable {
    create: bool,
    get: bool,
    update: bool,
}

impl Default for Contact {
    fn default() -> Self {
        Self { usable: Usable::default(), latency: Duration::ZERO, heard: true }
    }
}

impl Contact {
    /// A request is sent; returns over which connection (rule 10).
    pub(super) fn sent(&mut self) -> Connection {
        if core::mem::take(&mut self.heard) { Connection::Any } else { Connection::New }
    }

    /// A request that was sent then has an answer, `definite` unless it was cut off.
    pub(super) fn heard(&mut self, sent: Instant, definite: bool, now: Instant) {
        self.heard = true;
        if definite {
            self.latency = now.since(sent);
        }
    }

    /// Returns after what time without an answer a second request joins the first (rule 10).
    pub(super) fn hedge_after(&self, config: &TimingConfig) -> Duration {
        config
            .renew_request_timeout
            .unwrap_or_else(|| (config.renew_deadline / 4).max(self.latency.saturating_mul(2)))
    }

    /// The clock by which the latency was measured went back.
    pub(super) fn restart(&mut self) {
        self.latency = Duration::ZERO;
    }

    /// Rule 12: tells whether this refusal of this verb may go away by itself.
    pub(super) const fn may_pass(&self, verb: Verb, refusal: Refusal) -> bool {
        let Usable { create, get, update } = self.usable;
        match refusal {
            // The identity that is not known is the same for all verbs.
            Refusal::Unauthorized => create || get || update,
            Refusal::Forbidden
            | Refusal::Invalid
            | Refusal::NamespaceMissing
            | Refusal::NotALease => self.is_usable(verb),
        }
    }

    const fn is_usable(&self, verb: Verb) -> bool {
        match verb {
            Verb::Create => self.usable.create,
            Verb::Get => self.usable.get,
            Verb::Update => self.usable.update,
        }
    }

    pub(super) const fn used(&mut self, verb: Verb) {
        match verb {
            Verb::Create => self.usable.create = true,
            Verb::Get => self.usable.get = true,
            Verb::Update => self.usable.update = true,
        }
    }
}

#[cfg(feature = "model")]
impl Contact {
    pub(super) fn canonical(&mut self, config: &TimingConfig, frame: &crate::model::Frame) {
        self.heard = true;
        self.latency = if frame.latency {
            // Nothing is waited for any longer.
            self.latency.min(config.renew_deadline.max(config.release_timeout))
        } else {
            Duration::ZERO
        };
        if !frame.refusals {
            self.usable = Usable::default();
        }
    }
}
