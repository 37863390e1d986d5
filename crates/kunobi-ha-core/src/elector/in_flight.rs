//! One request whose effect may still show.

use crate::{
    lease::{Uid, Version},
    record::{LeaseRecord, LeaseTime},
    request::{AttemptId, Request, Verb},
    time::{Instant, Timestamp},
};

/// What an attempt is for.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) enum Purpose {
    /// To begin a term.
    Contend,
    /// To go on holding the Lease.
    Hold,
    /// To give the Lease back.
    Release,
}

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct InFlight {
    pub(super) id: AttemptId,
    pub(super) purpose: Purpose,
    pub(super) request: Request,
    /// When it was sent, read before the request is made. Rule 2 counts from here.
    pub(super) sent: Instant,
    /// When a second attempt joins it (rule 10).
    pub(super) hedge_at: Instant,
    /// No other attempt takes its place before this, unless it is answered or void.
    pub(super) kept_until: Instant,
    /// No replacement is sent before this.
    pub(super) followed_from: Instant,
    /// A read has shown that it succeeded; only its answer is still on the way.
    pub(super) proved: bool,
}

impl InFlight {
    pub(super) const fn new(
        id: AttemptId,
        purpose: Purpose,
        request: Request,
        sent: Instant,
    ) -> Self {
        let (hedge_at, kept_until, followed_from) = (sent, sent, sent);
        Self { id, purpose, request, sent, hedge_at, kept_until, followed_from, proved: false }
    }

    pub(super) const fn verb(&self) -> Verb {
        self.request.verb()
    }

    pub(super) const fn reads(&self) -> bool {
        match self.request {
            Request::Read => true,
            Request::Create { .. } | Request::Update { .. } => false,
        }
    }

    pub(super) const fn creates(&self) -> bool {
        match self.request {
            Request::Create { .. } => true,
            Request::Read | Request::Update { .. } => false,
        }
    }

    /// Tells whether it would give the Lease back.
    pub(super) const fn releases(&self) -> bool {
        match self.purpose {
            Purpose::Release => !self.reads(),
            Purpose::Contend | Purpose::Hold => false,
        }
    }

    /// Returns the version that it is made on.
    pub(super) const fn base(&self) -> Option<&Version> {
        match &self.request {
            Request::Update { version, .. } => Some(version),
            Request::Create { .. } | Request::Read => None,
        }
    }

    /// Returns what it would write.
    pub(super) const fn record(&self) -> Option<&LeaseRecord> {
        match &self.request {
            Request::Create { record, .. } | Request::Update { record, .. } => Some(record),
            Request::Read => None,
        }
    }

    /// Returns the acquireTime that it would write.
    pub(super) fn acquire_time(&self) -> Option<Timestamp> {
        let LeaseTime::At(time) = &self.record()?.acquire_time else { return None };
        Some(*time)
    }

    /// Tells whether both are of one kind: read, release or other write. A new attempt takes the
    /// place of one of another kind first (rule 10).
    pub(super) fn is_like(&self, other: &Self) -> bool {
        self.reads() == other.reads() && self.releases() == other.releases()
    }

    /// Rule 8: tells whether an answer with this version says that something was written. A server
    /// skips an update that changes nothing, and answers with the old version.
    pub(super) fn has_written(&self, version: &Version) -> bool {
        self.base().is_none_or(|base| {
            base.uid == version.uid && version.resource_version > base.resource_version
        })
    }

    /// Rule 15: tells whether this record in this Lease proves that it was applied.
    pub(super) fn is_proved_by(&self, uid: &Uid, record: &LeaseRecord) -> bool {
        let same_lease = self.base().is_none_or(|base| base.uid == *uid);
        !self.proved && same_lease && self.record() == Some(record) && self.is_provable()
    }

    /// Rule 15: a create that bids for a Lease has no uid, so its record proves nothing. One that
    /// creates the Lease of a term again has the acquireTime of that term.
    const fn is_provable(&self) -> bool {
        match (&self.request, self.purpose) {
            (Request::Read, _) | (Request::Create { .. }, Purpose::Contend) => false,
            (Request::Create { .. }, Purpose::Hold | Purpose::Release)
            | (Request::Update { .. }, _) => true,
        }
    }
}

#[cfg(feature = "model")]
impl InFlight {
    /// It counts for nothing once `horizon` has passed since its send.
    pub(super) fn canonical(&mut self, horizon: core::time::Duration, frame: &crate::model::Frame) {
        let horizon =
            if self.proved && !frame.latency { core::time::Duration::ZERO } else { horizon };
        self.sent = frame.within(horizon, self.sent);
        let (sent, proved) = (self.sent, self.proved);
        let due = |at| if proved { frame.shown_as } else { frame.due(at).min(sent.after(horizon)) };
        self.hedge_at = due(self.hedge_at);
        self.kept_until = due(self.kept_until);
        self.followed_from = due(self.followed_from);
    }

    /// It is not outstanding: no answer to it counts.
    pub(super) fn canonical_unconfirmed(
        &mut self,
        horizon: core::time::Duration,
        frame: &crate::model::Frame,
    ) {
        self.id = AttemptId(0);
        self.sent = frame.within(horizon, self.sent);
        (self.hedge_at, self.kept_until, self.followed_from) =
            (frame.shown_as, frame.shown_as, frame.shown_as);
    }

    pub(super) fn rename(&mut self, names: &mut dyn crate::model::Rename) {
        self.id.rename(names);
        self.request.rename(names);
    }
}
