//! Work that a shutdown waits for, by name.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::{runtime::Handle as Runtime, sync::watch, task::AbortHandle};

use crate::{
    error::BoxError,
    user_code::{self, Ours, Ran},
};

/// All work of a process.
#[derive(Debug, Default)]
pub(crate) struct Tasks {
    state: Mutex<State>,
    changed: watch::Sender<()>,
}

/// A part of the work that can be waited for, and aborted, alone.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Scope(pub(crate) u64);

/// Something that runs. Dropped without an [`end`](Self::end), it was cut off.
#[must_use = "the drain waits only as long as this lives"]
pub(crate) struct Running {
    tasks: Arc<Tasks>,
    id: u64,
    ended: bool,
}

/// How a task ended.
#[derive(Debug)]
pub(crate) enum Ending {
    Aborted,
    Done,
    Failed(String),
    Panicked(String),
}

#[derive(Debug, Default)]
struct State {
    next: u64,
    running: BTreeMap<u64, Entry>,
    /// What did not end by itself.
    cut_off: Vec<(Scope, Arc<str>)>,
}

#[derive(Debug)]
struct Entry {
    scope: Scope,
    name: Arc<str>,
    abort: Option<AbortHandle>,
    aborted: bool,
}

impl Tasks {
    /// Counts something that runs.
    pub(crate) fn enter(self: &Arc<Self>, scope: Scope, name: Arc<str>) -> Running {
        let mut state = self.state();
        let id = state.next;
        state.next += 1;
        state.running.insert(id, Entry { scope, name, abort: None, aborted: false });
        drop(state);
        Running { tasks: Arc::clone(self), id, ended: false }
    }

    /// Runs a task on `runtime`, and reports from `home` how it ended.
    pub(crate) fn spawn(
        self: &Arc<Self>,
        (runtime, home): (&Runtime, &Runtime),
        (scope, name): (Scope, Arc<str>),
        work: impl Future<Output = Result<(), BoxError>> + Send + 'static,
        report: impl FnOnce(Ending) + Send + 'static,
    ) {
        let guard = self.enter(scope, name);
        // The error ends where it was made, and only its text comes here.
        let task = user_code::spawn(runtime, async move { Ending::of(work.await) });
        if let Some(entry) = self.state().running.get_mut(&guard.id) {
            entry.abort = Some(task.abort_handle());
        }
        home.spawn(async move {
            let ending = Ending::from(task.await);
            let by_itself = matches!(ending, Ending::Done | Ending::Failed(_));
            // First: what waits for the end must not overtake the news of how it came.
            report(ending);
            if by_itself {
                guard.end();
            }
        });
    }

    /// Returns the names of what runs.
    pub(crate) fn running(&self, scope: Option<Scope>) -> Vec<Arc<str>> {
        let state = self.state();
        let running = state.running.values().filter(|entry| within(scope, entry.scope));
        running.map(|entry| Arc::clone(&entry.name)).collect()
    }

    /// Returns the names of what ended, but not by itself.
    pub(crate) fn cut_off(&self, scope: Option<Scope>) -> Vec<Arc<str>> {
        let state = self.state();
        let cut_off = state.cut_off.iter().filter(|(of, _)| within(scope, *of));
        cut_off.map(|(_, name)| Arc::clone(name)).collect()
    }

    /// Waits until nothing runs.
    pub(crate) async fn idle(&self, scope: Option<Scope>) {
        let mut changed = self.changed.subscribe();
        while !self.running(scope).is_empty() {
            // The sender lives in `self`, so that this can't fail.
            let _ = changed.changed().await;
        }
    }

    /// Aborts what runs. It may run on until it is next polled.
    pub(crate) fn abort(&self, scope: Option<Scope>) {
        for entry in self.state().running.values_mut() {
            if within(scope, entry.scope) {
                entry.aborted = true;
                if let Some(task) = &entry.abort {
                    task.abort();
                }
            }
        }
    }

    /// Forgets what was cut off in a scope that is over.
    #[cfg(feature = "operator")]
    pub(crate) fn forget(&self, scope: Scope) {
        self.state().cut_off.retain(|(of, _)| *of != scope);
    }

    fn leave(&self, id: u64, ended: bool) {
        let mut state = self.state();
        if let Some(Entry { scope, name, aborted, .. }) = state.running.remove(&id)
            && (aborted || !ended)
        {
            state.cut_off.push((scope, name));
        }
        drop(state);
        self.changed.send_replace(());
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // What is stored under this lock is whole at any time.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Running {
    /// Notes that the work has ended by itself.
    pub(crate) fn end(mut self) {
        self.ended = true;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.tasks.leave(self.id, self.ended);
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

fn within(asked: Option<Scope>, scope: Scope) -> bool {
    asked.is_none_or(|asked| asked == scope)
}

/// Writes names with their numbers: `reconcile (3), webhook`.
pub(crate) fn list(names: &[Arc<str>]) -> String {
    let mut counts = BTreeMap::new();
    for name in names {
        *counts.entry(&**name).or_insert(0) += 1;
    }
    let words = counts.into_iter().map(|(name, count)| match count {
        1 => name.to_owned(),
        count => format!("{name} ({count})"),
    });
    words.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_was_dropped_or_aborted_did_not_end_by_itself() {
        let tasks = Arc::new(Tasks::default());
        let here = Runtime::current();
        tasks.enter(Scope(1), "held".into()).end();
        drop(tasks.enter(Scope(1), "dropped".into()));
        tasks.spawn((&here, &here), (Scope(2), "done".into()), async { Ok(()) }, |_| ());
        let endless = std::future::pending();
        tasks.spawn((&here, &here), (Scope(2), "endless".into()), endless, |_| ());
        tasks.abort(Some(Scope(2)));
        tasks.idle(None).await;
        assert_eq!(list(&tasks.cut_off(Some(Scope(1)))), "dropped");
        assert!(list(&tasks.cut_off(Some(Scope(2)))).contains("endless"));
    }

    #[test]
    fn equal_names_are_counted() {
        let names = ["b", "a", "b"].map(Arc::from);
        assert_eq!(list(&names), "a, b (2)");
        assert_eq!(list(&[]), "");
    }
}
