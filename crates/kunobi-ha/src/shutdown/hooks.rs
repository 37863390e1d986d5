//! What is done between the drain and the end.

use std::{pin::Pin, sync::Arc};

use tokio::{
    runtime::Handle as Runtime,
    time::{Instant, timeout_at},
};

use super::tally::Tally;
use crate::{
    journal::error,
    user_code::{self, Ran, UserOwned},
};

/// Done in the reverse of the order in which they were added.
#[derive(Default)]
pub(super) struct Hooks {
    /// Done as soon as what they wait for has ended, beside the rest of the drain.
    pub(super) early: Vec<Hook<Pending<Released>>>,
    /// Done when all work has ended.
    pub(super) release: Vec<Hook<Releasing>>,
    pub(super) stop: Vec<Hook<Stopping>>,
}

pub(super) struct Hook<T> {
    pub(super) name: Arc<str>,
    pub(super) run: T,
}

/// Told the names of work that did not end by itself; says what it did.
pub(super) type Releasing = Box<dyn FnOnce(&Tally) -> Pending<Released> + Send>;
pub(super) type Stopping = Pending<()>;
pub(super) type Pending<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// What a release came to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(not(feature = "operator"), allow(dead_code))] // `Nothing` is the operator's.
pub(crate) enum Released {
    Done,
    /// There was nothing to release.
    Nothing,
    /// It would have been wrong.
    Skipped,
}

/// Runs a future of the user's on the user's runtime, so that it can't hold up the supervisor's.
/// Tells whether it came to its end.
pub(super) fn on(
    runtime: Runtime,
    work: UserOwned<Pin<Box<impl Future<Output = ()> + Send + 'static>>>,
) -> Pending<bool> {
    Box::pin(async move {
        match user_code::spawn_owned(&runtime, work).await {
            Ran::Done(()) => return true,
            Ran::Panicked(message) => error!("a shutdown hook panicked: {message}"),
            Ran::Cancelled => error!("a shutdown hook was not run: its runtime is gone"),
        }
        false
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
