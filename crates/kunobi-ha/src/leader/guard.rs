//! One term, held.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use kunobi_ha_core::{Input, Release, StepDownReason, Term};
use tokio::{select, sync::oneshot, time::sleep};

use super::{
    candidacy::{Candidacy, CandidacyEnd},
    driver::{Driver, Milestone},
    slot::CheckedOut,
    successors::Chooser,
    task_guard::TaskGuard,
};

/// Leadership, as long as it lasts: returned by [`acquire`](super::LeaderElection::acquire).
///
/// A task of its own renews the Lease. Dropping the guard ends leadership at once, without a
/// release: others take over when the lease has run out. [`step_down`](Self::step_down) releases
/// it, once work has stopped, and [`step_down_to`](Self::step_down_to) says who is to lead next.
#[derive(Debug)]
#[must_use = "leadership ends when the guard is dropped"]
pub struct LeaderGuard {
    term: Term,
    candidacy: Candidacy,
    end: CandidacyEnd,
    successors: Option<Arc<Chooser>>,
    /// `None` once the guard has stepped down.
    release: Option<oneshot::Sender<StepDown>>,
}

/// What the task of the term is asked for.
#[derive(Debug)]
struct StepDown {
    successor: Option<String>,
    reply: oneshot::Sender<Release>,
}

impl LeaderGuard {
    pub(super) fn start(mut checked_out: CheckedOut, term: Term) -> Self {
        let candidacy = checked_out.candidacy().clone();
        let successors = checked_out.driver().successors.clone();
        let (release, asked) = oneshot::channel();
        let end = candidacy.end();
        // It is made here because a task may be dropped before its first poll.
        let task = TaskGuard::new(candidacy.clone());
        tokio::spawn(lead(checked_out, task, asked));
        Self { term, candidacy, end, successors, release: Some(release) }
    }

    /// Waits until this term is over, and says why. By then
    /// [`is_leader`](super::LeaderState::is_leader) is `false` everywhere.
    ///
    /// Stop at once what only a leader may do. After
    /// [`RenewDeadlineExceeded`](StepDownReason::RenewDeadlineExceeded) no other replica leads for
    /// another `lease_duration - renew_deadline`; after any other reason one may lead already.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe; once it has resolved, it resolves at once.
    pub async fn lost(&mut self) -> StepDownReason {
        self.end.wait().await
    }

    /// As [`lost`](Self::lost), also if the task of the term can't tell: it may be behind work that
    /// blocks its thread. Then the clock tells.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe.
    pub(crate) async fn over(&mut self) -> StepDownReason {
        let candidacy = self.candidacy.clone();
        let lapsed = async {
            loop {
                while let Some(left) = candidacy.time_left() {
                    sleep(left).await;
                }
                // The election gets this long to say why, or to publish a renewal that was in time.
                sleep(WORD).await;
                if candidacy.time_left().is_none() {
                    return;
                }
            }
        };
        select! {
            biased;
            reason = self.lost() => reason,
            () = lapsed => StepDownReason::RenewDeadlineExceeded,
        }
    }

