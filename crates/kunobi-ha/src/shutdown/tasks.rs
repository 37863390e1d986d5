//! Work that a shutdown waits for, by name.
//!
//! # Concurrency
//!
//! One lock protects the [`Ledger`]: what runs, what was cut off, and what may still begin. Any thread
//! takes it: the program's when work begins or is dropped, the supervisor's when it waits, aborts or
//! asks. Under the lock nothing is awaited, logged, spawned or dropped that is the program's; aborting
//! a task only tells its runtime.
//!
//! Three things hold because they happen under one lock:
//!
//! - An entry and the closing of its scope: work is refused, or it is waited for.
//! - The last check of a scope that is idle, its closing, and what of it did not end by itself: nothing
//!   begins in between.
//! - The mark of an abort and the handle of a task: either order aborts the task. Between its entry and
//!   its handle a task is a [`Starting`], which can only become [`Running`] by giving the handle.
//!
//! `idle` carries no data. It is sent after the lock is free, and each receiver checks again under the
//! lock; it subscribes before its first check, so that no change is missed.

mod group;
mod ledger;
mod name;
#[cfg_attr(not(feature = "operator"), expect(dead_code, reason = "only the operator holds Leases"))]
mod scope;
mod tally;

use std::sync::Arc;

use tokio::{runtime::Handle as Runtime, sync::watch, task::AbortHandle};

use self::ledger::{Ledger, Left};
pub(crate) use self::{
    group::WorkGroup,
    name::name_of,
    scope::{LeaseId, Part, Scope, TermId},
    tally::Tally,
};
use crate::{
    error::BoxError,
    journal::{error, warn},
    sync::{Mutex, MutexGuard, lock},
    user_code::{self, Ours, Ran, UserOwned},
};

/// All work of a process.
#[derive(Debug, Default)]
pub(super) struct Tasks {
    ledger: Mutex<Ledger>,
    /// Sent when the last work of a scope has left.
    idle: watch::Sender<()>,
}

/// An entry of the ledger. If it is dropped without an [`end`](Self::end), the work was cut off.
#[must_use = "the drain waits only as long as this lives"]
pub(super) struct Running {
    tasks: Arc<Tasks>,
    scope: Scope,
    id: u64,
    ended: bool,
}

/// A task that was entered and is about to be spawned: [`started`](Self::started) is the only way on.
#[must_use = "a task that is not started was cut off"]
struct Starting(Running);

/// Where a task runs, and where its end is reported from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Runtimes<'a> {
    pub(super) work: &'a Runtime,
    pub(super) supervisor: &'a Runtime,
}

/// How a task ended.
#[derive(Debug)]
pub(crate) enum Ending {
    Aborted,
    Done,
    Failed(String),
    Panicked(String),
}

impl Tasks {
    /// Counts something that runs whether it is counted or not; `None` if its scope is closed.
    pub(super) fn enter(self: &Arc<Self>, scope: Scope, name: &Arc<str>) -> Option<Running> {
        let id = self.ledger().enter(scope, name);
        if id.is_none() {
            warn!("{name} begins after what it belongs to is over: nothing waits for it");
        }
        id.map(|id| self.running_as(scope, id))
    }

    /// Wraps a future so that it is counted as long as it may still run.
    pub(super) fn track<F: Future>(
        self: &Arc<Self>,
        scope: Scope,
        name: &Arc<str>,
        work: F,
    ) -> impl Future<Output = F::Output> + use<F> {
        let running = self.enter(scope, name);
        async move {
            let output = work.await;
            if let Some(running) = running {
                running.end();
            }
            output
        }
    }

    /// Runs a task, and reports how it ended before it stops counting; if its scope is closed, runs
    /// nothing.
    pub(super) fn spawn(
        self: &Arc<Self>,
        on: Runtimes<'_>,
        scope: Scope,
        name: &Arc<str>,
        work: impl Future<Output = Result<(), BoxError>> + Send + 'static,
        report: impl FnOnce(Ending) + Send + 'static,
    ) {
        let Some(starting) = self.start(scope, name) else {
            error!("{name} is not run: what it belongs to is over");
            drop(UserOwned::new(work));
            return;
        };
        // The error ends where it was made, and only its text comes here.
        let task = user_code::spawn(on.work, async move { Ending::of(work.await) });
        let running = starting.started(task.abort_handle());
        on.supervisor.spawn(async move {
            let ending = Ending::from(task.await);
            let by_itself = match ending {
                Ending::Done | Ending::Failed(_) => true,
                Ending::Aborted | Ending::Panicked(_) => false,
            };
            // First: what waits for the end must not overtake the report of it.
            report(ending);
            if by_itself {
                running.end();
            }
        });
    }

