//! What the answers so far say of the way to the server.

use core::time::Duration;

use crate::{
    input::Refusal,
    step::{Connection, Verb},
    time::Instant,
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
    /// A request is sent; returns over which connection.
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

    /// The clock by which the latency was measured went back.
    pub(super) fn restart(&mut self) {
        self.latency = Duration::ZERO;
    }

    /// Tells whether this refusal of this verb may go away by itself.
    pub(super) const fn was_usable(&self, verb: Verb, refusal: Refusal) -> bool {
        let Usable { create, get, update } = self.usable;
        match refusal {
            // Who it is that asks is the same for all verbs.
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
