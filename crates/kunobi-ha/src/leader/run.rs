//! A program without the runner: leads while some work runs, and releases when it has ended.

use std::{
    future::pending,
    pin::{Pin, pin},
    time::Duration,
};

use kunobi_ha_core::{Release, StepDownReason};
use tokio::{select, time::timeout};

use super::{
    acquired::Acquired,
    election::LeaderElection,
    guard::LeaderGuard,
    lead::{Lead, Stopper},
    loss_budgets::LossBudgets,
};
use crate::{error::Result, journal::info};

/// How [`LeaderElection::run`] ended: `T` is what the work returned.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum RunEnd<T> {
    /// The work has ended, and then leadership was given up.
    Done {
        /// What the work returned.
        output: T,
        /// What became of the Lease.
        release: Release,
    },
    /// Leadership was lost. The Lease was not released.
    Lost {
        /// Why.
        reason: StepDownReason,
        /// What the work returned; `None` if it was dropped before it ended.
        output: Option<T>,
    },
    /// `stop` resolved before this replica led, and this became of the Lease. The work was not begun.
    NeverLed(Release),
}

/// The choice of a successor, which is made beside the end of work.
struct Choice<F> {
    choosing: Pin<Box<F>>,
    made: bool,
    successor: Option<String>,
}

impl LeaderElection {
    /// Leads for as long as some work runs, in the order that is safe: acquires, runs the work, and
    /// releases the Lease once it has ended.
    ///
    /// If leadership is lost first, [`Lead::stopped`] resolves, and the work is dropped: after
    /// [`RenewDeadlineExceeded`](StepDownReason::RenewDeadlineExceeded) so late that it may end by
    /// itself, and early enough that it is gone before another replica can lead; after any other
    /// reason at once, because another replica may lead already. The Lease is not released then. A
    /// future that blocks its thread can't be dropped, and tasks that the work spawned go on, unless
    /// they end with it: a `JoinSet` aborts its tasks when it is dropped.
    ///
    /// If the work panics, leadership ends, the Lease is not released, and the panic goes on.
    ///
    /// [`run_until`](Self::run_until) does the same until a signal comes. It leaves probes, budgets and
    /// exit codes to the program: the runner, `kunobi_ha::operator`, does these too.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> kunobi_ha::Result<()> {
    /// # let server = kunobi_ha_test::TestServer::builder().with_namespaces(["my-ns"]).build();
    /// # let config = kube::Client::new(server.service("me"), "default");
    /// use kunobi_ha::leader::{LeaderElection, Release, RunEnd};
    ///
    /// // `config` is a `kube::Config`, as of `kube::Config::infer()`.
    /// let election = LeaderElection::builder(config, "my-ns", "my-job").build();
    /// let end = election.run(|lead| async move { migrate(lead.term().fence()).await }).await?;
    /// assert_eq!(end, RunEnd::Done { output: 3, release: Release::Released });
    /// # Ok(())
    /// # }
    /// # async fn migrate(_: u64) -> u32 { 3 }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`acquire`](Self::acquire). The work was not begun then.
    ///
    /// # Cancel safety
    ///
    /// If it is dropped, the work is dropped, and then leadership ends. The Lease is not released:
    /// others take over when it has run out. [`run_until`](Self::run_until) ends it in order.
    pub async fn run<W: Future>(&self, work: impl FnOnce(Lead) -> W) -> Result<RunEnd<W::Output>> {
        self.run_until(pending(), work).await
    }

    /// As [`run`](Self::run), until `stop` resolves, at a signal for instance.
    ///
    /// When `stop` resolves before this replica leads, it stops contending, as
    /// [`acquire_unless`](Self::acquire_unless). When it resolves later, [`Lead::stopped`] resolves,
    /// and this waits for the work, for as long as that takes: this replica leads until the work has
    /// ended, and only then releases the Lease.
    ///
    /// The release names who is to lead next: the one that is [wished for](Lead::wished) in this term,
    /// or else the one that [`successor`](super::LeaderElectionBuilder::successor) chooses, beside
    /// the end of the work.
    ///
    /// ```no_run
    /// # async fn example(election: kunobi_ha::leader::LeaderElection) -> kunobi_ha::Result<()> {
    /// use kunobi_ha::leader::RunEnd;
    ///
    /// let stop = async { _ = tokio::signal::ctrl_c().await };
    /// let end = election
    ///     .run_until(stop, |lead| async move {
    ///         // For a `Controller`: `.graceful_shutdown_on(lead.stopped())`.
    ///         lead.stopped().await;
    ///     })
    ///     .await?;
    /// if let RunEnd::Lost { reason, .. } = end {
    ///     eprintln!("lost the lease: {reason}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run).
    ///
    /// # Cancel safety
    ///
    /// As [`run`](Self::run).
    pub async fn run_until<W: Future>(
        &self,
        stop: impl Future<Output = ()>,
        work: impl FnOnce(Lead) -> W,
    ) -> Result<RunEnd<W::Output>> {
        let mut stop = pin!(stop);
        // Before the work, so that it is dropped after it.
        let mut guard = match self.acquire_unless(stop.as_mut()).await? {
            Acquired::Leading(guard) => guard,
            Acquired::Stopped(release) => return Ok(RunEnd::NeverLed(release)),
        };
        let (lead, stopper) = Lead::of(&guard);
        let mut choice = Choice::new(guard.choose_successor());
        // In a box, so that it can be dropped before this function ends.
        let mut work = Box::pin(work(lead));
        match attend(&mut guard, &stopper, stop, work.as_mut(), &mut choice).await {
            Ok(output) => {
                drop(work);
                // Before leadership is given up: tasks that the work spawned may listen.
                stopper.stop();
                let successor = match guard.candidacy().wished_for() {
                    Some(wished) => Some(wished),
                    None => choice.successor().await,
                };
                Ok(conclude(guard, successor, output).await)
            }
            Err(reason) => {
                stopper.stop();
                let output = self.stop_work(reason, work).await;
                Ok(RunEnd::Lost { reason, output })
            }
        }
    }

