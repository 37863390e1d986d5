//! One term, from its first task to the release or the loss.

use std::{pin::pin, sync::Arc, time::Duration};

use tokio::{sync::mpsc, time::timeout};
use tokio_util::sync::CancellationToken;

use super::{
    candidate::Candidate,
    context::LeaderContext,
    drained::{Drained, drain},
    leader_work::Lead,
    on_wish::OnWish,
    shared::Shared,
    succession::Succession,
};
use crate::{
    journal::{error, info, warn},
    leader::{LeaderGuard, LossBudgets, Release, StepDownReason},
    shutdown::{Clearance, Ending, HeldLease, Reason, ReleaseRequest, Released, Scope, WorkGroup},
    user_code::UserOwned,
};

/// The work of one term.
pub(super) struct ActiveTerm {
    context: LeaderContext,
    endings: mpsc::UnboundedReceiver<(Arc<str>, Ending)>,
}

/// How a term ended.
pub(super) enum TermEnd {
    /// Another replica is to lead, and this one contends again after this time.
    HandedOver {
        wait: Duration,
    },
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

    /// Leads until the Lease is released, handed over, or lost.
    pub(super) async fn run(
        mut self,
        lease: &mut HeldLease,
        mut guard: LeaderGuard,
        on_wish: OnWish,
    ) -> TermEnd {
        let LeaderContext { shared, work, stop, .. } = self.context.clone();
        let mut succession = Succession::Open;
        let (mut wished, mut is_wished) = (pin!(guard.wished()), false);
        let others = shared.shutdown.work(Scope::BeforeRelease);
        let mut draining = pin!(drain(work, others, shared.shutdown.budgets()));
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
                () = stop.cancelled(), if succession.is_open() => {
                    succession = Succession::choose(&shared, &guard);
                }
                Some(request) = lease.release_request() => {
                    self.release(guard, request, succession).await;
                    return TermEnd::Released;
                }
                successor = &mut wished, if succession.is_open() && !is_wished => {
                    is_wished = true;
                    if self.obeys(on_wish, &successor) {
                        succession = Succession::Wished(successor);
                        stop.cancel();
                    }
                }
                // A shutdown has its own drain, and asks for the release.
                drained = &mut draining,
                    if succession.is_wished() && !shared.shutdown.is_requested() =>
                {
                    if let Drained::Stuck(names) = drained {
                        let why = format!("{names} can't be stopped");
                        shared.shutdown.trigger(Reason::TaskFailed(why.into()));
                    } else {
                        let wait = self.hand_over(guard, succession, drained).await;
                        return TermEnd::HandedOver { wait };
                    }
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

    /// Decides whether this term ends as somebody wishes (rule P3), and tells.
    fn obeys(&self, on_wish: OnWish, successor: &str) -> bool {
        let LeaderContext { shared, candidate, .. } = &self.context;
        // Any client with access to the Lease has written it.
        let successor = successor.escape_debug();
        let lasting = shared.shutdown.work(Scope::BeforeRelease).running();
        let why_not = match on_wish {
            OnWish::Ignore => "wishes are ignored".into(),
            OnWish::Handover if lasting.is_empty() => {
                info!("{}: handing over to {successor} as wished", candidate.name);
                return true;
            }
            OnWish::Handover => format!("{lasting} has to end before, and ends with the program"),
        };
        info!("{}: not handing over to {successor}: {why_not}", candidate.name);
        false
    }

    /// Gives the term up after its work has ended, and names the successor if all of it ended by
    /// itself; otherwise the Lease has to run out. Returns how long others go first.
    async fn hand_over(
        &self,
        guard: LeaderGuard,
        succession: Succession,
        drained: Drained,
    ) -> Duration {
        let LeaderContext { candidate, work, given_up, .. } = &self.context;
        given_up.cancel();
        let wait = match drained {
            Drained::Ended => {
                let release = release(guard, succession.name().await).await;
                if release != Release::Released {
                    warn!("{} was not released: {release:?}", candidate.name.lease());
                }
                // rule 16: the election itself waits before it contends again.
                Duration::ZERO
            }
            Drained::CutOff(unfinished) | Drained::Stuck(unfinished) => {
                error!(
                    "{} is not handed over but left to run out, because leader work did not end by \
                     itself: {unfinished}",
                    candidate.name.lease()
                );
                drop(guard);
                // This replica knows the end of its own lease first.
                candidate.time_to_be_replaced
            }
        };
        work.forget();
        wait
    }

    /// Releases the Lease if the shutdown allows it, and answers what came of that.
    async fn release(&self, guard: LeaderGuard, request: ReleaseRequest, succession: Succession) {
        let Self { context: LeaderContext { shared, candidate, given_up, .. }, .. } = self;
        given_up.cancel();
        let released = match request.clearance() {
            Clearance::Granted => match release(guard, succession.name().await).await {
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

async fn release(guard: LeaderGuard, successor: Option<String>) -> Release {
    match successor {
        Some(successor) => guard.step_down_to(successor).await,
        None => guard.step_down().await,
    }
}
