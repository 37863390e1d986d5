//! One term, from its first task to the release or the loss.

use std::sync::Arc;

use tokio::{sync::mpsc, time::timeout};
use tokio_util::sync::CancellationToken;

use super::{candidate::Candidate, context::LeaderContext, leader_work::Lead, shared::Shared};
use crate::{
    journal::{error, info, warn},
    leader::{LeaderGuard, LossBudgets, Release, StepDownReason},
    shutdown::{Clearance, Ending, HeldLease, Reason, ReleaseRequest, Released, WorkGroup},
    user_code::UserOwned,
};

/// The work of one term.
pub(super) struct ActiveTerm {
    context: LeaderContext,
    endings: mpsc::UnboundedReceiver<(Arc<str>, Ending)>,
}

/// How a term ended.
pub(super) enum TermEnd {
    Lost(StepDownReason),
    Released,
}

impl ActiveTerm {
    /// Starts all leader work of a new term.
    pub(super) fn start(
        shared: &Arc<Shared>,
        candidate: &Arc<Candidate>,
        leads: &[(Arc<str>, UserOwned<Lead>)],
        work: WorkGroup,
        guard: &LeaderGuard,
    ) -> Self {
        let (shared, candidate) = (Arc::clone(shared), Arc::clone(candidate));
        let stop = shared.shutdown.cancel_token();
        let (lost, given_up) = (CancellationToken::new(), CancellationToken::new());
        let (term, candidacy) = (guard.term(), guard.candidacy().clone());
        let context =
            LeaderContext { shared, candidate, term, candidacy, work, stop, lost, given_up };
        let (ended, endings) = mpsc::unbounded_channel();
        for (name, lead) in leads {
            let (of, ended) = (Arc::clone(name), ended.clone());
            let (lead, handed) = (lead.clone(), context.clone());
            // Here nothing of the user's may run: the work calls its function itself.
            let work = async move { lead.take()(handed).await };
            context.start(Arc::clone(name), work, move |ending| {
                // Once the term is over, nobody waits for it.
                let _ = ended.send((of, ending));
            });
        }
        Self { context, endings }
    }

    /// Leads until the Lease is released, or lost.
    pub(super) async fn run(mut self, lease: &mut HeldLease, mut guard: LeaderGuard) -> TermEnd {
        loop {
            tokio::select! {
                biased;
                reason = guard.over() => {
                    drop(guard);
                    // Before work is stopped, because the report may be made meanwhile.
                    let LeaderContext { shared, candidate, .. } = &self.context;
                    shared.note_late_loss(&candidate.name, reason);
                    self.stop_work(reason).await;
                    return TermEnd::Lost(reason);
                }
                Some((name, ending)) = self.endings.recv() => self.take(&name, ending),
                Some(request) = lease.release_request() => {
                    self.release(guard, request).await;
                    return TermEnd::Released;
                }
            }
        }
    }

    /// Takes how one work of this term ended.
    fn take(&self, name: &str, ending: Ending) {
        match ending {
            Ending::Done if !self.context.stop.is_cancelled() && !self.context.is_lost() => {
                let why = format!("{name} is done");
                self.context.shared.shutdown.trigger(Reason::Requested(why.into()));
            }
            ending => self.context.ended(name, ending),
        }
    }

    /// Releases the Lease if the shutdown allows it, and answers what came of that.
    async fn release(&self, guard: LeaderGuard, request: ReleaseRequest) {
        let Self { context: LeaderContext { shared, candidate, given_up, .. }, .. } = self;
        given_up.cancel();
        let released = match request.clearance() {
            Clearance::Granted => match guard.step_down().await {
                Release::Released => Released::Done,
                // The term was lost while work drained, and the election has not said so yet.
                release @ (Release::NotHeld | Release::NotOurs) => {
                    let why = format!("nothing was left to be released: {release:?}");
                    let why = candidate.name.prefix(why);
                    shared.shutdown.trigger(Reason::LeadershipLost(why.into()));
                    Released::Nothing
                }
                _ => Released::Skipped,
            },
            Clearance::Refused { unfinished } => {
                error!(
                    "{} is not released but left to run out, because leader work did not end by \
                     itself: {unfinished}",
                    candidate.name.lease()
                );
                drop(guard);
                Released::Skipped
            }
        };
        request.answer(released);
    }

    /// Stops all work of a term that is over, before another replica can lead.
    async fn stop_work(&mut self, reason: StepDownReason) {
        let LeaderContext { shared, candidate, work, stop, lost, .. } = &self.context;
        lost.cancel();
        stop.cancel();
        let left = candidate.state.time_to_stop();
        let LossBudgets { drain, abort } = LossBudgets::after(reason, left, candidate.time_to_stop);
        let why = candidate.name.prefix(reason);
        info!("leadership was lost: {why}; leader work has {drain:?} to stop");
        if timeout(drain, work.idle()).await.is_err() {
            warn!("aborting what did not stop: {}", work.running());
            work.abort();
            // The rest of this time is for the end of the process.
            if timeout(abort * 4 / 5, work.idle()).await.is_err() {
                shared.end_process(&work.running().to_string(), abort / 10);
            }
        }
        // All work has told by now how it ended: that comes before the group is idle.
        while let Ok((name, ending)) = self.endings.try_recv() {
            self.take(&name, ending);
        }
        self.context.work.forget();
    }
}
