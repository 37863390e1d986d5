//! One term, held.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use kunobi_ha_core::{Input, Release, StepDownReason, Term};
use tokio::sync::{oneshot, watch};

use super::{
    candidacy::Candidacy,
    driver::{Driver, Milestone},
    slot::{CheckedOut, Slot},
};

/// Leadership, as long as it lasts: returned by [`acquire`](super::LeaderElection::acquire).
///
/// A task of its own renews the Lease. Dropping the guard ends leadership at once, without a
/// release: others take over when the lease has run out. [`step_down`](Self::step_down) releases
/// it, once work has stopped.
#[derive(Debug)]
#[must_use = "leadership ends when the guard is dropped"]
pub struct LeaderGuard {
    term: Term,
    candidacy: Candidacy,
    slot: Arc<Slot>,
    ended: watch::Receiver<Option<StepDownReason>>,
    /// Gone when the guard has stepped down.
    release: Option<oneshot::Sender<Reply>>,
}

/// Notes that the task of a term went away before its end.
struct TaskGuard(Option<Candidacy>);

type Reply = oneshot::Sender<Release>;

impl LeaderGuard {
    pub(super) fn start(checked_out: CheckedOut, slot: &Arc<Slot>, term: Term) -> Self {
        let candidacy = checked_out.candidacy.clone();
        let (release, asked) = oneshot::channel();
        let (ending, ended) = watch::channel(None);
        // Here, for a task may be dropped before it is polled once.
        let watch = TaskGuard(Some(candidacy.clone()));
        tokio::spawn(lead(checked_out, watch, Arc::clone(slot), asked, ending));
        Self { term, candidacy, slot: Arc::clone(slot), ended, release: Some(release) }
    }

    /// Waits until this term is over, and says why. By then
    /// [`is_leader`](super::LeaderState::is_leader) is `false` everywhere.
    ///
    /// Stop at once what only a leader may do. After
    /// [`RenewDeadlineExceeded`](StepDownReason::RenewDeadlineExceeded) nobody else leads for
    /// another `lease_duration - renew_deadline`; after any other reason another replica may lead
    /// already.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe; once it has resolved, it resolves at once.
    pub async fn lost(&mut self) -> StepDownReason {
        if let Ok(reason) = self.ended.wait_for(Option::is_some).await {
            return reason.unwrap_or(StepDownReason::Cancelled);
        }
        // The task is gone with its runtime, or panicked.
        self.candidacy.revoke();
        StepDownReason::Cancelled
    }

    /// Tells whether this term still runs, by the clock.
    #[must_use]
    pub fn is_leader(&self) -> bool {
        self.ended.borrow().is_none() && self.candidacy.is_leader()
    }

    /// Returns the fencing token of this term.
    #[must_use]
    pub const fn term(&self) -> Term {
        self.term
    }

    /// Returns what answers for this term after the guard has been handed on.
    #[cfg(feature = "operator")]
    pub(crate) fn candidacy(&self) -> &Candidacy {
        &self.candidacy
    }

    /// Returns until when this term lasts unless it is renewed; now, if it is over.
    ///
    /// This is the best deadline for a request that only a leader may send. It is computed from two
    /// clocks, and does not know of a suspend that is still to come.
    #[must_use]
    pub fn valid_until(&self) -> Instant {
        let left = if self.is_leader() { self.candidacy.time_left() } else { None };
        Instant::now() + left.unwrap_or(Duration::ZERO)
    }

    /// Stops leading at once, then releases the Lease, so that another replica can take over
    /// without waiting for it to run out. Says what became of it; returns after `release_timeout`
    /// at the latest.
    ///
    /// Call it after everything has stopped that only a leader may do.
    ///
    /// # Cancel safety
    ///
    /// Leadership has ended when this is called. If the future is dropped, the release goes on in
    /// the background.
    pub fn step_down(mut self) -> impl Future<Output = Release> + Send + 'static {
        let answer = self.ask_for_release();
        async move {
            let _guard = self;
            match answer {
                Some(answer) => answer.await.unwrap_or(Release::NotHeld),
                None => Release::NotHeld,
            }
        }
    }

    fn ask_for_release(&mut self) -> Option<oneshot::Receiver<Release>> {
        let release = self.release.take()?;
        if self.ended.borrow().is_none() {
            self.candidacy.revoke();
            self.slot.expect_return(&self.candidacy);
        }
        let (reply, answer) = oneshot::channel();
        release.send(reply).ok().map(|()| answer)
    }
}

impl Drop for LeaderGuard {
    fn drop(&mut self) {
        // Without it, the guard has stepped down.
        if self.release.take().is_some() && self.ended.borrow().is_none() {
            self.candidacy.revoke();
            self.slot.expect_return(&self.candidacy);
        }
    }
}

impl TaskGuard {
    fn over(mut self) {
        self.0 = None;
    }
}

impl Drop for TaskGuard {
    fn drop(&mut self) {
        if let Some(candidacy) = &self.0 {
            candidacy.gone();
        }
    }
}

/// Leads until the term is over, one way or another.
async fn lead(
    mut checked_out: CheckedOut,
    watch: TaskGuard,
    slot: Arc<Slot>,
    asked: oneshot::Receiver<Reply>,
    ending: watch::Sender<Option<StepDownReason>>,
) {
    let candidacy = checked_out.candidacy.clone();
    let Some(driver) = checked_out.driver() else { return };
    tokio::select! {
        biased;
        reply = asked => {
            ending.send_replace(Some(StepDownReason::Cancelled));
            if let Ok(reply) = reply {
                let release = release(driver).await;
                drop(checked_out);
                // The task that asked may be gone.
                let _ = reply.send(release);
            }
        }
        reason = end(driver) => {
            slot.expect_return(&candidacy);
            ending.send_replace(Some(reason));
        }
    }
    watch.over();
}

async fn end(driver: &mut Driver) -> StepDownReason {
    loop {
        match driver.next().await {
            Milestone::Ended(reason) => return reason,
            Milestone::Failed(_) | Milestone::Leading(_) | Milestone::Released(_) => {}
        }
    }
}

async fn release(driver: &mut Driver) -> Release {
    let mut milestone = driver.tell(Input::StepDown);
    loop {
        match milestone {
            Some(Milestone::Released(release)) => return release,
            Some(Milestone::Ended(StepDownReason::Cancelled) | Milestone::Leading(_)) | None => {}
            // The term had ended before it could be given up.
            Some(Milestone::Ended(_) | Milestone::Failed(_)) => return Release::NotHeld,
        }
        milestone = Some(driver.next().await);
    }
}
