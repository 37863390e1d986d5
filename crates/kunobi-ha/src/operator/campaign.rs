//! Contends, leads, and contends again.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Duration,
};

use tokio::{
    sync::{mpsc, oneshot},
    time::sleep,
};
use tracing::{error, warn};

use super::{
    builder::Lead,
    loss::{LossPolicy, OnLost},
    stage::Stage,
    term::{End, Reign},
};
use crate::{
    leader::{LeaderGuard, StepDownReason},
    shutdown::{Reason, Released, Scope},
};

/// All candidacies and terms of a program. It runs where nothing of the user's does.
pub(super) struct Campaign {
    pub(super) stage: Arc<Stage>,
    pub(super) leads: Vec<(Arc<str>, Lead)>,
    on_lost: Arc<dyn LossPolicy>,
    /// Asks for the release, and wants to hear what came of it.
    pub(super) releases: mpsc::Receiver<Reply>,
}

pub(super) type Reply = oneshot::Sender<Released>;

impl Campaign {
    pub(super) fn new(
        stage: Arc<Stage>,
        leads: Vec<(Arc<str>, Lead)>,
        on_lost: Arc<dyn LossPolicy>,
        releases: mpsc::Receiver<Reply>,
    ) -> Self {
        Self { stage, leads, on_lost, releases }
    }

    pub(super) async fn run(mut self) {
        let mut scope = Scope::default();
        loop {
            let Some(guard) = self.contend().await else { return };
            scope.0 += 1;
            match Reign::start(&self, scope, &guard).last(&mut self, guard).await {
                End::Released => return,
                End::Lost(reason) => {
                    let Some(wait) = self.survive(reason) else { return };
                    let stop = self.stage.inner.requested.clone();
                    let _ = stop.run_until_cancelled(sleep(wait)).await;
                }
            }
        }
    }

    /// Waits for a term; `None` if there will be none, because the program ends.
    async fn contend(&mut self) -> Option<LeaderGuard> {
        let Stage { inner, user, .. } = &*self.stage;
        let stage = Arc::clone(&self.stage);
        let mut contending = user.spawn(async move {
            let stop = stage.inner.requested.clone();
            stop.run_until_cancelled(stage.election.acquire()).await
        });
        let result = tokio::select! {
            biased;
            result = &mut contending => result,
            Some(reply) = self.releases.recv() => {
                // Its runtime is blocked, or it would have ended at the signal.
                contending.abort();
                let _ = reply.send(Released::Nothing);
                return None;
            }
        };
        match result {
            Ok(None) => None,
            Ok(Some(Ok(guard))) if inner.requested.is_cancelled() => {
                // Nothing was begun in this term.
                guard.step_down().await;
                None
            }
            Ok(Some(Ok(guard))) => Some(guard),
            Ok(Some(Err(error))) => {
                self.fail(&format!("leader election: {error}"));
                None
            }
            Err(error) => {
                self.fail(&format!("leader election: its task is gone: {error}"));
                None
            }
        }
    }

    /// Decides what comes after a loss: how long to wait for the next candidacy, or the end.
    fn survive(&self, reason: StepDownReason) -> Option<Duration> {
        if reason == StepDownReason::Cancelled {
            self.fail("leader election: its task is gone");
            return None;
        }
        let Ok(choice) = catch_unwind(AssertUnwindSafe(|| self.on_lost.choose(reason))) else {
            self.fail("the policy for a lost leadership panicked");
            return None;
        };
        match choice {
            OnLost::Exit => {
                let why = Reason::LeadershipLost(reason.to_string().into());
                self.stage.inner.trigger(why);
                None
            }
            OnLost::Recontend { backoff } => {
                let wait = backoff.max(self.stage.election.flap_backoff());
                warn!("leadership was lost: {reason}; contending again in {wait:?}");
                Some(wait)
            }
        }
    }

    fn fail(&self, why: &str) {
        error!("{why}");
        self.stage.inner.trigger(Reason::TaskFailed(why.into()));
    }
}