    /// Returns the names of what runs, counted.
    #[cfg(feature = "operator")]
    pub(super) fn running(&self, part: Part) -> Tally {
        Tally::of(&self.ledger().running(part))
    }

    /// Returns the names of what runs, in the order in which it began.
    pub(super) fn running_in_order(&self, part: Part) -> Vec<Arc<str>> {
        self.ledger().running(part)
    }

    /// Returns the names of what still runs after an abort.
    pub(super) fn left(&self, part: Part) -> Left {
        self.ledger().left(part)
    }

    /// Returns the names of what has not ended, or not by itself.
    pub(super) fn unfinished(&self, part: Part) -> Tally {
        self.ledger().unfinished(part)
    }

    /// Waits until nothing runs in this part. From then on nothing begins in it, unless the part lasts
    /// as long as the process, or as another Lease.
    ///
    /// Cancel safe.
    pub(super) async fn idle(&self, part: Part) {
        self.ended(part).await;
    }

    /// As [`idle`](Self::idle); returns the names of what did not end by itself.
    ///
    /// Cancel safe.
    pub(super) async fn ended(&self, part: Part) -> Tally {
        let mut idle = self.idle.subscribe();
        loop {
            {
                let mut ledger = self.ledger();
                if ledger.is_idle(part) {
                    // Under the same lock: in between nothing can begin.
                    ledger.close(part);
                    return ledger.unfinished(part);
                }
            }
            // The sender lives in `self`, so that this can't fail.
            let _ = idle.changed().await;
        }
    }

    /// Aborts what runs, and lets nothing begin. A task may run on until it is next polled.
    pub(super) fn abort(&self, part: Part) {
        self.ledger().abort(part);
    }

    /// Forgets what was cut off in a scope that is over.
    #[cfg(feature = "operator")]
    pub(super) fn forget(&self, scope: Scope) {
        self.ledger().forget(scope);
    }

    /// Counts a task that is about to be spawned; `None` if its scope is closed.
    fn start(self: &Arc<Self>, scope: Scope, name: &Arc<str>) -> Option<Starting> {
        let id = self.ledger().enter_task(scope, name)?;
        Some(Starting(self.running_as(scope, id)))
    }

    fn running_as(self: &Arc<Self>, scope: Scope, id: u64) -> Running {
        Running { tasks: Arc::clone(self), scope, id, ended: false }
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        lock(&self.ledger)
    }
}

impl Starting {
    /// Takes the handle of the task. An abort that came before aborts it now.
    fn started(self, task: AbortHandle) -> Running {
        self.0.tasks.ledger().started(self.0.id, task);
        self.0
    }
}

impl Running {
    /// Notes that the work has ended by itself.
    pub(super) fn end(mut self) {
        self.ended = true;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut ledger = self.tasks.ledger();
        ledger.leave(self.id, self.ended);
        let idle = ledger.is_idle(Part::Of(self.scope));
        drop(ledger);
        if idle {
            self.tasks.idle.send_replace(());
        }
    }
}

impl Ending {
    fn of(result: Result<(), BoxError>) -> Self {
        match result {
            Ok(()) => Self::Done,
            Err(error) => Self::Failed(user_code::text(&error)),
        }
    }
}

impl From<Ran<Self>> for Ending {
    fn from(ran: Ran<Self>) -> Self {
        match ran {
            Ran::Done(ending) => ending,
            Ran::Panicked(message) => Self::Panicked(message),
            Ran::Cancelled => Self::Aborted,
        }
    }
}