    /// Ends work after a loss, before another replica can lead.
    async fn stop_work<W: Future>(
        &self,
        reason: StepDownReason,
        mut work: Pin<Box<W>>,
    ) -> Option<W::Output> {
        let margin = self.bounds().map_or(Duration::ZERO, |bounds| bounds.time_to_stop);
        let left = self.state().time_to_stop();
        let LossBudgets { drain, .. } = LossBudgets::after(reason, left, margin);
        info!("leadership was lost: {reason}; leader work has {drain:?} to stop");
        if drain.is_zero() {
            // Another replica may lead already: the work does not run once more. What it spawned is told.
            return None;
        }
        timeout(drain, work.as_mut()).await.ok()
    }
}

/// Waits for the work, and tells it to stop when `stop` resolves; fails if leadership is lost first.
async fn attend<W: Future>(
    guard: &mut LeaderGuard,
    stopper: &Stopper,
    mut stop: Pin<&mut impl Future<Output = ()>>,
    mut work: Pin<&mut W>,
    choice: &mut Choice<impl Future<Output = Option<String>>>,
) -> std::result::Result<W::Output, StepDownReason> {
    let mut stopping = false;
    loop {
        select! {
            biased;
            reason = guard.over() => return Err(reason),
            () = stop.as_mut(), if !stopping => {
                stopping = true;
                stopper.stop();
            }
            output = work.as_mut() => return Ok(output),
            () = choice.make(), if stopping && !choice.made => {}
        }
    }
}

/// Gives leadership up after the work has ended, unless it was lost meanwhile.
async fn conclude<T>(mut guard: LeaderGuard, successor: Option<String>, output: T) -> RunEnd<T> {
    while !guard.is_leader() {
        if let Ok(reason) = timeout(LONGEST_WORD, guard.over()).await {
            return RunEnd::Lost { reason, output: Some(output) };
        }
        // The election has published a renewal late, and leads on.
    }
    let release = match successor {
        Some(successor) => guard.step_down_to(successor).await,
        None => guard.step_down().await,
    };
    RunEnd::Done { output, release }
}

impl<F: Future<Output = Option<String>>> Choice<F> {
    fn new(choosing: F) -> Self {
        Self { choosing: Box::pin(choosing), made: false, successor: None }
    }

    /// Makes the choice; it is made once.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe.
    async fn make(&mut self) {
        if !self.made {
            self.successor = self.choosing.as_mut().await;
            self.made = true;
        }
    }

    async fn successor(mut self) -> Option<String> {
        self.make().await;
        self.successor
    }
}

/// Longer than an election takes to say why a term is over that is over by the clock.
const LONGEST_WORD: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use kunobi_ha_core::Leadership;
    use tokio::time::sleep;

    use super::*;

    #[tokio::test]
    async fn work_that_ends_while_a_renewal_is_published_late_is_followed_by_a_release() {
        let election = LeaderElection::standalone();
        let guard = election.acquire().await.unwrap();
        let (candidacy, term) = (guard.candidacy().clone(), guard.term());
        let leads_for = |time| {
            let valid_until = candidacy.election().clock.now().after(time);
            candidacy.publish(&Leadership::Leading { term, valid_until }, "me");
        };
        leads_for(Duration::ZERO);
        let late = async {
            sleep(Duration::from_millis(10)).await;
            leads_for(LONGEST_WORD * 3);
        };
        let concluding = timeout(LONGEST_WORD * 2, conclude(guard, None, ()));
        let (end, ()) = tokio::join!(concluding, late);
        assert_eq!(end.unwrap(), RunEnd::Done { output: (), release: Release::Released });
    }
}
