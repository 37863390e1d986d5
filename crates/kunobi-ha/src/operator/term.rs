//! One term, from its first task to the release or the loss.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::mpsc,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{context::LeaderContext, leader_loop::LeaderLoop, on_lost::LossBudgets};
use crate::{
    journal::{error, info, warn},
    leader::{LeaderGuard, LeaderState, Release, StepDownReason},
    shutdown::{Clearance, Ending, Reason, ReleaseRequest, Released, WorkGroup},
};

/// The work of one term.
pub(super) struct ActiveTerm {
    context: LeaderContext,
    endings: mpsc::UnboundedReceiver<(Arc<str>, Ending)>,
}

/// How a term ended.
pub(super) enum End {
    Lost(StepDownReason),
    Released,
}

impl ActiveTerm {
    /// Starts all leader work of a new term.
    pub(super) fn start(leader_loop: &LeaderLoop, work: WorkGroup, guard: &LeaderGuard) -> Self {
        let shared = Arc::clone(&leader_loop.shared);
        let candidate = Arc::clone(&leader_loop.candidate);
        let stop = shared.shutdown.cancel_token();
        let (lost, given_up) = (CancellationToken::new(), CancellationToken::new());
        let (term, candidacy) = (guard.term(), guard.candidacy().clone());
        let context =
            LeaderContext { shared, candidate, term, candidacy, work, stop, lost, given_up };
        let (ended, endings) = mpsc::unbounded_channel();
        for (name, lead) in &leader_loop.leads {
            let (of, ended) = (Arc::clone(name), ended.clone());
            let (lead, handed) = (lead.clone(), context.clone());
            // The user's code is called where it runs, not here.
            let work = async move { lead.take()(handed).await };
            context.start(Arc::clone(name), work, move |ending| {
                // Nobody listens any more once the term is over.
                let _ = ended.send((of, ending));
            });
        }
        Self { context, endings }
    }

    /// Leads until the Lease is released, or lost.
    pub(super) async fn run(mut self, leader_loop: &mut LeaderLoop, mut guard: LeaderGuard) -> End {
        let state = self.context.candidate.state.clone();
        loop {
            tokio::select! {
                biased;
                reason = end_of(&mut guard, &state) => {
                    drop(guard);
                    // Now, for the report may be made before work has stopped.
                    leader_loop.note_late_loss(reason);
                    self.stop_work(reason).await;
                    return End::Lost(reason);
                }
                Some((name, ending)) = self.endings.recv() => self.take(&name, ending),
                Some(request) = leader_loop.lease.release_request() => {
                    self.release(guard, request).await;
                    return End::Released;
                }
            }
        }
    }

    fn take(&self, name: &str, ending: Ending) {
        match ending {
            Ending::Done if !self.context.stop.is_cancelled() && !self.context.is_lost() => {
                let why = format!("{name} is done");
                self.context.shared.shutdown.trigger(Reason::Requested(why.into()));
            }
            ending => self.context.ended(name, ending),
        }
    }

    /// Releases the Lease, if all work that has to end before ended by itself.
    async fn release(&self, guard: LeaderGuard, request: ReleaseRequest) {
        let Self { context: LeaderContext { shared, candidate, given_up, .. }, .. } = self;
        given_up.cancel();
        let released = match request.clearance() {
            Clearance::Granted => match guard.step_down().await {
                Release::Released => Released::Done,
                // It was lost while work drained, and nobody had noticed.
                release @ (Release::NotHeld | Release::NotOurs) => {
                    let why = format!("nothing was left to be released: {release:?}");
                    let why = candidate.name.loss(why);
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

    /// Stops all work of a term that is over, before somebody else may lead.
    async fn stop_work(&mut self, reason: StepDownReason) {
        let LeaderContext { shared, candidate, work, stop, lost, .. } = &self.context;
        lost.cancel();
        stop.cancel();
        let left = candidate.state.time_to_stop();
        let LossBudgets { patience, abort } =
            LossBudgets::after(reason, left, candidate.time_to_stop);
        let why = candidate.name.loss(reason);
        info!("leadership was lost: {why}; leader work has {patience:?} to stop");
        if timeout(patience, work.idle()).await.is_err() {
            warn!("aborting what did not stop: {}", work.running());
            work.abort();
            // The rest is for the end of the process.
            if timeout(abort * 4 / 5, work.idle()).await.is_err() {
                shared.end_process(&work.running().to_string(), abort / 10);
            }
        }
        // How they ended is known by now.
        while let Ok((name, ending)) = self.endings.try_recv() {
            self.take(&name, ending);
        }
        self.context.work.forget();
    }
}

/// Waits for the end of a term. A runtime that is blocked can't tell of it, but the clock can.
async fn end_of(guard: &mut LeaderGuard, state: &LeaderState) -> StepDownReason {
    let lapsed = async {
        while let Some(left) = state.time_left() {
            sleep(left).await;
        }
        sleep(WORD).await;
    };
    tokio::select! {
        biased;
        reason = guard.lost() => reason,
        () = lapsed => StepDownReason::RenewDeadlineExceeded,
    }
}

/// How long the election gets to say why a term is over that is over by the clock.
const WORD: Duration = Duration::from_millis(50);
