//! What is done between the drain and the end.

use std::{pin::Pin, sync::Arc};

use tokio::{
    runtime::Handle as Runtime,
    time::{Instant, timeout_at},
};

use super::lease::LeaseHook;
use crate::{
    journal::error,
    user_code::{self, Ran, UserOwned},
};

/// What is done between the drain and the end.
#[derive(Default)]
pub(super) struct Hooks {
    /// Asked for their release as soon as their own work has ended, beside the rest of the drain.
    pub(super) leases: Vec<LeaseHook>,
    #[cfg(feature = "operator")]
    pub(super) leases_added: u32,
    /// Done when all work has ended, and only if all of it ended by itself; the last one first. Each
    /// fails with a reason.
    pub(super) release: Vec<Hook<Pending<Result<(), String>>>>,
    /// Done last; the last one first.
    pub(super) stop: Vec<Hook<LastHook>>,
}

pub(super) struct Hook<T> {
    pub(super) name: Arc<str>,
    pub(super) run: T,
}

/// What is done last, and whose it is.
#[cfg_attr(
    not(feature = "operator"),
    expect(dead_code, reason = "only the operator has something of ours to stop")
)]
pub(super) enum LastHook {
    Ours(Pending<()>),
    Users(Pending<Result<(), String>>),
}

pub(super) type Pending<T> = Pin<Box<dyn Future<Output = T> + Send>>;

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

/// Runs one hook until the deadline.
pub(super) async fn run<T>(name: &str, work: Pending<T>, deadline: Instant) -> Option<T> {
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
