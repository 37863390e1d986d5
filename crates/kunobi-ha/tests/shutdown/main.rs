//! The phases of a shutdown, under tokio's paused clock.
#![expect(clippy::unwrap_used, reason = "a test that can not go on has failed")]

mod budgets;
mod endings;
mod hooks;
#[path = "../common/log.rs"]
mod log;
mod message;
mod phases;
mod work;

use std::{future::pending, time::Duration};

use kunobi_ha::{
    BoxError,
    shutdown::{Handle, Phase, Reason, Report, Shutdown},
};
use tokio::{
    task::JoinHandle,
    time::{Instant, sleep},
};

pub(crate) const SIGTERM: Reason = Reason::Signal(15);
pub(crate) const SIGINT: Reason = Reason::Signal(2);

/// A shutdown without signals, with the default budgets, and a task that waits for it.
pub(crate) fn begin() -> (Handle, JoinHandle<Report>) {
    let shutdown = Shutdown::builder().manual().unwrap();
    (shutdown.handle(), tokio::spawn(shutdown.finished()))
}

/// Work that never ends by itself.
pub(crate) async fn endless() -> Result<(), BoxError> {
    pending().await
}

/// Notes each phase with the milliseconds since now at which it began.
pub(crate) fn watch(handle: &Handle) -> JoinHandle<Vec<(Phase, u128)>> {
    let handle = handle.clone();
    let began = Instant::now();
    tokio::spawn(async move {
        let mut seen = vec![(handle.phase(), 0)];
        while handle.phase() < Phase::Stopped {
            sleep(Duration::from_millis(1)).await;
            if seen.last().unwrap().0 != handle.phase() {
                seen.push((handle.phase(), began.elapsed().as_millis()));
            }
        }
        seen
    })
}

pub(crate) fn names<T: AsRef<str>>(names: &[T]) -> Vec<&str> {
    names.iter().map(AsRef::as_ref).collect()
}
