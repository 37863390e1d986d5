//! What is done between the drain and the end.

use std::{mem, pin::Pin, sync::Arc};

use tokio::{
    runtime::Handle as Runtime,
    time::{Instant, timeout_at},
};

use super::lease::LeaseHook;
use crate::{
    journal::error,
    termination_log::TerminationLog,
    user_code::{self, Ran, UserOwned},
};

/// The hooks of one shutdown, until they are taken to be run.
#[derive(Default)]
pub(super) struct Hooks {
    /// Asked for their release as soon as their own work has ended, beside the rest of the drain.
    pub(super) leases: HookList<LeaseHook>,
    #[cfg(feature = "operator")]
    pub(super) leases_added: u32,
    /// Done when all work has ended, and only if all of it ended by itself; the last one first.
    pub(super) release: HookList<Hook<Pending<Result<(), String>>>>,
    /// Done at the very end; the last one first.
    pub(super) stop: HookList<Hook<LastHook>>,
    /// Where the reason of a failed end is written.
    pub(super) messages: Vec<Arc<TerminationLog>>,
}

/// Hooks that are taken once; none can be added after that.
pub(super) enum HookList<T> {
    Open(Vec<T>),
    Taken,
}

pub(super) struct Hook<T> {
    pub(super) name: Arc<str>,
    pub(super) run: T,
}

/// What is done last.
#[cfg_attr(
    not(feature = "operator"),
    expect(dead_code, reason = "only the operator has something of ours to stop")
)]
pub(super) enum LastHook {
    Ours(Pending<()>),
    /// Fails with a reason.
    Users(Pending<Result<(), String>>),
}

pub(super) type Pending<T> = Pin<Box<dyn Future<Output = T> + Send>>;

impl<T> HookList<T> {
    /// Adds a hook; gives it back if the list was taken.
    pub(super) fn add(&mut self, hook: T) -> Result<(), T> {
        match self {
            Self::Open(hooks) => {
                hooks.push(hook);
                Ok(())
            }
            Self::Taken => Err(hook),
        }
    }

    /// Takes all hooks, in the order in which they were added.
    pub(super) fn take(&mut self) -> Vec<T> {
        match mem::replace(self, Self::Taken) {
            Self::Open(hooks) => hooks,
            Self::Taken => Vec::new(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Open(hooks) => hooks.is_empty(),
            Self::Taken => true,
        }
    }
}

impl<T> Default for HookList<T> {
    fn default() -> Self {
        Self::Open(Vec::new())
    }
}

/// Runs a future of the user's on the user's runtime, so that it can't hold up the supervisor's.
pub(super) fn on(
    runtime: Runtime,
    work: impl Future<Output = ()> + Send + 'static,
) -> Pending<Result<(), String>> {
    let work = UserOwned::new(Box::pin(work));
    Box::pin(async move {
        match user_code::spawn_owned(&runtime, work).await {
            Ran::Done(()) => Ok(()),
            Ran::Panicked(message) => Err(format!("panicked: {message}")),
            Ran::Cancelled => Err("was cancelled, or its runtime is gone".into()),
        }
    })
}

/// Runs one hook of ours until the deadline; `None` if it did not end by then.
pub(super) async fn run<T>(
    name: &str,
    work: impl Future<Output = T>,
    deadline: Instant,
) -> Option<T> {
    let result = timeout_at(deadline, work).await.ok();
    if result.is_none() {
        error!("{name} did not end in time");
    }
    result
}

/// Runs one hook of the user's until the deadline; says why it failed.
pub(super) async fn run_users(
    name: &str,
    work: Pending<Result<(), String>>,
    deadline: Instant,
) -> Result<(), String> {
    let result = timeout_at(deadline, work).await;
    result
        .unwrap_or_else(|_| Err("did not end in time".into()))
        .map_err(|why| format!("{name} {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hook_that_is_added_after_the_others_were_taken_is_given_back() {
        let mut hooks = HookList::default();
        assert_eq!((hooks.add("first"), hooks.add("second")), (Ok(()), Ok(())));
        assert_eq!(hooks.take(), ["first", "second"]);
        assert_eq!((hooks.add("late"), hooks.is_empty()), (Err("late"), true));
    }
}