impl Ours for Ending {}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    const LEASE: LeaseId = LeaseId(0);
    const FIRST: TermId = TermId { lease: LEASE, number: 1 };
    const SECOND: TermId = TermId { lease: LEASE, number: 2 };
    const OTHERS: TermId = TermId { lease: LeaseId(1), number: 1 };

    const fn on(runtime: &Runtime) -> Runtimes<'_> {
        Runtimes { work: runtime, supervisor: runtime }
    }

    #[tokio::test]
    async fn what_was_dropped_or_aborted_did_not_end_by_itself() {
        let tasks = Arc::new(Tasks::default());
        let here = Runtime::current();
        let (first, second) = (Scope::BeforeRelease, Scope::Term(FIRST));
        tasks.enter(first, &"held".into()).unwrap().end();
        drop(tasks.enter(first, &"dropped".into()));
        tasks.spawn(on(&here), second, &"done".into(), async { Ok(()) }, |_| ());
        let endless = std::future::pending();
        tasks.spawn(on(&here), second, &"endless".into(), endless, |_| ());
        tasks.abort(Part::Of(second));
        tasks.idle(Part::All).await;
        assert_eq!(tasks.unfinished(Part::Of(first)).to_string(), "dropped");
        assert!(tasks.unfinished(Part::Of(second)).to_string().contains("endless"));
    }

    #[tokio::test]
    async fn nothing_begins_in_what_is_over() {
        let tasks = Arc::new(Tasks::default());
        let may_begin = |scope| tasks.enter(scope, &"late".into()).is_some();
        let all = [
            Scope::Always,
            Scope::BeforeRelease,
            Scope::Term(FIRST),
            Scope::Term(SECOND),
            Scope::Term(OTHERS),
        ];
        assert_eq!(all.map(may_begin), [true; 5]);
        tasks.abort(Part::Of(Scope::Term(FIRST)));
        assert_eq!(all.map(may_begin), [true, true, false, true, true]);
        tasks.idle(Part::BeforeRelease(LEASE)).await;
        assert_eq!(all.map(may_begin), [true, false, false, false, true]);
        tasks.idle(Part::All).await;
        assert_eq!(all.map(may_begin), [false; 5]);
    }

    #[tokio::test]
    async fn a_task_that_begins_too_late_is_not_run() {
        let tasks = Arc::new(Tasks::default());
        let here = Runtime::current();
        tasks.idle(Part::All).await;
        let work = async { unreachable!("it was refused") };
        tasks.spawn(on(&here), Scope::Always, &"late".into(), work, |_| unreachable!());
        tokio::task::yield_now().await;
        assert!(tasks.running(Part::All).is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn an_abort_reaches_a_task_whose_handle_is_not_here_yet() {
        let tasks = Arc::new(Tasks::default());
        let starting = tasks.start(Scope::Term(FIRST), &"starting".into()).unwrap();
        tasks.abort(Part::Of(Scope::Term(FIRST)));
        assert_eq!(tasks.left(Part::All).aborted.to_string(), "starting");
        let task = tokio::spawn(std::future::pending::<()>());
        let running = starting.started(task.abort_handle());
        let ended = timeout(Duration::from_secs(1), task).await.expect("it was aborted");
        assert!(ended.unwrap_err().is_cancelled());
        drop(running);
        tasks.idle(Part::All).await;
        assert_eq!(tasks.unfinished(Part::All).to_string(), "starting");
    }

    #[tokio::test]
    async fn a_task_that_is_never_started_does_not_hold_up_the_end() {
        let tasks = Arc::new(Tasks::default());
        drop(tasks.start(Scope::Always, &"refused".into()));
        tasks.idle(Part::All).await;
        assert_eq!(tasks.unfinished(Part::All).to_string(), "refused");
    }

    #[test]
    fn what_was_cut_off_takes_bounded_space_and_is_forgotten_with_its_scope() {
        let tasks = Arc::new(Tasks::default());
        let scope = Scope::Term(FIRST);
        for _ in 0..100_000 {
            drop(tasks.enter(scope, &"reconcile".into()));
        }
        assert_eq!(tasks.unfinished(Part::All).to_string(), "reconcile (100000)");
        tasks.forget(scope);
        assert!(tasks.unfinished(Part::All).is_empty());
    }

    #[test]
    fn what_the_end_cut_off_is_not_forgotten() {
        let tasks = Arc::new(Tasks::default());
        let held = tasks.enter(Scope::Term(FIRST), &"reconcile".into());
        tasks.abort(Part::All);
        drop(held);
        tasks.forget(Scope::Term(FIRST));
        assert_eq!(tasks.unfinished(Part::All).to_string(), "reconcile");
    }
}
