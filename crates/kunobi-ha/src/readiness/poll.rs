//! Asks the polled checks in the background, so that a probe only reads.
//!
//! Each check has a task, on the runtime that keeps the time. The user's future runs on the user's
//! runtime, and the task waits for it no longer than the timeout. The task alone writes its
//! [`Polled`]; probes read it under a lock that neither holds across an `.await`.

use std::{fmt, pin::Pin, sync::Arc};

use tokio::{
    runtime::Handle as Runtime,
    task::AbortHandle,
    time::{Instant, MissedTickBehavior, interval, timeout},
};

use super::polled::{Polled, Settings};
use crate::{
    error::BoxError,
    sync::{Mutex, lock},
    user_code::{self, Ran, Spawned, UserOwned},
};

pub(super) type Question =
    Arc<dyn Fn() -> Pin<Box<dyn Future<Output = Result<(), BoxError>> + Send>> + Send + Sync>;

/// A check to poll, and where its results go.
pub(super) struct Job {
    pub(super) question: UserOwned<Question>,
    pub(super) polled: Arc<Mutex<Polled>>,
    pub(super) settings: Settings,
}

/// The tasks that poll. They are aborted when this is dropped.
#[derive(Debug)]
pub(super) struct Pollers(Mutex<State>);

#[derive(Debug)]
enum State {
    Idle(Vec<Job>),
    Running(Vec<AbortHandle>),
}

impl Pollers {
    pub(super) const fn new(jobs: Vec<Job>) -> Self {
        Self(Mutex::new(State::Idle(jobs)))
    }

    /// Starts the tasks, unless they run already. The user's code runs on `runtime`, the tasks on `supervisor`.
    pub(super) fn start(&self, runtime: &Runtime, supervisor: &Runtime) {
        let mut state = lock(&self.0);
        if let State::Idle(jobs) = &mut *state {
            let jobs = std::mem::take(jobs).into_iter();
            let tasks = jobs.map(|job| supervisor.spawn(job.run(runtime.clone())).abort_handle());
            *state = State::Running(tasks.collect());
        }
    }
}

impl Drop for Pollers {
    fn drop(&mut self) {
        if let State::Running(tasks) = &*lock(&self.0) {
            for task in tasks {
                task.abort();
            }
        }
    }
}

impl Job {
    async fn run(self, runtime: Runtime) {
        let mut ticks = interval(self.settings.every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut hung = None;
        loop {
            ticks.tick().await;
            let result = self.ask(&runtime, &mut hung).await;
            let mut polled = lock(&self.polled);
            polled.record(result, Instant::now());
        }
    }

    /// Asks once. If the last future that was aborted still blocks its thread, that is the result.
    async fn ask(
        &self,
        runtime: &Runtime,
        hung: &mut Option<Spawned<Result<(), String>>>,
    ) -> Result<(), String> {
        if hung.as_ref().is_some_and(|task| !task.is_finished()) {
            return Err("it is still at work, and can't be aborted".into());
        }
        let question = self.question.clone();
        let mut task = user_code::spawn(runtime, async move {
            question.take()().await.map_err(|error| user_code::text(&error))
        });
        match timeout(self.settings.timeout, &mut task).await {
            Ok(Ran::Done(answer)) => answer,
            Ok(Ran::Panicked(message)) => Err(format!("it panicked: {message}")),
            Ok(Ran::Cancelled) => Err("it was not asked: its runtime is gone".into()),
            Err(_) => {
                task.abort();
                *hung = Some(task);
                Err(format!("no answer within {:?}", self.settings.timeout))
            }
        }
    }
}

impl fmt::Debug for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Job").field("settings", &self.settings).finish_non_exhaustive()
    }
}