    /// Waits until somebody wishes that another replica leads, and returns the identity of that one.
    ///
    /// Whoever may write annotations of the Lease can wish:
    /// `kubectl annotate lease my-operator kunobi.ninja/wish=my-operator-1`. The wish counts if it
    /// appears in this term, if it names another replica, and once the term has lasted for a lease
    /// duration; once in a term.
    ///
    /// Nothing else happens: the program decides, and may hand over with
    /// [`step_down_to`](Self::step_down_to) once work has stopped. The runner, `kunobi_ha::operator`,
    /// does so by itself. Nobody knows whether the one that is wished for is there.
    ///
    /// ```no_run
    /// # async fn example(mut guard: kunobi_ha::leader::LeaderGuard) {
    /// let wished = guard.wished();
    /// tokio::select! {
    ///     reason = guard.lost() => eprintln!("lost the lease: {reason}"),
    ///     successor = wished => {
    ///         // … stop work, then …
    ///         guard.step_down_to(successor).await;
    ///     }
    /// }
    /// # }
    /// ```
    ///
    /// # Cancel safety
    ///
    /// Cancel safe; once it has resolved, each later call resolves at once. It never resolves if there
    /// is no such wish in this term.
    pub fn wished(&self) -> impl Future<Output = String> + Send + Sync + 'static + use<> {
        self.candidacy.wished()
    }

    /// Tells whether this term still runs, by the clock.
    #[must_use]
    pub fn is_leader(&self) -> bool {
        self.candidacy.is_leader()
    }

    /// Returns the fencing token of this term.
    #[must_use]
    pub const fn term(&self) -> Term {
        self.term
    }

    /// Returns what answers for this term after the guard has been handed on.
    pub(crate) const fn candidacy(&self) -> &Candidacy {
        &self.candidacy
    }

    /// Returns until when this term lasts unless it is renewed; now, if it is over.
    ///
    /// This is the best deadline for a request that only a leader may send. It is computed from two
    /// clocks, and does not know of a suspend that is still to come.
    #[must_use]
    pub fn valid_until(&self) -> Instant {
        Instant::now() + self.candidacy.time_left().unwrap_or(Duration::ZERO)
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
    pub fn step_down(self) -> impl Future<Output = Release> + Send + 'static {
        self.release_to(None)
    }

    /// As [`step_down`](Self::step_down), and names who is to lead next: by its
    /// [`identity`](super::LeaderElectionBuilder::identity).
    ///
    /// The one that is named takes the Lease when it reads that it is free. The others leave it alone
    /// for 1.5 `retry_period` from when they read that; then all are equal. A name that no replica has
    /// costs this time. Replicas of other implementations, client-go for example, do not wait. Nobody
    /// is named by an identity that is empty, has more than 512 bytes, or begins or ends with a blank,
    /// nor by that of this replica.
    ///
    /// # Cancel safety
    ///
    /// As [`step_down`](Self::step_down).
    pub fn step_down_to(
        self,
        successor: impl Into<String>,
    ) -> impl Future<Output = Release> + Send + 'static {
        self.release_to(Some(successor.into()))
    }

    /// Chooses who is to lead next, among the Pods, as
    /// [`LeaderElectionBuilder::successor`](super::LeaderElectionBuilder::successor) says; `None` if
    /// nobody fits, if it does not say so, or if the Pods can't be listed. The log tells why.
    ///
    /// Call it when work begins to stop, and give what it returns to
    /// [`step_down_to`](Self::step_down_to) once work has stopped: this replica leads on while the
    /// Pods are listed. It returns after `renew_request_timeout` at the latest, and after a third of
    /// `release_timeout`.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> kunobi_ha::Result<()> {
    /// # let server = kunobi_ha_test::TestServer::builder().with_namespaces(["my-ns"]).build();
    /// # let config = kube::Client::new(server.service("me"), "default");
    /// use kunobi_ha::leader::{LeaderElection, Successors};
    ///
    /// // `config` is a `kube::Config`, as of `kube::Config::infer()`.
    /// let election = LeaderElection::builder(config, "my-ns", "my-operator")
    ///     .successor(Successors::new())
    ///     .build();
    /// let guard = election.acquire().await?;
    /// // … work, until it has to end …
    /// let (successor, ()) = tokio::join!(guard.choose_successor(), work_ends());
    /// match successor {
    ///     Some(successor) => guard.step_down_to(successor).await,
    ///     None => guard.step_down().await,
    /// };
    /// # Ok(())
    /// # }
    /// # async fn work_ends() {}
    /// ```
    ///
    /// # Cancel safety
    ///
    /// Cancel safe. It belongs to no term, and may outlive the guard.
    pub fn choose_successor(
        &self,
    ) -> impl Future<Output = Option<String>> + Send + 'static + use<> {
        let successors = self.successors.clone();
        async move { successors?.choose().await }
    }

    /// Returns how long a choice of the successor takes at most; `None` if there is none to make.
    #[cfg(feature = "operator")]
    pub(crate) fn time_to_choose(&self) -> Option<Duration> {
        self.successors.as_ref().map(|successors| successors.limit())
    }

    fn release_to(
        mut self,
        successor: Option<String>,
    ) -> impl Future<Output = Release> + Send + 'static {
        let answer = self.ask_for_release(successor);
        async move {
            let _guard = self;
            match answer {
                Some(answer) => answer.await.unwrap_or(Release::NotHeld),
                None => Release::NotHeld,
            }
        }
    }

    fn ask_for_release(&mut self, successor: Option<String>) -> Option<oneshot::Receiver<Release>> {
        let release = self.release.take()?;
        self.give_up();
        let (reply, answer) = oneshot::channel();
        release.send(StepDown { successor, reply }).ok().map(|()| answer)
    }

    /// rule 16: ends the belief before the machine is told and a release is sent, unless the term is
    /// over already.
    fn give_up(&self) {
        if !self.candidacy.is_over() {
            self.candidacy.revoke();
        }
    }
}

impl Drop for LeaderGuard {
    fn drop(&mut self) {
        // If it is gone, the guard has stepped down.
        if self.release.take().is_some() {
            self.give_up();
        }
    }
}

/// Leads until the term is over, one way or another.
async fn lead(mut checked_out: CheckedOut, task: TaskGuard, asked: oneshot::Receiver<StepDown>) {
    let driver = checked_out.driver();
    select! {
        biased;
        asked = asked => {
            if let Ok(StepDown { successor, reply }) = asked {
                let release = release(driver, successor).await;
                // Before the answer: the next `acquire` finds the driver back.
                drop(checked_out);
                // The task that asked may be gone.
                let _ = reply.send(release);
            }
        }
        () = end(driver) => {}
    }
    task.disarm();
}

async fn end(driver: &mut Driver) {
    loop {
        match driver.next().await {
            Milestone::Ended(_) => return,
            Milestone::Failed(_) | Milestone::Leading(_) | Milestone::Released(_) => {}
        }
    }
}

async fn release(driver: &mut Driver, successor: Option<String>) -> Release {
    driver.name_successor(successor);
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

const WORD: Duration = Duration::from_millis(50);

#[cfg(test)]
mod tests {
    use kunobi_ha_core::Leadership;
    use tokio::time::timeout;

    use super::*;
    use crate::leader::LeaderElection;

    #[tokio::test]
    async fn a_renewal_that_is_published_late_goes_on() {
        let election = LeaderElection::standalone();
        let mut guard = election.acquire().await.unwrap();
        let (candidacy, term) = (guard.candidacy().clone(), guard.term());
        let leads_for = |millis| {
            let now = candidacy.election().clock.now();
            let valid_until = now.after(Duration::from_millis(millis));
            candidacy.publish(&Leadership::Leading { term, valid_until }, "me");
        };
        // The election read the clock in time, and its thread was interrupted before it published.
        leads_for(0);
        let late = async {
            sleep(WORD / 5).await;
            leads_for(1_000);
            sleep(WORD * 4).await;
        };
        let over = async { tokio::join!(timeout(WORD * 4, guard.over()), late).0 };
        assert!(over.await.is_err(), "it leads");
        assert!(candidacy.is_leader());
    }
}
