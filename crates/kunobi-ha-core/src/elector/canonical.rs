//! The canonical form of an elector. **Not public API**: see `model.rs`.

use super::{Attempts, Elector, Phase};
use crate::{
    model::{Frame, Rename},
    request::{AttemptId, Request},
};

impl Elector {
    /// Not public API. Makes electors equal that no sequence of inputs tells apart, but for the
    /// numbers that [`rename`](Self::rename) gives names to.
    #[doc(hidden)]
    pub fn canonical(&mut self, frame: &Frame) {
        let Self { memory, phase } = self;
        let reads = phase.attempts_ref().into_iter().flat_map(Attempts::outstanding_reads);
        memory.canonical(reads, frame);
        let config = memory.timing.config();
        // A candidate's attempts may be taken over by a withdrawal.
        let horizon = config.renew_deadline.max(config.release_timeout);
        match phase {
            Phase::Idle => {}
            Phase::Contending(phase) => phase.canonical(horizon, config, frame),
            Phase::Probation(phase) => phase.holding.canonical(horizon, frame),
            Phase::Leading(phase) => phase.canonical(horizon, config, frame),
            Phase::Releasing(phase) => phase.canonical(horizon, frame),
            Phase::Withdrawing(phase) => phase.canonical(horizon, frame),
        }
    }

    /// Not public API. Supposes what [`Frame::retakes`] says of the terms that it leads and has lost.
    #[doc(hidden)]
    pub fn suppose(&mut self, frame: &Frame) {
        let Self { memory, phase } = self;
        memory.retake.suppose(frame);
        if let Phase::Leading(leading) = phase {
            leading.suppose(memory.timing.config(), frame);
        }
    }

    /// Not public API. Returns what it would be if it knew of no death.
    #[doc(hidden)]
    #[must_use]
    pub fn without_news(&self) -> Self {
        let mut other = self.clone();
        other.memory.news.forget();
        other
    }

    /// Not public API. Returns what it would be if it had lost no term.
    #[doc(hidden)]
    #[must_use]
    pub fn without_retake(&self) -> Self {
        let mut other = self.clone();
        other.memory.retake.forget();
        other
    }

    /// Not public API. Gives every number in it its name.
    #[doc(hidden)]
    pub fn rename(&mut self, names: &mut dyn Rename) {
        self.memory.rename(names);
        match &mut self.phase {
            Phase::Idle => {}
            Phase::Contending(phase) => phase.rename(names),
            Phase::Probation(phase) => phase.holding.rename(names),
            Phase::Leading(phase) => phase.holding.rename(names),
            Phase::Releasing(phase) => phase.rename(names),
            Phase::Withdrawing(phase) => phase.rename(names),
        }
    }

    /// Not public API. Tells whether an answer to this attempt is waited for.
    #[doc(hidden)]
    #[must_use]
    pub fn awaits(&self, id: AttemptId) -> bool {
        self.phase.attempts_ref().is_some_and(|all| all.outstanding_ids().any(|other| other == id))
    }

    /// Not public API. Tells whether a record may still prove this write, which is not outstanding.
    #[doc(hidden)]
    #[must_use]
    pub fn may_prove(&self, request: &Request) -> bool {
        self.phase
            .attempts_ref()
            .is_some_and(|all| all.unconfirmed_requests().any(|other| other == request))
    }
}

impl Phase {
    fn attempts_ref(&self) -> Option<&Attempts> {
        match self {
            Self::Idle => None,
            Self::Contending(phase) => Some(&phase.attempts),
            Self::Probation(phase) => Some(&phase.holding.traffic.attempts),
            Self::Leading(phase) => Some(&phase.holding.traffic.attempts),
            Self::Releasing(phase) => Some(&phase.traffic.attempts),
            Self::Withdrawing(phase) => Some(&phase.attempts),
        }
    }
}
