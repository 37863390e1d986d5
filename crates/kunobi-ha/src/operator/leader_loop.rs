//! Contends, leads, and contends again.

use std::{sync::Arc, time::Duration};

use tokio::time::sleep;

use super::{
    candidate::Candidate,
    leader_work::{Lead, LeaderWork},
    on_lost::{OnLost, Policy},
    on_wish::OnWish,
    setback::Setback,
    shared::Shared,
    term::{ActiveTerm, TermEnd},
};
use crate::{
    journal::warn,
    leader::{LeaderGuard, StepDownReason},
    shutdown::{HeldLease, Reason, Released},
    user_code::UserOwned,
};

/// All candidacies and terms of one election. It runs on the supervisor's runtime, where nothing of
/// the user's does.
pub(super) struct LeaderLoop {
    pub(super) shared: Arc<Shared>,
    pub(super) candidate: Arc<Candidate>,
    leads: Vec<(Arc<str>, UserOwned<Lead>)>,
    on_lost: Policy,
    on_wish: OnWish,
    exits_on_timeout: bool,
    pub(super) lease: HeldLease,
}

impl LeaderLoop {
    /// Starts the loop, which runs until the program ends.
    pub(super) fn start(shared: Arc<Shared>, candidate: Candidate, work: LeaderWork) {
        let LeaderWork { leads, on_lost, on_wish, exits_on_timeout } = work;
        let (candidate, on_lost) = (Arc::new(candidate), on_lost.unwrap_or_default());
        let owned = |(name, lead)| (candidate.name.of_work(name), UserOwned::new(lead));
        let leads = leads.into_iter().map(owned).collect();
        let (shutdown, supervisor) = (shared.shutdown.clone(), shared.supervisor.clone());
        let name = candidate.name.clone();
        let lease = shutdown.add_lease(name.in_report());
        let on_wish = on_wish.unwrap_or_default();
        let this = Self { shared, candidate, leads, on_lost, on_wish, exits_on_timeout, lease };
        let over = supervisor.spawn(this.run());
        supervisor.spawn(async move {
            if let Err(error) = over.await {
                let why = name.prefix(format!("the leader loop failed: {error}"));
                shutdown.trigger(Reason::TaskFailed(why.into()));
            }
        });
    }

    async fn run(mut self) {
        loop {
            let Some(guard) = self.contend().await else { return };
            let work = self.lease.begin_term();
            let Self { shared, candidate, leads, .. } = &self;
            let term = ActiveTerm::start(shared, candidate, leads, work, &guard);
            match term.run(&mut self.lease, guard, self.on_wish).await {
                TermEnd::HandedOver { wait } => {
                    if !self.pause(wait).await {
                        return;
                    }
                }
                TermEnd::Released => return,
                TermEnd::Lost(reason) => {
                    let Some(wait) = self.after_loss(reason).await else { return };
                    if !self.pause(wait).await {
                        return;
                    }
                }
            }
        }
    }

    /// Waits for a term; `None` if there will be none, because the program ends.
    async fn contend(&mut self) -> Option<LeaderGuard> {
        let mut setbacks = 0;
        loop {
            let setback = match self.take_part().await? {
                Ok(guard) => return Some(guard),
                Err(setback) => setback,
            };
            let first = setbacks == 0 && !self.candidate.election.peek().took_part();
            if !setback.may_pass(first, self.exits_on_timeout) {
                self.fail(&format!("{}: {}", self.candidate.name, setback.why));
                return None;
            }
            let wait = Setback::backoff(setbacks);
            setbacks = setbacks.saturating_add(1);
            let (name, why) = (&self.candidate.name, &setback.why);
            warn!("{name}: {why}; contending again in {wait:?}");
            if !self.pause(wait).await {
                return None;
            }
        }
    }

    /// Waits before the next candidacy; `false` if there will be none, because the program ends.
    async fn pause(&mut self, wait: Duration) -> bool {
        tokio::select! {
            biased;
            () = self.shared.shutdown.requested() => false,
            Some(request) = self.lease.release_request() => {
                request.answer(Released::Nothing);
                false
            }
            () = sleep(wait) => true,
        }
    }

    /// Decides what comes after a loss: the next candidacy, after this time, or the end of the
    /// program.
    async fn after_loss(&self, reason: StepDownReason) -> Option<Duration> {
        if reason == StepDownReason::Cancelled {
            self.fail(&format!("{}: its task is gone", self.candidate.name));
            return None;
        }
        let why = self.candidate.name.prefix(reason);
        if self.shared.note_late_loss(&self.candidate.name, reason) {
            warn!("leadership was lost during the shutdown: {why}");
            return None;
        }
        let choice = match self.on_lost.choose(reason, &self.shared.user).await {
            Ok(choice) => choice,
            Err(failure) => {
                let failure = format!("the policy for a lost leadership {failure}");
                self.fail(&self.candidate.name.prefix(failure));
                return None;
            }
        };
        match choice {
            OnLost::Exit => {
                self.shared.shutdown.trigger(Reason::LeadershipLost(why.into()));
                None
            }
            OnLost::Recontend { backoff } => {
                let wait = backoff.max(self.candidate.election.peek().flap_backoff());
                warn!("leadership was lost: {why}; contending again in {wait:?}");
                Some(wait)
            }
        }
    }

    pub(super) fn fail(&self, why: &str) {
        self.shared.shutdown.trigger(Reason::TaskFailed(why.into()));
    }
}
